//! Datasets as they are told: DCAT's terms in snake case, one text per field in the reader's language, all of them
//! under `translations`.

use std::collections::BTreeMap;

use fairground_catalog::dataset::{CardPublisher, Dataset, DatasetCard, DatasetVersion, PublisherRef};
use fairground_catalog::search::{FacetCount, Reading, Respelling};
use fairground_catalog::table::{JobState, LoadJob, Table};
use fairground_domain::{
    Agent, Concept, ContactPoint, Distribution, DistributionId, LanguageTag, Licence, LocalizedText, Location,
    Timestamp,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::API_ROOT;
use crate::language::Texts;

/// Title and description in every language they have.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Translations {
    /// The title by language.
    pub(crate) title: Texts,
    /// The description by language.
    pub(crate) description: Texts,
}

/// Who answers for a dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PublisherBrief {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// Its readable address: `/api/v1/publishers/{slug}`.
    pub(crate) slug: String,
    /// Its name.
    pub(crate) name: String,
}

impl From<&PublisherRef> for PublisherBrief {
    fn from(publisher: &PublisherRef) -> Self {
        Self { id: Some(publisher.id.to_string()), slug: publisher.slug.to_string(), name: publisher.name.clone() }
    }
}

impl From<CardPublisher> for PublisherBrief {
    fn from(publisher: CardPublisher) -> Self {
        Self { id: None, slug: publisher.slug.into(), name: publisher.name }
    }
}

/// A `skos:Concept`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ConceptOut {
    /// Its IRI, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// What people read; empty when only the IRI is known.
    pub(crate) label: String,
}

/// A `dct:LicenseDocument`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LicenceOut {
    /// Its IRI or address, as the source gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// Its title, or the source's own words.
    pub(crate) title: String,
}

/// A `foaf:Agent`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AgentOut {
    /// Its IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) homepage: Option<String>,
    /// A functional mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

/// A `vcard:Kind`: whom to ask.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactPointOut {
    /// The name.
    pub(crate) name: String,
    /// The mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// The telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) telephone: Option<String>,
    /// A page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// A `dct:PeriodOfTime`, bounds as the source wrote them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PeriodOut {
    /// The beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<String>,
    /// The end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<String>,
}

/// A `dct:Location`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LocationOut {
    /// Its IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// Its name.
    pub(crate) label: String,
    /// West, south, east, north in degrees (WGS 84).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bbox: Option<[f64; 4]>,
    /// The geometry as the source wrote it (WKT or GeoJSON).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) geometry: Option<String>,
}

/// A `dcat:Distribution`: one way to get a dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DistributionOut {
    /// Its id, which a re-harvest keeps.
    pub(crate) id: String,
    /// Its IRI at the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// Its title.
    pub(crate) title: String,
    /// Its description.
    pub(crate) description: String,
    /// Where to get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_url: Option<String>,
    /// The file itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) download_url: Option<String>,
    /// `type/subtype`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_type: Option<String>,
    /// A short name such as `CSV`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
    /// How it is compressed or packed, as `type/subtype`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compress_format: Option<String>,
    /// Its size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) byte_size: Option<u64>,
    /// Its checksum, as `algorithm:hexadecimal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<String>,
    /// Its licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) licence: Option<LicenceOut>,
    /// Statements on rights.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rights: Vec<String>,
    /// When first issued, as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued: Option<String>,
    /// When last modified, as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    /// Languages, as BCP 47 tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) language: Vec<String>,
    /// Standards that it follows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) conforms_to: Vec<ConceptOut>,
    /// How long it is meant to stay: an IRI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) availability: Option<String>,
    /// Legislation that it falls under: IRIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) applicable_legislation: Vec<String>,
    /// Data services that give access to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) access_service: Vec<String>,
    /// A schema or data dictionary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) described_by: Option<String>,
    /// The table that the file became; the first one, when it holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) table: Option<TableBrief>,
    /// All tables in the file, when it holds several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tables: Vec<TableBrief>,
    /// The last load of the file, unless it ended well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load: Option<LoadBrief>,
    /// Source fields without a home in DCAT.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub(crate) extra: BTreeMap<String, Value>,
}

/// A table, in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TableBrief {
    /// Its id.
    pub(crate) id: String,
    /// Its readable address.
    pub(crate) slug: String,
    /// Its name within the file.
    pub(crate) name: String,
    /// Rows in it.
    pub(crate) rows: u64,
    /// Where it is described, with its columns and its data.
    pub(crate) href: String,
}

/// A load that has not ended well, in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LoadBrief {
    /// `queued`, `running`, `failed` or `cancelled`.
    pub(crate) state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// When it ended, or was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// What became of a dataset's files.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// The published tables.
    pub(super) tables: Vec<Table>,
    /// The newest load of each distribution.
    pub(super) loads: Vec<LoadJob>,
}

impl Files {
    /// Whether every load has ended well, so that nothing will change without the journal saying so.
    pub(super) fn are_settled(&self) -> bool {
        self.loads.iter().all(|job| job.state == JobState::Completed)
    }

    fn tables_of(&self, distribution: DistributionId) -> Vec<TableBrief> {
        let theirs = self.tables.iter().filter(|table| table.distribution_id == distribution);
        theirs.map(TableBrief::from).collect()
    }

    fn load_of(&self, distribution: DistributionId) -> Option<LoadBrief> {
        let job = self.loads.iter().find(|job| job.distribution == distribution)?;
        (job.state != JobState::Completed).then(|| LoadBrief {
            state: job.state.as_str(),
            reason: job.error.clone(),
            at: job.finished_at.unwrap_or(job.created_at),
        })
    }
}

impl From<&Table> for TableBrief {
    fn from(table: &Table) -> Self {
        Self {
            id: table.id.to_string(),
            slug: table.slug.to_string(),
            name: table.name.clone(),
            rows: table.rows,
            href: format!("{API_ROOT}/tables/{}", table.id),
        }
    }
}

/// What only a data service has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DataServiceOut {
    /// Where it is called.
    pub(crate) endpoint_url: Vec<String>,
    /// What describes it, such as an OpenAPI document.
    pub(crate) endpoint_description: Vec<String>,
    /// The datasets that it serves: IRIs or identifiers.
    pub(crate) serves_dataset: Vec<String>,
}

/// A relation to something else.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RelationOut {
    /// The property, such as `dct:isReferencedBy`.
    pub(crate) property: String,
    /// An IRI or identifier.
    pub(crate) target: String,
}

/// One dataset (or series, or data service), whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DatasetOut {
    /// Its id: a UUID, for ever.
    pub(crate) id: String,
    /// Its readable address, for ever.
    pub(crate) slug: String,
    /// `dataset`, `dataset-series` or `data-service`.
    pub(crate) kind: String,
    /// The identifier that its source gave it.
    pub(crate) identifier: String,
    /// Its own IRI at the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// Its title, in the reader's language where there is one.
    pub(crate) title: String,
    /// Its description as the source wrote it; may hold HTML or Markdown.
    pub(crate) description: String,
    /// Title and description in every language.
    pub(crate) translations: Translations,
    /// Who answers for it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publisher: Option<PublisherBrief>,
    /// Who made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) creator: Vec<AgentOut>,
    /// Whom to ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) contact_point: Vec<ContactPointOut>,
    /// Keywords in every language, without repetition.
    pub(crate) keyword: Vec<String>,
    /// Themes.
    pub(crate) theme: Vec<ConceptOut>,
    /// The licence of the dataset itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) licence: Option<LicenceOut>,
    /// Who may get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_rights: Option<ConceptOut>,
    /// Statements on rights.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rights: Vec<String>,
    /// When first issued, as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued: Option<String>,
    /// When last modified, as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    /// Languages of the data, as BCP 47 tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) language: Vec<String>,
    /// How often it is renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frequency: Option<ConceptOut>,
    /// The time that it covers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) temporal: Vec<PeriodOut>,
    /// The places that it covers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) spatial: Vec<LocationOut>,
    /// Pages about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) landing_page: Vec<String>,
    /// Documentation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) page: Vec<String>,
    /// Standards that it follows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) conforms_to: Vec<ConceptOut>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) provenance: Vec<String>,
    /// The source's own version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// What is new in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) version_notes: String,
    /// Further identifiers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) other_identifier: Vec<String>,
    /// Series that it belongs to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) in_series: Vec<String>,
    /// Other relations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) relation: Vec<RelationOut>,
    /// Legislation that it falls under: IRIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) applicable_legislation: Vec<String>,
    /// High-value dataset categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hvd_category: Vec<ConceptOut>,
    /// Ways to get it.
    pub(crate) distribution: Vec<DistributionOut>,
    /// What only a data service has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<DataServiceOut>,
    /// Source fields without a home in DCAT.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub(crate) extra: BTreeMap<String, Value>,
    /// Which version of it this is in our history, from 1: `/api/v1/datasets/{id}/versions/{revision}`.
    pub(crate) revision: i32,
    /// SHA-256 of this version, in hexadecimal.
    pub(crate) content_hash: String,
    /// When it first became public here (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When this version became public here (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// One dataset in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DatasetItem {
    /// Its id.
    pub(crate) id: String,
    /// Its readable address.
    pub(crate) slug: String,
    /// `dataset`, `dataset-series` or `data-service`.
    pub(crate) kind: String,
    /// The identifier that its source gave it.
    pub(crate) identifier: String,
    /// Its title.
    pub(crate) title: String,
    /// The start of its description.
    pub(crate) description: String,
    /// Title and start of the description in every language.
    pub(crate) translations: Translations,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publisher: Option<PublisherBrief>,
    /// Some of its keywords.
    pub(crate) keyword: Vec<String>,
    /// Formats of its distributions.
    pub(crate) format: Vec<String>,
    /// How many distributions it has.
    pub(crate) distribution_count: usize,
    /// Licences: IRIs, or the source's words.
    pub(crate) licence: Vec<String>,
    /// When first issued, as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issued: Option<String>,
    /// When last modified, as the source wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    /// How often it is renewed: an IRI or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frequency: Option<String>,
    /// Its version in our history, from 1.
    pub(crate) revision: i32,
    /// When this version became public here.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
}

/// One value of a facet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FacetValue {
    /// What a filter uses.
    pub(crate) value: String,
    /// What people read.
    pub(crate) label: String,
    /// How many datasets have it.
    pub(crate) count: u64,
}

/// How the words were taken, when not as typed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReadingOut {
    /// Words that nothing, or next to nothing, holds, and what was searched too.
    pub(crate) respelled: Vec<RespellingOut>,
    /// True when some of the datasets found hold only some of the words.
    pub(crate) fewer_words: bool,
    /// How many datasets hold all the words, whatever the filters.
    pub(crate) with_all_words: u64,
    /// Another spelling that finds more, when little was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) did_you_mean: Option<DidYouMeanOut>,
}

/// The same question in another spelling.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DidYouMeanOut {
    /// What to ask as `q`.
    pub(crate) q: String,
    /// How many datasets that finds, with the same filters.
    pub(crate) total: u64,
}

/// One word searched in place of another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RespellingOut {
    /// As typed.
    pub(crate) typed: String,
    /// As searched.
    pub(crate) taken: String,
    /// How many datasets hold the word as typed: none, or very few.
    pub(crate) held: u64,
}

/// One page of datasets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DatasetPage {
    /// The datasets of this page.
    pub(crate) items: Vec<DatasetItem>,
    /// How many match in all.
    pub(crate) total: u64,
    /// Counts by facet, for those asked for.
    pub(crate) facets: BTreeMap<String, Vec<FacetValue>>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// How the words were taken, when not as typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reading: Option<ReadingOut>,
}

/// One version in a dataset's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct VersionItem {
    /// Its number, from 1.
    pub(crate) revision: i32,
    /// SHA-256 of its document.
    pub(crate) content_hash: String,
    /// When it became public.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) published_at: Timestamp,
}

/// A dataset's history, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct VersionList {
    /// The versions.
    pub(crate) items: Vec<VersionItem>,
    /// How many there are.
    pub(crate) total: usize,
}

impl From<DatasetVersion> for VersionItem {
    fn from(version: DatasetVersion) -> Self {
        Self {
            revision: version.version,
            content_hash: version.content_hash.to_string(),
            published_at: version.published_at,
        }
    }
}

impl From<FacetCount> for FacetValue {
    fn from(facet: FacetCount) -> Self {
        Self { value: facet.value, label: facet.label, count: facet.count }
    }
}

impl ReadingOut {
    /// `None` when the words were taken as typed.
    pub(super) fn of(reading: Reading) -> Option<Self> {
        let as_typed = reading.respelled.is_empty() && !reading.fewer_words && reading.did_you_mean.is_none();
        let respelt = |word: Respelling| RespellingOut { typed: word.typed, taken: word.taken, held: word.held };
        (!as_typed).then_some(Self {
            respelled: reading.respelled.into_iter().map(respelt).collect(),
            fewer_words: reading.fewer_words,
            with_all_words: reading.with_all_words,
            did_you_mean: reading.did_you_mean.map(|other| DidYouMeanOut { q: other.text, total: other.total }),
        })
    }
}

impl DatasetItem {
    /// A card for a reader of these languages.
    pub(crate) fn of(card: DatasetCard, languages: &[LanguageTag]) -> Self {
        Self {
            id: card.id.to_string(),
            slug: card.slug.to_string(),
            kind: card.kind.as_str().to_owned(),
            identifier: card.identifier,
            title: card.title.best(languages).to_owned(),
            description: card.excerpt.best(languages).to_owned(),
            translations: Translations { title: Texts::of(&card.title), description: Texts::of(&card.excerpt) },
            publisher: card.publisher.map(PublisherBrief::from),
            keyword: card.keywords,
            format: card.formats,
            distribution_count: card.distributions,
            licence: card.licences,
            issued: card.issued,
            modified: card.modified,
            frequency: card.frequency,
            revision: card.version,
            updated_at: card.updated_at,
        }
    }
}

impl DatasetOut {
    /// A dataset for a reader of these languages.
    pub(super) fn of(dataset: &Dataset, files: &Files, languages: &[LanguageTag]) -> Self {
        let to = Reader(languages);
        let draft = &dataset.draft;
        let mut keyword: Vec<String> = Vec::new();
        for (_, word) in &draft.keyword {
            if !keyword.contains(word) {
                keyword.push(word.clone());
            }
        }
        let distribution_ids = dataset.distribution_ids();
        Self {
            id: dataset.id.to_string(),
            slug: dataset.slug.to_string(),
            kind: draft.kind.as_str().to_owned(),
            identifier: draft.identifier.clone(),
            iri: draft.iri.clone(),
            title: to.text(&draft.title),
            description: to.text(&draft.description),
            translations: Translations { title: Texts::of(&draft.title), description: Texts::of(&draft.description) },
            publisher: dataset.publisher.as_ref().map(PublisherBrief::from),
            creator: draft.creator.iter().map(|agent| to.agent(agent)).collect(),
            contact_point: draft.contact_point.iter().map(|contact| to.contact(contact)).collect(),
            keyword,
            theme: to.concepts(&draft.theme),
            licence: draft.licence.as_ref().map(|licence| to.licence(licence)),
            access_rights: draft.access_rights.as_ref().map(|concept| to.concept(concept)),
            rights: to.texts(&draft.rights),
            issued: draft.issued.clone(),
            modified: draft.modified.clone(),
            language: tags(&draft.language),
            frequency: draft.frequency.as_ref().map(|concept| to.concept(concept)),
            temporal: draft
                .temporal
                .iter()
                .map(|period| PeriodOut { start: period.start.clone(), end: period.end.clone() })
                .collect(),
            spatial: draft.spatial.iter().map(|place| to.place(place)).collect(),
            landing_page: draft.landing_page.clone(),
            page: draft.page.clone(),
            conforms_to: to.concepts(&draft.conforms_to),
            provenance: to.texts(&draft.provenance),
            version: draft.version.clone(),
            version_notes: to.text(&draft.version_notes),
            other_identifier: draft.other_identifier.clone(),
            in_series: draft.in_series.clone(),
            relation: draft
                .relation
                .iter()
                .map(|relation| RelationOut { property: relation.property.clone(), target: relation.target.clone() })
                .collect(),
            applicable_legislation: draft.applicable_legislation.clone(),
            hvd_category: to.concepts(&draft.hvd_category),
            distribution: draft
                .distribution
                .iter()
                .zip(&distribution_ids)
                .map(|(distribution, id)| to.distribution(distribution, *id, files))
                .collect(),
            service: draft.service.as_ref().map(|service| DataServiceOut {
                endpoint_url: service.endpoint_url.clone(),
                endpoint_description: service.endpoint_description.clone(),
                serves_dataset: service.serves_dataset.clone(),
            }),
            extra: draft.extra.clone(),
            revision: dataset.version,
            content_hash: dataset.content_hash.to_string(),
            created_at: dataset.created_at,
            updated_at: dataset.updated_at,
        }
    }
}

fn tags(languages: &[LanguageTag]) -> Vec<String> {
    languages.iter().map(ToString::to_string).collect()
}

/// Tells things in a reader's languages.
struct Reader<'a>(&'a [LanguageTag]);

impl Reader<'_> {
    fn text(&self, text: &LocalizedText) -> String {
        text.best(self.0).to_owned()
    }

    fn texts(&self, texts: &[LocalizedText]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    fn concept(&self, concept: &Concept) -> ConceptOut {
        ConceptOut { iri: concept.iri.clone(), label: self.text(&concept.label) }
    }

    fn concepts(&self, concepts: &[Concept]) -> Vec<ConceptOut> {
        concepts.iter().map(|concept| self.concept(concept)).collect()
    }

    fn licence(&self, licence: &Licence) -> LicenceOut {
        LicenceOut { iri: licence.iri.clone(), title: self.text(&licence.title) }
    }

    fn agent(&self, agent: &Agent) -> AgentOut {
        AgentOut {
            iri: agent.iri.clone(),
            name: self.text(&agent.name),
            homepage: agent.homepage.clone(),
            email: agent.email.clone(),
        }
    }

    fn contact(&self, contact: &ContactPoint) -> ContactPointOut {
        ContactPointOut {
            name: self.text(&contact.name),
            email: contact.email.clone(),
            telephone: contact.telephone.clone(),
            url: contact.url.clone(),
        }
    }

    fn place(&self, place: &Location) -> LocationOut {
        LocationOut {
            iri: place.iri.clone(),
            label: self.text(&place.label),
            bbox: place.bbox,
            geometry: place.geometry.clone(),
        }
    }

    fn distribution(&self, distribution: &Distribution, id: DistributionId, files: &Files) -> DistributionOut {
        let tables = files.tables_of(id);
        DistributionOut {
            id: id.to_string(),
            table: tables.first().cloned(),
            tables: if tables.len() > 1 { tables } else { Vec::new() },
            load: files.load_of(id),
            iri: distribution.iri.clone(),
            title: self.text(&distribution.title),
            description: self.text(&distribution.description),
            access_url: distribution.access_url.clone(),
            download_url: distribution.download_url.clone(),
            media_type: distribution.media_type.clone(),
            format: distribution.format.clone(),
            compress_format: distribution.compress_format.clone(),
            byte_size: distribution.byte_size,
            checksum: distribution.checksum.as_ref().map(|sum| format!("{}:{}", sum.algorithm, sum.value)),
            licence: distribution.licence.as_ref().map(|licence| self.licence(licence)),
            rights: self.texts(&distribution.rights),
            issued: distribution.issued.clone(),
            modified: distribution.modified.clone(),
            language: tags(&distribution.language),
            conforms_to: self.concepts(&distribution.conforms_to),
            availability: distribution.availability.clone(),
            applicable_legislation: distribution.applicable_legislation.clone(),
            access_service: distribution.access_service.clone(),
            described_by: distribution.public_description().map(str::to_owned),
            extra: distribution.extra.clone(),
        }
    }
}

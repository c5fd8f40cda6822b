//! One dataset, series or data service: its page.

mod distribution;
mod format;
mod history;
mod json_ld;
mod show;

use askama::Template;
use fairground_catalog::correction::FieldCorrection;
use fairground_domain::{Agent, Concept, ContactPoint, DatasetDraft, Location, PeriodOfTime, ResourceKind, Timestamp};

use crate::conversation::ConversationCard;
use crate::layout::{Frame, Link};
use crate::prose::{SafeHtml, excerpt, prose, safe_href};
use crate::quality::QualityCard;
use crate::screen::ScreenCard;
use crate::search::{Filter, href_for};
use crate::table::{LoadState, Shelf, Shelves, TableCard};
use crate::words::{Freshness, Language, LicenceKind, LicenceWords, Said};

pub use distribution::DistributionCard;
pub use format::{format_name, format_of};
pub(crate) use history::show_history;
pub(crate) use show::show_dataset;

/// Longest meta description, in characters.
const SUMMARY_CHARS: usize = 160;
/// Most values of a list that stand on the page; the API has them all.
const MOST_VALUES: usize = 60;
/// Most distributions on the page; the API has them all.
const MOST_DISTRIBUTIONS: usize = 200;

/// What the catalogue adds to a description: where the dataset stands with us.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Its publisher's name and page.
    pub publisher: Option<Link>,
    /// When we first published it.
    pub published_at: Timestamp,
    /// When we last changed it.
    pub changed_at: Timestamp,
    /// How many times it changed here, from 1.
    pub revision: u64,
    /// What the catalogues are called that it was harvested from and that list it as well.
    pub sources: Vec<String>,
    /// What its publisher corrected of what its source says.
    pub corrections: Vec<FieldCorrection>,
}

/// A text that may lead somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// What it says.
    pub text: Said,
    /// Where it goes, if it is an address that may be followed.
    pub href: Option<String>,
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their name.
    pub name: Said,
    /// Their mailbox.
    pub email: Option<String>,
    /// Their telephone.
    pub telephone: Option<String>,
    /// Their page.
    pub href: Option<String>,
}

/// The page of a dataset.
#[derive(Debug, Clone)]
pub struct DatasetPage {
    /// How good its description is.
    pub quality: Option<QualityCard>,
    /// What the personal-data screen said of it.
    pub screen: Option<ScreenCard>,
    /// Datasets that are about the same.
    pub similar: Vec<Link>,
    /// What was asked about it, and answered.
    pub conversation: ConversationCard,
    /// Where it stands with us.
    pub listing: Listing,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// Its title.
    pub title: Said,
    /// Its description, safe to show.
    pub description: SafeHtml,
    /// The description's language where it differs from the interface's.
    pub description_lang: Option<String>,
    /// That it exists only in another language, if so.
    pub description_note: Option<String>,
    /// The first words of it.
    pub summary: String,
    /// When it was updated, against its promise.
    pub freshness: Freshness,
    /// Its licence.
    pub licence: LicenceWords,
    /// The ways to get it.
    pub distributions: Vec<DistributionCard>,
    /// What the shown distributions became, in their order.
    pub shelves: Vec<Shelf>,
    /// Tables of none of them.
    pub other_tables: Vec<TableCard>,
    /// Whether a load is under way, so that the page should look again.
    pub is_moving: bool,
    /// How many more there are than the page shows.
    pub more_distributions: usize,
    /// Where a data service answers.
    pub endpoints: Vec<Mention>,
    /// What describes a data service.
    pub endpoint_descriptions: Vec<Mention>,
    /// Its themes, each leading to its datasets.
    pub themes: Vec<Link>,
    /// Its keywords, each leading to its datasets.
    pub keywords: Vec<Link>,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// Who made it.
    pub creators: Vec<Mention>,
    /// When it was issued, in words.
    pub issued: Option<String>,
    /// When it was modified, in words.
    pub modified: Option<String>,
    /// The times it covers.
    pub temporal: Vec<String>,
    /// The places it covers.
    pub spatial: Vec<Mention>,
    /// Its languages.
    pub languages: Vec<String>,
    /// Who may have access.
    pub access_rights: Option<Mention>,
    /// Statements of rights.
    pub rights: Vec<Said>,
    /// Standards it follows.
    pub conforms_to: Vec<Mention>,
    /// Where it comes from.
    pub provenance: Vec<Said>,
    /// Its version and notes on it.
    pub version: Option<String>,
    /// Notes on the version.
    pub version_notes: Option<Said>,
    /// Its page at the publisher's.
    pub landing_pages: Vec<String>,
    /// Its documentation.
    pub documentation: Vec<String>,
    /// The series it belongs to.
    pub series: Vec<Mention>,
    /// The law it is published under.
    pub legislation: Vec<Mention>,
    /// Its identifier at the source.
    pub identifier: String,
    /// schema.org/Dataset as JSON, safe inside a `script` element.
    pub json_ld: String,
}

impl DatasetPage {
    /// The page for a description, where it stands, and what its distributions became.
    #[must_use]
    pub fn of(
        draft: &DatasetDraft,
        listing: Listing,
        shelves: Shelves,
        public_url: &str,
        now: Timestamp,
        language: Language,
    ) -> Self {
        let description = language.best_of(&draft.description);
        let summary = excerpt(&description.text, SUMMARY_CHARS);
        let dataset_licence =
            draft.licence.as_ref().or_else(|| draft.distribution.iter().find_map(|one| one.licence.as_ref()));
        let licence = LicenceWords::of(dataset_licence);
        let service = draft.service.clone().unwrap_or_default();
        let mentions = |addresses: &[String]| addresses.iter().take(MOST_VALUES).map(|one| mention_of(one)).collect();
        let hrefs = |addresses: &[String]| {
            addresses.iter().filter_map(|one| safe_href(one)).take(MOST_VALUES).collect::<Vec<_>>()
        };
        Self {
            quality: None,
            screen: None,
            similar: Vec::new(),
            conversation: ConversationCard::default(),
            kind: draft.kind,
            title: language.best_of(&draft.title),
            description: prose(&description.text),
            description_note: description.note(language),
            description_lang: description.lang,
            summary,
            freshness: Freshness::told(
                draft.modified.as_deref().or(draft.issued.as_deref()),
                draft.frequency.as_ref(),
                now,
                language,
            ),
            distributions: draft
                .distribution
                .iter()
                .take(MOST_DISTRIBUTIONS)
                .map(|one| DistributionCard::of(one, &licence, language))
                .collect(),
            more_distributions: draft.distribution.len().saturating_sub(MOST_DISTRIBUTIONS),
            endpoints: mentions(&service.endpoint_url),
            endpoint_descriptions: mentions(&service.endpoint_description),
            themes: draft.theme.iter().filter_map(|theme| theme_link(theme, language)).take(MOST_VALUES).collect(),
            keywords: keyword_links(draft),
            contacts: draft.contact_point.iter().take(MOST_VALUES).map(|one| contact_of(one, language)).collect(),
            creators: draft.creator.iter().take(MOST_VALUES).map(|one| agent_mention(one, language)).collect(),
            issued: draft.issued.as_deref().map(|text| language.as_written(text)),
            modified: draft.modified.as_deref().map(|text| language.as_written(text)),
            temporal: draft
                .temporal
                .iter()
                .take(MOST_VALUES)
                .map(|time| period(time, language))
                .filter(|text| !text.is_empty())
                .collect(),
            spatial: draft
                .spatial
                .iter()
                .take(MOST_VALUES)
                .filter_map(|place| place_mention(place, language))
                .collect(),
            languages: draft.language.iter().take(MOST_VALUES).map(|tag| language.name_of(tag.as_str())).collect(),
            access_rights: draft.access_rights.as_ref().map(|rights| access_mention(rights, language)),
            rights: draft.rights.iter().take(MOST_VALUES).map(|text| language.best_of(text)).collect(),
            conforms_to: draft.conforms_to.iter().take(MOST_VALUES).map(|one| concept_mention(one, language)).collect(),
            provenance: draft.provenance.iter().take(MOST_VALUES).map(|text| language.best_of(text)).collect(),
            version: draft.version.clone(),
            version_notes: Some(language.best_of(&draft.version_notes)).filter(|notes| !notes.text.is_empty()),
            landing_pages: hrefs(&draft.landing_page),
            documentation: hrefs(&draft.page),
            series: mentions(&draft.in_series),
            legislation: mentions(&draft.applicable_legislation),
            identifier: draft.identifier.clone(),
            json_ld: json_ld::of(draft, &listing, &shelves, public_url),
            is_moving: shelves.is_moving(now),
            shelves: shelves.by_distribution.into_iter().take(MOST_DISTRIBUTIONS).collect(),
            other_tables: shelves.others,
            licence,
            listing,
        }
    }
}

/// An address or identifier: a link where it may be followed.
fn mention_of(address: &str) -> Mention {
    Mention { text: Said::plain(address), href: safe_href(address) }
}

fn concept_mention(concept: &Concept, language: Language) -> Mention {
    let iri = concept.iri.as_deref().unwrap_or_default();
    let label = language.best_of(&concept.label);
    let text = if label.text.is_empty() { Said::plain(last_name(iri)) } else { label };
    Mention { text, href: safe_href(iri) }
}

/// Who may have access: in plain words where the source names one of the EU's list, whose own page is for machines.
fn access_mention(rights: &Concept, language: Language) -> Mention {
    let code = rights.iri.as_deref().map(last_name).unwrap_or_default();
    match code.as_str() {
        "PUBLIC" | "RESTRICTED" | "NON_PUBLIC" | "SENSITIVE" | "CONFIDENTIAL" => {
            Mention { text: Said::plain(language.t("dataset-access-right").with("code", code).text()), href: None }
        }
        _ => concept_mention(rights, language),
    }
}

fn agent_mention(agent: &Agent, language: Language) -> Mention {
    Mention { text: language.best_of(&agent.name), href: agent.homepage.as_deref().and_then(safe_href) }
}

/// A place by its name; by its box where it has no name.
fn place_mention(place: &Location, language: Language) -> Option<Mention> {
    let label = language.best_of(&place.label);
    let iri = place.iri.as_deref().unwrap_or_default();
    let text = if !label.text.is_empty() {
        label
    } else if !iri.is_empty() {
        Said::plain(last_name(iri))
    } else {
        let [west, south, east, north] = place.bbox?;
        Said::plain(box_in_words([west, south, east, north], language))
    };
    Some(Mention { text, href: safe_href(iri) })
}

/// `54.74° N – 55.08° N, 2.05° E – 2.66° E`.
fn box_in_words([west, south, east, north]: [f64; 4], language: Language) -> String {
    let degrees = |number: f64, above: &'static str, below: &'static str| {
        let side = language.t(if number < 0.0 { below } else { above });
        let number = format!("{:.2}", number.abs());
        let number = if language == Language::En { number } else { number.replace('.', ",") };
        format!("{number}°\u{a0}{side}")
    };
    let height = |number| degrees(number, "dataset-north", "dataset-south");
    let width = |number| degrees(number, "dataset-east", "dataset-west");
    format!("{} – {}, {} – {}", height(south), height(north), width(west), width(east))
}

fn contact_of(contact: &ContactPoint, language: Language) -> Contact {
    Contact {
        name: language.best_of(&contact.name),
        email: contact.email.clone().filter(|email| safe_href(&format!("mailto:{email}")).is_some()),
        telephone: contact.telephone.clone(),
        href: contact.url.as_deref().and_then(safe_href),
    }
}

/// A theme by its name in the reader's language, if it is one of the EU's list.
fn theme_link(theme: &Concept, language: Language) -> Option<Link> {
    let label = language.best_of(&theme.label).text;
    let iri = theme.iri.as_deref().unwrap_or_default();
    let text = match iri.rsplit_once("/data-theme/") {
        Some((_, code)) => language.theme(code),
        None if label.is_empty() => last_name(iri),
        None => label,
    };
    let value = theme.iri.as_deref().unwrap_or(&text);
    (!text.is_empty()).then(|| Link::new(&text, href_for(Filter::Theme, value)))
}

fn keyword_links(draft: &DatasetDraft) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for (_, keyword) in &draft.keyword {
        let link = Link::new(keyword, href_for(Filter::Keyword, keyword));
        if links.len() < MOST_VALUES && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn period(period: &PeriodOfTime, language: Language) -> String {
    let end =
        |text: &Option<String>| text.as_deref().map(|text| language.as_written(text)).filter(|text| !text.is_empty());
    match (end(&period.start), end(&period.end)) {
        (Some(start), Some(end)) if start == end => start,
        (Some(start), Some(end)) => language.t("dataset-period").with("start", start).with("end", end).text(),
        (Some(start), None) => language.t("dataset-from").with("start", start).text(),
        (None, Some(end)) => language.t("dataset-until").with("end", end).text(),
        (None, None) => String::new(),
    }
}

/// The last part of an IRI, which in authority tables is the value's name.
fn last_name(iri: &str) -> String {
    iri.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(iri).to_owned()
}

impl DatasetPage {
    /// The distributions with what each became.
    pub fn shelved(&self) -> impl Iterator<Item = (&DistributionCard, Option<&Shelf>)> {
        self.distributions.iter().enumerate().map(|(place, card)| (card, self.shelves.get(place)))
    }

    /// Whether any of its files became a table.
    #[must_use]
    pub fn has_tables(&self) -> bool {
        !self.other_tables.is_empty() || self.shelves.iter().any(|shelf| !shelf.tables.is_empty())
    }

    /// Every table, for a look at it.
    pub fn tables(&self) -> impl Iterator<Item = &TableCard> {
        self.shelves.iter().flat_map(|shelf| &shelf.tables).chain(&self.other_tables)
    }

    /// The source it is harvested from.
    #[must_use]
    pub fn source(&self) -> Option<&String> {
        self.listing.sources.first()
    }

    /// The sources that list it as well.
    #[must_use]
    pub fn also_listed_by(&self) -> String {
        self.listing.sources.iter().skip(1).map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// What its publisher corrected: each field's name, and since when it or its source says otherwise.
    pub fn corrected(&self) -> impl Iterator<Item = (Option<&'static str>, &FieldCorrection)> {
        self.listing.corrections.iter().map(|one| (history::name_key(&one.field), one))
    }

    /// What its licence lets people do, in plain words.
    #[must_use]
    pub fn licence_plain(&self, frame: &Frame<'_>) -> String {
        self.licence.plainly(frame.language).text()
    }

    /// The key of what it is called: dataset, series or service.
    #[must_use]
    pub fn about_key(&self) -> &'static str {
        match self.kind {
            ResourceKind::Dataset => "dataset-about-dataset",
            ResourceKind::DatasetSeries => "dataset-about-series",
            ResourceKind::DataService => "dataset-about-service",
        }
    }

    /// Everything about it as data.
    #[must_use]
    pub fn api(&self) -> String {
        format!("/api/v1/datasets/{}", self.listing.slug)
    }

    /// What changed, version by version.
    #[must_use]
    pub fn history_href(&self) -> String {
        format!("/datasets/{}/versions", self.listing.slug)
    }

    /// The tables of no distribution, each with its title.
    pub fn other_lines(&self) -> impl Iterator<Item = (Option<&str>, &TableCard)> {
        self.other_tables.iter().map(|table| (Some(table.title.as_str()), table))
    }
}

/// The template of [`DatasetPage`].
#[derive(Debug, Template)]
#[template(path = "dataset/page.html")]
pub struct DatasetView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a DatasetPage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_and_places_are_said_in_words() {
        for (start, end, said) in [
            (Some("2020"), Some("2021-03"), "2020 – March 2021"),
            (Some("2020"), Some("2020"), "2020"),
            (Some("2020-01-01"), None, "from 1 January 2020"),
            (None, Some("2021"), "until 2021"),
            (None, None, ""),
        ] {
            let given = PeriodOfTime { start: start.map(str::to_owned), end: end.map(str::to_owned) };
            assert_eq!(period(&given, Language::En), said);
        }
        let bbox = [-2.05, 54.74, 2.66, 55.084];
        assert_eq!(box_in_words(bbox, Language::En), "54.74°\u{a0}N – 55.08°\u{a0}N, 2.05°\u{a0}W – 2.66°\u{a0}E");
        assert_eq!(box_in_words(bbox, Language::Fr), "54,74°\u{a0}N – 55,08°\u{a0}N, 2,05°\u{a0}O – 2,66°\u{a0}E");
    }

    #[test]
    fn themes_and_access_rights_of_the_eu_lists_are_said_in_the_reader_s_language() {
        let of = |iri: &str| Concept { iri: Some(iri.to_owned()), ..Concept::default() };
        let theme = of("http://publications.europa.eu/resource/authority/data-theme/HEAL");
        assert_eq!(theme_link(&theme, Language::Fr).map(|link| link.text), Some("Santé".to_owned()));
        let own = of("https://city.example/themes/parks");
        assert_eq!(theme_link(&own, Language::Fr).map(|link| link.text), Some("parks".to_owned()));
        let public = of("http://publications.europa.eu/resource/authority/access-right/PUBLIC");
        assert_eq!(access_mention(&public, Language::De).text.text, "öffentlich");
        let other = access_mention(&of("https://city.example/on-request"), Language::De);
        assert_eq!((other.text.text.as_str(), other.href.is_some()), ("on-request", true));
    }
}

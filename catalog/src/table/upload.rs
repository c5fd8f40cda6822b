//! Tables that somebody uploads, rather than a distribution bringing them.

use fairground_domain::{
    ContentHash, DatasetDraft, DatasetId, Distribution, DistributionId, HoldId, LocalizedText, ResourceKind, Slug,
};

use super::publish::{LoadedFile, LoadedTable, Published, publish_snapshots};
use crate::dataset::{self, Dataset, DatasetRow, Publication, PublicationState, Replacement};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::gate::{self, Clearance, FileScreening, Verdict};
use crate::journal::{self, EventKind};
use crate::publisher::Directory;

/// The publisher of datasets that were made here for an upload.
const LOCAL_PUBLISHER: &str = "local";

/// A file that was loaded from this machine.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The dataset that it belongs to; made when there is none. Without it the file has a dataset of its own, by its name.
    pub dataset: Option<Slug>,
    /// The file's name, with its ending: the same name is the same distribution, so that it gets a new version.
    pub file_name: String,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub source_hash: ContentHash,
    /// The tables in it.
    pub tables: Vec<LoadedTable>,
}

impl Upload {
    /// The file's name without its endings.
    fn stem(&self) -> &str {
        let name = self.file_name.as_str();
        name.split('.').find(|part| !part.is_empty()).unwrap_or(name)
    }

    /// The dataset's address.
    fn slug(&self) -> Result<Slug, CatalogError> {
        let own = || Slug::from_title(self.stem());
        self.dataset.clone().or_else(own).ok_or_else(|| CatalogError::Invalid {
            field: "dataset",
            problem: format!("`{}` suggests no address: name a dataset", self.file_name),
        })
    }

    /// What names the distribution within its dataset.
    fn iri(&self) -> String {
        format!("upload:{}", self.file_name)
    }

    /// The distribution's id within a dataset.
    fn distribution_id(&self, dataset: DatasetId) -> DistributionId {
        DistributionId::derived(dataset, &format!("{}#0", self.iri()))
    }

    fn distribution(&self) -> Distribution {
        let ending = self.file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_uppercase());
        Distribution {
            iri: Some(self.iri()),
            title: LocalizedText::undetermined(self.file_name.as_str()),
            format: ending.filter(|ending| !ending.is_empty()),
            byte_size: Some(self.bytes),
            ..Distribution::default()
        }
    }
}

/// Publishes an uploaded file; gives its dataset's address and what became of its tables. A dataset that was made here lists the
/// file as a distribution; a harvested one stays as its source describes it, and only has the tables.
///
/// # Errors
/// `Invalid` when neither dataset nor file name give an address; `Storage` when the database fails.
pub fn publish_upload(
    tx: &mut Tx<'_>,
    upload: &Upload,
    versions_kept: u32,
    actor: &str,
) -> Result<(Slug, Vec<Published>), CatalogError> {
    let slug = upload.slug()?;
    let dataset = match dataset::get(tx, slug.as_str()) {
        Ok(known) if known.provenance.is_some() => known.id,
        Ok(known) => update(tx, &known, upload, actor)?,
        Err(CatalogError::NotFound { .. }) => create(tx, &slug, upload, actor)?,
        Err(other) => return Err(other),
    };
    let file = LoadedFile {
        dataset,
        distribution: upload.distribution_id(dataset),
        title: if upload.tables.len() > 1 { upload.stem().to_owned() } else { String::new() },
        uploaded: true,
        source_hash: upload.source_hash,
        tables: upload.tables.clone(),
    };
    Ok((slug, publish_snapshots(tx, &file, versions_kept, actor)?))
}

/// Where an upload came to lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The dataset's address.
    pub dataset: Slug,
    /// What became of the tables; none while the gate holds the file.
    pub published: Vec<Published>,
    /// The hold, if the gate holds the file.
    pub held: Option<HoldId>,
}

/// As [`publish_upload`], through the personal-data gate: a file that it holds is not published, and a dataset that would be made
/// for it is known to nobody but reviewers.
///
/// # Errors
/// As [`publish_upload`].
pub fn place_upload(
    tx: &mut Tx<'_>,
    upload: &Upload,
    screened: &FileScreening,
    versions_kept: u32,
    actor: &str,
) -> Result<Placed, CatalogError> {
    let slug = upload.slug()?;
    let (home, is_new) = match dataset::get(tx, slug.as_str()) {
        Ok(known) => (known, false),
        Err(CatalogError::NotFound { .. }) if screened.report.verdict < Verdict::Hold => {
            let (dataset, published) = publish_upload(tx, upload, versions_kept, actor)?;
            let home = dataset::get(tx, dataset.as_str())?;
            let distribution = upload.distribution_id(home.id);
            gate::judge(tx, gate::screening_of(&home, distribution, upload.source_hash, screened, true))?;
            return Ok(Placed { dataset, published, held: None });
        }
        Err(CatalogError::NotFound { .. }) => (held_home(tx, &slug, upload, actor)?, true),
        Err(other) => return Err(other),
    };
    let distribution = upload.distribution_id(home.id);
    let whole = is_new || home.publication == Publication::Held;
    let screening = gate::screening_of(&home, distribution, upload.source_hash, screened, whole);
    if let Clearance::Held(id) = gate::judge(tx, screening)? {
        return Ok(Placed { dataset: slug, published: Vec::new(), held: Some(id) });
    }
    let (dataset, published) = publish_upload(tx, upload, versions_kept, actor)?;
    gate::note_file_loaded(tx, home.id, distribution)?;
    Ok(Placed { dataset, published, held: None })
}

/// The distribution that an upload would be, where its dataset exists.
///
/// # Errors
/// `Invalid` when neither dataset nor file name give an address; `Storage` when the database fails.
pub fn find_upload(tx: &mut Tx<'_>, upload: &Upload) -> Result<Option<DistributionId>, CatalogError> {
    match dataset::get(tx, upload.slug()?.as_str()) {
        Ok(known) => Ok(Some(upload.distribution_id(known.id))),
        Err(CatalogError::NotFound { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// A dataset for the upload that nobody sees until the gate lets the file pass.
fn held_home(tx: &mut Tx<'_>, slug: &Slug, upload: &Upload, actor: &str) -> Result<Dataset, CatalogError> {
    let row = new_row(tx, slug, upload, PublicationState::Held, actor)?;
    dataset::insert_all(tx, std::slice::from_ref(&row), &[])?;
    dataset::get(tx, &row.id)
}

fn create(tx: &mut Tx<'_>, slug: &Slug, upload: &Upload, actor: &str) -> Result<DatasetId, CatalogError> {
    let row = new_row(tx, slug, upload, PublicationState::Published, actor)?;
    let id = row.id.parse().map_err(super::store::corrupt)?;
    dataset::insert_all(tx, std::slice::from_ref(&row), &[])?;
    let event = dataset::event(EventKind::DatasetCreated, &row.id, slug.as_str(), 1, &row.content_hash, actor);
    journal::append(tx, event)?;
    Ok(id)
}

fn new_row(
    tx: &mut Tx<'_>,
    slug: &Slug,
    upload: &Upload,
    state: PublicationState,
    actor: &str,
) -> Result<DatasetRow, CatalogError> {
    let publisher = Directory::by_slug(tx, &LOCAL_PUBLISHER.parse().map_err(super::store::corrupt)?, actor)?;
    let title = if upload.dataset.is_some() { slug.as_str() } else { upload.stem() };
    let draft = DatasetDraft {
        kind: ResourceKind::Dataset,
        identifier: slug.to_string(),
        title: LocalizedText::undetermined(title),
        publisher: Some(publisher.agent.clone()),
        distribution: vec![upload.distribution()],
        ..DatasetDraft::default()
    };
    let document = draft.normalised().to_document();
    let hash = DatasetDraft::fingerprint(&document).to_string();
    Ok(DatasetRow {
        id: DatasetId::new().to_string(),
        slug: slug.to_string(),
        kind: ResourceKind::Dataset.as_str().to_owned(),
        publisher_id: dataset::publisher_column(Some(publisher.id)),
        source_id: None,
        source_key: None,
        state: state.as_str().to_owned(),
        version: 1,
        content_hash: hash,
        raw_hash: None,
        document,
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
        withdrawn_at: None,
        withdrawn_reason: None,
        screened_rules: Some(gate::RULES_VERSION.to_owned()),
        screened_at: Some(tx.now.as_micros()),
    })
}

/// Lists the file in a dataset that was made here.
fn update(tx: &mut Tx<'_>, known: &dataset::Dataset, upload: &Upload, actor: &str) -> Result<DatasetId, CatalogError> {
    let mut draft = known.draft.clone();
    let iri = Some(upload.iri());
    draft.distribution.retain(|distribution| distribution.iri != iri);
    draft.distribution.push(upload.distribution());
    let document = draft.normalised().to_document();
    let hash = DatasetDraft::fingerprint(&document);
    let id = known.id.to_string();
    if hash != known.content_hash || known.publication != dataset::Publication::Published {
        let replacement = Replacement {
            id: &id,
            kind: ResourceKind::Dataset.as_str(),
            publisher_id: dataset::publisher_column(known.publisher.as_ref().map(|publisher| publisher.id)),
            expected_version: known.version,
            content_hash: hash.to_string(),
            raw_hash: None,
            document: &document,
            public: true,
            screened: None,
        };
        dataset::replace(tx, replacement)?;
        let kind = EventKind::DatasetUpdated;
        let event = dataset::event(kind, &id, known.slug.as_str(), known.version + 1, &hash.to_string(), actor);
        journal::append(tx, event)?;
    }
    Ok(known.id)
}

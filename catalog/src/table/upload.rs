//! Tables that somebody uploads, rather than a distribution bringing them.

use fairground_domain::{
    ContentHash, DatasetDraft, DatasetId, Distribution, DistributionId, LocalizedText, ResourceKind, Slug,
};

use super::publish::{LoadedFile, LoadedTable, Published, publish_snapshots};
use crate::dataset::{self, DatasetRow, PublicationState, Replacement};
use crate::db::Tx;
use crate::error::CatalogError;
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
        distribution: DistributionId::derived(dataset, &format!("{}#0", upload.iri())),
        title: if upload.tables.len() > 1 { upload.stem().to_owned() } else { String::new() },
        uploaded: true,
        source_hash: upload.source_hash,
        tables: upload.tables.clone(),
    };
    Ok((slug, publish_snapshots(tx, &file, versions_kept, actor)?))
}

fn create(tx: &mut Tx<'_>, slug: &Slug, upload: &Upload, actor: &str) -> Result<DatasetId, CatalogError> {
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
    let id = DatasetId::new();
    let row = DatasetRow {
        id: id.to_string(),
        slug: slug.to_string(),
        kind: ResourceKind::Dataset.as_str().to_owned(),
        publisher_id: dataset::publisher_column(Some(publisher.id)),
        source_id: None,
        source_key: None,
        state: PublicationState::Published.as_str().to_owned(),
        version: 1,
        content_hash: hash.clone(),
        raw_hash: None,
        document,
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
        withdrawn_at: None,
        withdrawn_reason: None,
    };
    dataset::insert_all(tx, std::slice::from_ref(&row), &[])?;
    journal::append(tx, dataset::event(EventKind::DatasetCreated, &row.id, slug.as_str(), 1, &hash, actor))?;
    Ok(id)
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
        };
        dataset::replace(tx, replacement)?;
        let kind = EventKind::DatasetUpdated;
        let event = dataset::event(kind, &id, known.slug.as_str(), known.version + 1, &hash.to_string(), actor);
        journal::append(tx, event)?;
    }
    Ok(known.id)
}

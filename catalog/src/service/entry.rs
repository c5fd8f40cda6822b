//! A service's entry in the catalogue: a `dcat:DataService`, listed and found like a dataset.

use fairground_domain::{
    Agent, ContactPoint, DataService as DcatService, DatasetDraft, DatasetId, LanguageTag, Licence, LocalizedText,
    ResourceKind,
};

use super::DataService;
use crate::dataset::{self, DatasetRow, PublicationState, Replacement};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::gate;
use crate::journal::{self, EventKind};

/// What readers of the entry are told when its service is retired.
const RETIRED: &str = "The service was retired.";

/// `site` is where the portal is seen from outside, without a slash at the end: the entry's addresses are whole ones.
fn draft_of(service: &DataService, site: &str) -> DatasetDraft {
    let own = &service.draft;
    let front = format!("{site}/gateway/{}", service.slug);
    let endpoint_description = if service.has_openapi { vec![format!("{front}/openapi.json")] } else { Vec::new() };
    DatasetDraft {
        kind: ResourceKind::DataService,
        identifier: format!("service:{}", service.slug),
        title: LocalizedText::undetermined(own.title.trim()),
        description: LocalizedText::undetermined(own.description.trim()),
        publisher: Some(Agent {
            name: LocalizedText::undetermined(service.publisher_name.as_str()),
            ..Agent::default()
        }),
        contact_point: own
            .contact_email
            .iter()
            .map(|email| ContactPoint { email: Some(email.clone()), ..ContactPoint::default() })
            .collect(),
        keyword: own.keywords.iter().map(|word| (LanguageTag::undetermined(), word.clone())).collect(),
        licence: own.licence.as_ref().map(|iri| Licence { iri: Some(iri.clone()), ..Licence::default() }),
        rights: own.terms.iter().map(|terms| LocalizedText::undetermined(terms.as_str())).collect(),
        landing_page: vec![format!("{site}/services/{}", service.slug)],
        service: Some(DcatService { endpoint_url: vec![front], endpoint_description, serves_dataset: Vec::new() }),
        ..DatasetDraft::default()
    }
    .normalised()
}

/// Makes the entry of a service that is opened, or brings it up to date; gives its id.
pub(super) fn publish(
    tx: &mut Tx<'_>,
    service: &DataService,
    site: &str,
    actor: &str,
) -> Result<DatasetId, CatalogError> {
    let document = draft_of(service, site.trim_end_matches('/')).to_document();
    let hash = DatasetDraft::fingerprint(&document).to_string();
    let publisher_id = dataset::publisher_column(Some(service.publisher_id));
    let Some(id) = service.dataset_id else {
        return create(tx, service, document, hash, publisher_id, actor);
    };
    let known = dataset::get(tx, &id.to_string())?;
    let is_published = known.publication == dataset::Publication::Published;
    if is_published && known.content_hash.to_string() == hash {
        return Ok(id);
    }
    let id_text = id.to_string();
    let replacement = Replacement {
        id: &id_text,
        kind: ResourceKind::DataService.as_str(),
        publisher_id,
        expected_version: known.version,
        content_hash: hash.clone(),
        raw_hash: None,
        document: &document,
        public: true,
        screened: None,
    };
    dataset::replace(tx, replacement)?;
    let kind = if is_published { EventKind::DatasetUpdated } else { EventKind::DatasetRestored };
    let event = dataset::event(kind, &id_text, known.slug.as_str(), known.version + 1, &hash, actor);
    journal::append(tx, event)?;
    gate::screen_entry(tx, id)?;
    Ok(id)
}

fn create(
    tx: &mut Tx<'_>,
    service: &DataService,
    document: String,
    hash: String,
    publisher_id: Option<String>,
    actor: &str,
) -> Result<DatasetId, CatalogError> {
    let id = DatasetId::new();
    // The entry is found at the service's own name, unless a dataset has it already.
    let mut taken = dataset::slugs_in_use(tx, &[service.slug.as_str()])?;
    let named = DatasetDraft { title: LocalizedText::undetermined(service.slug.as_str()), ..DatasetDraft::default() };
    let slug = dataset::slug_for(&named, id, &mut taken)?.to_string();
    let event = dataset::event(EventKind::DatasetCreated, &id.to_string(), &slug, 1, &hash, actor);
    let row = DatasetRow {
        id: id.to_string(),
        slug,
        kind: ResourceKind::DataService.as_str().to_owned(),
        publisher_id,
        source_id: None,
        source_key: None,
        state: PublicationState::Published.as_str().to_owned(),
        version: 1,
        content_hash: hash,
        raw_hash: None,
        document,
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
        withdrawn_at: None,
        withdrawn_reason: None,
        screened_rules: None,
        screened_at: None,
    };
    dataset::insert_all(tx, &[row], &[])?;
    journal::append(tx, event)?;
    gate::screen_entry(tx, id)?;
    Ok(id)
}

/// Takes the entry out of public view: its service is retired.
pub(super) fn withdraw(tx: &mut Tx<'_>, id: DatasetId, actor: &str) -> Result<(), CatalogError> {
    let known = dataset::get(tx, &id.to_string())?;
    if known.publication != dataset::Publication::Published {
        return Ok(());
    }
    let id = id.to_string();
    dataset::withdraw_all(tx, &[&id], RETIRED)?;
    let hash = known.content_hash.to_string();
    let event = dataset::event(EventKind::DatasetWithdrawn, &id, known.slug.as_str(), known.version, &hash, actor);
    journal::append(tx, event)?;
    Ok(())
}

//! Socrata: results of the Discovery API (`/api/catalog/v1`), and views of `/api/views`.

use fairground_domain::{Agent, ContactPoint, DatasetDraft, Distribution, LocalizedText};
use serde_json::Value;

use super::{Portal, keywords, licence, moment, others, themes, under, words};
use crate::check::{Findings, is_address};
use crate::document::{Decoded, RawRecord};
use crate::json::record::Fields;

/// Kinds of assets that show another one's data: they are no datasets of their own.
const DERIVED: [&str; 10] =
    ["chart", "filter", "story", "datalens", "data_lens", "measure", "calendar", "form", "visualization", "grouped"];

/// Whether an asset of the Discovery API is a view of another asset. What cannot be read counts as an asset.
#[must_use]
pub fn is_derived(record: &str) -> bool {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let kind = record.pointer("/resource/type").or_else(|| record.get("displayType")).and_then(Value::as_str);
    kind.is_some_and(|kind| DERIVED.contains(&kind))
}

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, |fields, portal, findings| match under(fields, &["resource"]) {
        Some(resource) => discovered(fields, &resource, portal, findings),
        None => view(fields, portal, findings),
    })
}

/// A result of the Discovery API.
fn discovered(fields: &Fields<'_>, resource: &Fields<'_>, portal: &Portal, findings: &mut Findings) -> DatasetDraft {
    let mut text = |fields: &Fields<'_>, key: &str| fields.text(key, findings);
    let id = text(resource, "id").unwrap_or_default();
    let metadata = under(fields, &["metadata"]);
    let domain = metadata.as_ref().and_then(|it| text(it, "domain"));
    let mut draft = DatasetDraft {
        identifier: id.clone(),
        iri: text(fields, "permalink").filter(|it| is_address(it)),
        title: LocalizedText::undetermined(text(resource, "name").unwrap_or_default()),
        description: LocalizedText::undetermined(text(resource, "description").unwrap_or_default()),
        issued: moment(resource.get("publication_date").or_else(|| resource.get("createdAt"))),
        modified: moment(resource.get("data_updated_at").or_else(|| resource.get("updatedAt"))),
        licence: licence(metadata.as_ref().and_then(|it| text(it, "license")), None),
        landing_page: text(fields, "link").into_iter().collect(),
        ..DatasetDraft::default()
    };
    let name = text(resource, "attribution").or_else(|| domain.clone());
    let homepage = text(resource, "attribution_link").filter(|it| is_address(it));
    draft.publisher = publisher(name, homepage);
    if let Some(class) = under(fields, &["classification"]) {
        let mut all = words(class.get("domain_tags"));
        all.extend(words(class.get("tags")));
        draft.keyword = keywords(all);
        let mut all: Vec<String> = text(&class, "domain_category").into_iter().collect();
        all.extend(words(class.get("categories")));
        draft.theme = themes(all);
        draft.extra = others(class.map, &["domain_metadata"]);
    }
    let email = text(resource, "contact_email").and_then(|it| findings.email("/resource/contact_email", &it));
    draft.contact_point = contact(email, &draft);
    let kind = resource.text("type", findings).unwrap_or_default();
    let base = domain
        .map(|it| format!("https://{it}"))
        .or_else(|| portal.at("").map(|it| it.trim_end_matches('/').to_owned()));
    draft.distribution = base.map(|base| ways(&base, &id, &kind)).unwrap_or_default();
    draft.extra.insert("type".to_owned(), Value::String(kind));
    draft
}

/// An element of `/api/views`.
fn view(fields: &Fields<'_>, portal: &Portal, findings: &mut Findings) -> DatasetDraft {
    let mut text = |fields: &Fields<'_>, key: &str| fields.text(key, findings);
    let id = text(fields, "id").unwrap_or_default();
    let terms = under(fields, &["license"]);
    let named = terms.as_ref().and_then(|it| text(it, "name")).or_else(|| text(fields, "licenseId"));
    let owner = under(fields, &["owner"]).and_then(|it| text(&it, "displayName"));
    let mut draft = DatasetDraft {
        identifier: id.clone(),
        title: LocalizedText::undetermined(text(fields, "name").unwrap_or_default()),
        description: LocalizedText::undetermined(text(fields, "description").unwrap_or_default()),
        issued: moment(fields.get("publicationDate").or_else(|| fields.get("createdAt"))),
        modified: moment(fields.get("rowsUpdatedAt").or_else(|| fields.get("viewLastModified"))),
        licence: licence(named, terms.as_ref().and_then(|it| text(it, "termsLink"))),
        keyword: keywords(words(fields.get("tags"))),
        theme: themes(text(fields, "category").into_iter().collect()),
        landing_page: portal.at(&format!("d/{id}")).into_iter().collect(),
        ..DatasetDraft::default()
    };
    let homepage = text(fields, "attributionLink").filter(|it| is_address(it));
    draft.publisher = publisher(text(fields, "attribution").or(owner), homepage);
    draft.extra = others(fields.map, &["metadata"]);
    let kind = match text(fields, "viewType").as_deref() {
        Some("blobby") => "file",
        Some("geo") => "map",
        Some("tabular") | None => "dataset",
        Some(_) => "",
    };
    let base = portal.at("").map(|it| it.trim_end_matches('/').to_owned());
    draft.distribution = base.map(|base| ways(&base, &id, kind)).unwrap_or_default();
    draft
}

fn publisher(name: Option<String>, homepage: Option<String>) -> Option<Agent> {
    let name = LocalizedText::undetermined(name?);
    Some(Agent { name, homepage, ..Agent::default() })
}

fn contact(email: Option<String>, draft: &DatasetDraft) -> Vec<ContactPoint> {
    let name = draft.publisher.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    email.map(|email| ContactPoint { name, email: Some(email), ..ContactPoint::default() }).into_iter().collect()
}

/// Where a portal gives out an asset: exports, and the row API.
fn ways(base: &str, id: &str, kind: &str) -> Vec<Distribution> {
    let file = |format: &str, media_type: &str, path: String| Distribution {
        title: LocalizedText::undetermined(format),
        access_url: Some(format!("{base}/{path}")),
        download_url: Some(format!("{base}/{path}")),
        media_type: Some(media_type.to_owned()),
        format: Some(format.to_owned()),
        ..Distribution::default()
    };
    match kind {
        "dataset" => vec![
            file("CSV", "text/csv", format!("api/views/{id}/rows.csv?accessType=DOWNLOAD")),
            file("JSON", "application/json", format!("api/views/{id}/rows.json?accessType=DOWNLOAD")),
        ],
        "map" => {
            let path = format!("api/geospatial/{id}?method=export&format=GeoJSON");
            vec![file("GeoJSON", "application/geo+json", path)]
        }
        "file" => vec![Distribution {
            access_url: Some(format!("{base}/download/{id}")),
            download_url: Some(format!("{base}/download/{id}")),
            ..Distribution::default()
        }],
        _ => Vec::new(),
    }
}

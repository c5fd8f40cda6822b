//! Opendatasoft: datasets of the Explore API 2.1 (`/api/explore/v2.1/catalog/datasets` and its exports), and of the API 1.0.

use fairground_domain::{
    Agent, Concept, ContactPoint, DatasetDraft, Distribution, LanguageTag, LocalizedText, Location,
};
use serde_json::Value;

use super::{Portal, keywords, licence, moment, others, themes, under, words};
use crate::check::{Findings, is_address, shape};
use crate::document::{Decoded, RawRecord};
use crate::json::record::Fields;
use crate::media;

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, |fields, portal, findings| {
        // API 2.0 wraps each dataset together with links.
        let inner = under(fields, &["dataset"]);
        dataset(inner.as_ref().unwrap_or(fields), portal, findings)
    })
}

fn dataset(fields: &Fields<'_>, portal: &Portal, findings: &mut Findings) -> DatasetDraft {
    let id = fields.text("dataset_id", findings).or_else(|| fields.text("datasetid", findings)).unwrap_or_default();
    // 2.1 has templates of metadata, 1.0 the default one alone.
    let metas = under(fields, &["metas", "default"]).or_else(|| under(fields, &["metas"]));
    let Some(metas) = metas else {
        return DatasetDraft { identifier: id, ..DatasetDraft::default() };
    };
    let dcat = under(fields, &["metas", "dcat"]);
    let mut text = |key: &str| metas.text(key, findings);
    let mut draft = DatasetDraft {
        identifier: id.clone(),
        title: LocalizedText::undetermined(text("title").unwrap_or_default()),
        description: LocalizedText::undetermined(text("description").unwrap_or_default()),
        publisher: text("publisher").map(|name| Agent { name: LocalizedText::undetermined(name), ..Agent::default() }),
        modified: moment(metas.get("modified").or_else(|| metas.get("data_processed"))),
        licence: licence(text("license"), text("license_url")),
        language: words(metas.get("language")).iter().map(|it| LanguageTag::lenient(it)).collect(),
        keyword: keywords(words(metas.get("keyword"))),
        theme: themes(words(metas.get("theme"))),
        page: words(metas.get("references")).into_iter().filter(|it| is_address(it)).collect(),
        landing_page: portal.at(&format!("explore/dataset/{id}/")).into_iter().collect(),
        spatial: places(&metas),
        provenance: words(metas.get("attributions")).into_iter().map(LocalizedText::undetermined).collect(),
        ..DatasetDraft::default()
    };
    in_the_tongue(&mut draft);
    if let Some(dcat) = &dcat {
        refine(dcat, &mut draft, findings);
    }
    draft.distribution = ways(fields, &id, portal, findings);
    draft.extra =
        others(metas.map, &["records_count", "geographic_reference", "timezone", "federated", "source_domain_address"]);
    if let Some(custom) = under(fields, &["metas", "custom"]) {
        draft.extra.insert("custom".to_owned(), Value::Object(custom.map.clone()));
    }
    draft
}

/// Title, description and keywords are in the dataset's language when there is one.
fn in_the_tongue(draft: &mut DatasetDraft) {
    let [language] = draft.language.as_slice() else { return };
    let language = language.clone();
    for text in [&mut draft.title, &mut draft.description] {
        *text = [(language.clone(), text.any().to_owned())].into_iter().collect();
    }
    draft.keyword.iter_mut().for_each(|(tag, _)| *tag = language.clone());
}

/// The template with DCAT's own terms.
fn refine(dcat: &Fields<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    draft.issued = moment(dcat.get("issued"));
    draft.created = moment(dcat.get("created"));
    draft.frequency = dcat.text("accrualperiodicity", findings).map(|it| crate::dcat_us::concept(&it));
    let creator = dcat.text("creator", findings);
    draft.creator =
        creator.map(|name| Agent { name: LocalizedText::undetermined(name), ..Agent::default() }).into_iter().collect();
    let email = dcat.text("contact_email", findings).and_then(|it| findings.email("/metas/dcat/contact_email", &it));
    let contact = ContactPoint {
        name: LocalizedText::undetermined(dcat.text("contact_name", findings).unwrap_or_default()),
        email,
        ..ContactPoint::default()
    };
    draft.contact_point = Some(contact).filter(|it| *it != ContactPoint::default()).into_iter().collect();
    if draft.spatial.is_empty() {
        let place = dcat.text("spatial", findings).and_then(|it| findings.location("/metas/dcat/spatial", &it));
        draft.spatial.extend(place);
    }
    if let Some(period) = dcat.text("temporal", findings).and_then(|it| crate::dcat_us::period(&it)) {
        draft.temporal.push(period);
    }
    draft.conforms_to = dcat.text("conforms_to", findings).map(Concept::label).into_iter().collect();
}

/// The bounding box (GeoJSON, or an array of numbers) and the names of territories.
fn places(metas: &Fields<'_>) -> Vec<Location> {
    let geometry = match metas.get("bbox") {
        Some(Value::Object(map)) => map.get("geometry").unwrap_or(&Value::Null).to_string(),
        Some(Value::Array(numbers)) => numbers.iter().map(Value::to_string).collect::<Vec<_>>().join(","),
        _ => String::new(),
    };
    let mut all: Vec<Location> = shape(&geometry).into_iter().collect();
    let names = words(metas.get("territory")).into_iter().map(LocalizedText::undetermined);
    all.extend(names.map(|label| Location { label, ..Location::default() }));
    all
}

/// Exports of the records, and files attached to the dataset.
fn ways(fields: &Fields<'_>, id: &str, portal: &Portal, findings: &mut Findings) -> Vec<Distribution> {
    let mut all = Vec::new();
    let has_records = fields.get("has_records").and_then(Value::as_bool).unwrap_or(true);
    let geo = words(fields.get("features")).iter().any(|it| it == "geo");
    let exports = [
        ("CSV", "csv", "text/csv", true),
        ("JSON", "json", "application/json", true),
        ("GeoJSON", "geojson", "application/geo+json", geo),
    ];
    for (format, name, media_type, there) in exports {
        let url = portal.at(&format!("api/explore/v2.1/catalog/datasets/{id}/exports/{name}"));
        if let Some(url) = url.filter(|_| there && has_records) {
            all.push(Distribution {
                title: LocalizedText::undetermined(format),
                access_url: Some(url.clone()),
                download_url: Some(url),
                media_type: Some(media_type.to_owned()),
                format: Some(format.to_owned()),
                ..Distribution::default()
            });
        }
    }
    for key in ["attachments", "alternative_exports"] {
        for file in fields.objects(key, findings) {
            let Some(url) = file.text("url", findings).filter(|it| is_address(it)) else { continue };
            let media_type = file.text("mimetype", findings).and_then(|it| media::media_type_of(&it));
            let title = file.text("title", findings).unwrap_or_default();
            all.push(Distribution {
                title: LocalizedText::undetermined(title),
                format: media::format_of(None, media_type.as_deref(), Some(&url)),
                access_url: Some(url.clone()),
                download_url: Some(url),
                media_type,
                ..Distribution::default()
            });
        }
    }
    all
}

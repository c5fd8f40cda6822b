//! ArcGIS Hub (features of `/api/search/v1`, datasets of the older `/api/v3`) and ArcGIS portals (`/sharing/rest/search`).

use fairground_domain::{Agent, ContactPoint, DatasetDraft, Distribution, LanguageTag, LocalizedText, Location};
use serde_json::Value;

use super::{Portal, keywords, licence, moment, others, themes, under, words};
use crate::check::{Findings, is_address, shape};
use crate::document::{Decoded, RawRecord};
use crate::json::record::Fields;
use crate::media;

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, |fields, portal, findings| {
        let id = fields.text("id", findings);
        // A feature, a JSON:API resource, or the item itself.
        let inner = under(fields, &["properties"]).or_else(|| under(fields, &["attributes"]));
        item(inner.as_ref().unwrap_or(fields), id, portal, findings)
    })
}

fn item(item: &Fields<'_>, id: Option<String>, portal: &Portal, findings: &mut Findings) -> DatasetDraft {
    let mut text = |key: &str| item.text(key, findings);
    let id = id.or_else(|| text("id")).unwrap_or_default();
    let terms = under(item, &["structuredLicense"]);
    let words_of = text("licenseInfo");
    let named = text("license").filter(|it| it != "custom" && it != "none");
    let mut draft = DatasetDraft {
        identifier: id.clone(),
        iri: portal.at(&format!("datasets/{id}")),
        title: LocalizedText::undetermined(text("title").or_else(|| text("name")).unwrap_or_default()),
        description: LocalizedText::undetermined(
            text("description").or_else(|| text("searchDescription")).or_else(|| text("snippet")).unwrap_or_default(),
        ),
        issued: moment(item.get("created").or_else(|| item.get("createdAt"))),
        modified: moment(item.get("modified").or_else(|| item.get("updatedAt"))),
        keyword: keywords(words(item.get("tags"))),
        theme: themes(categories(item)),
        language: text("culture").map(|it| LanguageTag::lenient(&it)).into_iter().collect(),
        landing_page: portal.at(&format!("datasets/{id}/about")).into_iter().collect(),
        spatial: place(item).into_iter().collect(),
        rights: text("accessInformation").map(LocalizedText::undetermined).into_iter().collect(),
        ..DatasetDraft::default()
    };
    let structured = terms.as_ref().and_then(|it| it.text("url", findings));
    draft.licence = licence(named, structured).or_else(|| licence(words_of.clone(), address_in(words_of.as_deref())));
    let mut text = |key: &str| item.text(key, findings);
    let publisher =
        text("source").or_else(|| text("orgName")).or_else(|| text("organization")).or_else(|| text("owner"));
    draft.publisher = publisher.map(|name| Agent { name: LocalizedText::undetermined(name), ..Agent::default() });
    let email = text("orgContactEmail").or_else(|| text("orgContactUrl"));
    let email = email.and_then(|it| findings.email("/properties/orgContactEmail", &it));
    let name = draft.publisher.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    draft.contact_point =
        email.map(|email| ContactPoint { name, email: Some(email), ..ContactPoint::default() }).into_iter().collect();
    draft.distribution = ways(item, &id, portal, findings);
    draft.extra = others(item.map, &["type", "typeKeywords", "recordCount", "numViews", "thumbnailUrl"]);
    draft
}

/// The last part of `/Categories/Environment/Water`.
fn categories(item: &Fields<'_>) -> Vec<String> {
    let all = words(item.get("categories"));
    all.iter().filter_map(|it| it.rsplit('/').find(|part| !part.is_empty())).map(str::to_owned).collect()
}

/// The first address of a text in HTML.
fn address_in(text: Option<&str>) -> Option<String> {
    let text = text?;
    let start = text.find("https://").or_else(|| text.find("http://"))?;
    let end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')');
    text.get(start..)?.split(end).next().filter(|it| is_address(it)).map(str::to_owned)
}

/// `extent`: two corners, with or without `coordinates` around them.
fn place(item: &Fields<'_>) -> Option<Location> {
    let extent = item.get("extent")?;
    let corners = extent.get("coordinates").unwrap_or(extent).as_array()?;
    let mut numbers = Vec::new();
    for corner in corners {
        numbers.extend(corner.as_array()?.iter().filter_map(Value::as_f64).map(|it| it.to_string()));
    }
    shape(&numbers.join(","))
}

/// The item's own address, and the files that a Hub makes of layers.
fn ways(item: &Fields<'_>, id: &str, portal: &Portal, findings: &mut Findings) -> Vec<Distribution> {
    let mut all = Vec::new();
    let kind = item.text("type", findings).unwrap_or_default();
    let url = item.text("url", findings).filter(|it| is_address(it));
    let layers = ["Feature Service", "Feature Layer", "Table", "Map Service"].contains(&kind.as_str());
    if let Some(url) = &url {
        let service = kind.contains("Service") || layers;
        let format = if service { Some("ArcGIS".to_owned()) } else { media::format_of(None, None, Some(url)) };
        all.push(Distribution {
            title: LocalizedText::undetermined(kind.clone()),
            download_url: (!service && format.is_some()).then(|| url.clone()),
            access_url: Some(url.clone()),
            format,
            ..Distribution::default()
        });
    }
    // A Hub's id names the layer after an underscore.
    let (bare, layer) = id.split_once('_').unwrap_or((id, "0"));
    if layers && kind != "Map Service" {
        for (format, name, media_type) in [("CSV", "csv", "text/csv"), ("GeoJSON", "geojson", "application/geo+json")] {
            let file = portal.at(&format!("api/download/v1/items/{bare}/{name}?layers={layer}"));
            all.extend(file.map(|url| download(url, format, media_type)));
        }
    } else if url.is_none()
        && matches!(kind.as_str(), "CSV" | "Shapefile" | "GeoJson" | "Microsoft Excel" | "File Geodatabase" | "PDF")
    {
        let file = format!("https://www.arcgis.com/sharing/rest/content/items/{bare}/data");
        let format = media::format_of(Some(&kind), None, None);
        all.push(Distribution {
            access_url: Some(file.clone()),
            download_url: Some(file),
            format,
            ..Distribution::default()
        });
    }
    all
}

fn download(url: String, format: &str, media_type: &str) -> Distribution {
    Distribution {
        title: LocalizedText::undetermined(format),
        access_url: Some(url.clone()),
        download_url: Some(url),
        media_type: Some(media_type.to_owned()),
        format: Some(format.to_owned()),
        ..Distribution::default()
    }
}

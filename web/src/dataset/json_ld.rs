//! schema.org/Dataset for search engines, as Google's dataset search reads it.

use fairground_domain::DatasetDraft;
use serde_json::{Map, Value, json};

use super::{Listing, format_of};
use crate::prose::{excerpt, safe_href};
use crate::table::Shelves;
use crate::words::Said;

/// Longest description that readers of schema.org/Dataset take, in characters.
const DESCRIPTION_CHARS: usize = 4_900;
/// Most values of one list.
const MOST_VALUES: usize = 50;

/// The dataset as JSON-LD. `<`, `>` and `&` are escaped, so that no value can end the `script` element that holds it.
pub(super) fn of(draft: &DatasetDraft, listing: &Listing, shelves: &Shelves, public_url: &str) -> String {
    let mut thing = Map::new();
    let mut put = |name: &str, value: Value| {
        let is_empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(values) => values.is_empty(),
            _ => false,
        };
        if !is_empty {
            thing.insert(name.to_owned(), value);
        }
    };
    let address = format!("{public_url}/datasets/{}", listing.slug);
    put("@context", json!("https://schema.org/"));
    put("@type", json!("Dataset"));
    put("@id", json!(address));
    put("url", json!(address));
    put("name", json!(Said::of(&draft.title).text));
    put("description", json!(excerpt(&Said::of(&draft.description).text, DESCRIPTION_CHARS)));
    put("identifier", json!(draft.identifier));
    put("license", json!(draft.licence.as_ref().and_then(|licence| licence.iri.as_deref()).and_then(safe_href)));
    put("isAccessibleForFree", json!(true));
    put("datePublished", json!(draft.issued));
    put("dateModified", json!(draft.modified));
    put("version", json!(draft.version));
    put("keywords", draft.keyword.iter().take(MOST_VALUES).map(|(_, keyword)| json!(keyword)).collect());
    if let Some(publisher) = &listing.publisher {
        let organisation = json!({ "@type": "Organization", "name": publisher.text, "url": format!("{public_url}{}", publisher.href) });
        put("creator", organisation.clone());
        put("publisher", organisation);
    }
    let temporal = draft
        .temporal
        .first()
        .map(|period| format!("{}/{}", period.start.as_deref().unwrap_or(".."), period.end.as_deref().unwrap_or("..")));
    put("temporalCoverage", json!(temporal));
    let places = draft.spatial.iter().take(MOST_VALUES).filter_map(|place| {
        let name = Said::of(&place.label).text;
        match place.bbox {
            Some([west, south, east, north]) => Some(json!({
                "@type": "Place", "name": name,
                "geo": { "@type": "GeoShape", "box": format!("{south} {west} {north} {east}") }
            })),
            None if !name.is_empty() => Some(json!(name)),
            None => None,
        }
    });
    put("spatialCoverage", places.collect());
    let downloads = draft.distribution.iter().take(MOST_VALUES).filter_map(|one| {
        let content = one.download_url.as_deref().or(one.access_url.as_deref()).and_then(safe_href)?;
        let format = format_of(one);
        Some(json!({
            "@type": "DataDownload",
            "contentUrl": content,
            "encodingFormat": one.media_type.clone().unwrap_or(format),
            "contentSize": one.byte_size.map(|bytes| bytes.to_string()),
        }))
    });
    let tables = shelves.tables().take(MOST_VALUES).map(|table| {
        json!({
            "@type": "DataDownload",
            "name": table.title,
            "contentUrl": format!("{public_url}{}/export.csv", table.api),
            "encodingFormat": "text/csv",
        })
    });
    put("distribution", downloads.chain(tables).collect());
    put("includedInDataCatalog", json!({ "@type": "DataCatalog", "url": public_url }));
    Value::Object(thing).to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

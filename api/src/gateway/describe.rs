//! A service's OpenAPI document as callers get it: our address, our keys, our limits.

use bytes::Bytes;
use fairground_catalog::service::{DataService, OpenapiDocument, OpenapiVersion};
use serde_json::{Map, Value, json};

use crate::hot_path::{API_KEY_HEADER, API_KEY_PARAMETER};

/// What every service's document is told beside its own words.
const NOTE: &str = "Fronted by the portal: no key is needed, a free one raises the limits; every answer carries `RateLimit` and \
`RateLimit-Policy`; refusals are `application/problem+json` (RFC 9457).";

/// Puts our server and our ways to prove oneself in the place of the agency's, which are not in the stored document.
pub(super) fn rewritten(document: OpenapiDocument, service: &DataService, front: &str) -> Bytes {
    let version = document.version;
    let mut value = document.into_value();
    if let Some(root) = value.as_object_mut() {
        match version {
            OpenapiVersion::V3 => describe_v3(root, front),
            OpenapiVersion::V2 => describe_v2(root, front),
        }
        if let Some(info) = root.get_mut("info").and_then(Value::as_object_mut) {
            describe_info(info, service);
        }
        root.insert("security".to_owned(), json!([{}, { "api_key": [] }, { "api_key_query": [] }]));
    }
    value.to_string().into()
}

fn describe_info(info: &mut Map<String, Value>, service: &DataService) {
    let own = info.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = if own.trim().is_empty() { NOTE.to_owned() } else { format!("{own}\n\n{NOTE}") };
    info.insert("description".to_owned(), Value::String(description));
    let web = |text: &&String| text.starts_with("https://") || text.starts_with("http://");
    if let Some(terms) = service.draft.terms.as_ref().filter(web) {
        info.insert("termsOfService".to_owned(), Value::String(terms.clone()));
    }
    if service.draft.lifecycle.deprecated_at.is_some() {
        info.insert("x-deprecated".to_owned(), Value::Bool(true));
    }
}

fn schemes(bearer: Value) -> Value {
    json!({
        "api_key": { "type": "apiKey", "in": "header", "name": API_KEY_HEADER, "description": "An API key: `fg_…`." },
        "api_key_query": { "type": "apiKey", "in": "query", "name": API_KEY_PARAMETER, "description": "For tools that cannot send fields." },
        "bearer": bearer,
    })
}

fn describe_v3(root: &mut Map<String, Value>, front: &str) {
    root.insert("servers".to_owned(), json!([{ "url": front }]));
    let components = root.entry("components").or_insert_with(|| json!({}));
    if let Some(components) = components.as_object_mut() {
        let bearer = json!({ "type": "http", "scheme": "bearer", "description": "An API key as a bearer token." });
        components.insert("securitySchemes".to_owned(), schemes(bearer));
    }
}

fn describe_v2(root: &mut Map<String, Value>, front: &str) {
    let Ok(url) = url::Url::parse(front) else { return };
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    root.insert("host".to_owned(), Value::String(host));
    root.insert("schemes".to_owned(), json!([url.scheme()]));
    root.insert("basePath".to_owned(), Value::String(url.path().to_owned()));
    let bearer = json!({
        "type": "apiKey", "in": "header", "name": "Authorization", "description": "`Bearer` and an API key.",
    });
    root.insert("securityDefinitions".to_owned(), schemes(bearer));
}

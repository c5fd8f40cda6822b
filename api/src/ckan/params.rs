//! Parameters of actions: from the address, where everything is text, or from a JSON body.

use actix_web::HttpRequest;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::envelope::Refusal;
use crate::body::MAX_JSON_BYTES;
use crate::query::MAX_QUERY_BYTES;
use crate::table::written;

/// Rows of an answer when the caller does not say.
pub(super) const LIMIT_DEFAULT: u64 = 100;
/// Rows of an answer at most; a larger limit counts as this one, as in CKAN.
pub(super) const LIMIT_MAX: u64 = 32_000;

/// Parameters by name.
#[derive(Debug)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// Of an address.
    pub(super) fn of_query(query: &str) -> Result<Self, Refusal> {
        if query.len() > MAX_QUERY_BYTES {
            let message = format!("The query may hold up to {MAX_QUERY_BYTES} bytes. Send it as JSON, by POST.");
            return Err(Refusal::of("query", message));
        }
        Ok(Self(of_pairs(query.as_bytes())))
    }

    /// Of a body: JSON whatever its media type says, as clients of CKAN send it; else a form.
    pub(super) async fn of_body(req: &HttpRequest, payload: Payload) -> Result<Self, Refusal> {
        let bytes = read(payload).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::of_query(req.query_string());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err(Refusal::BadRequest(
                "Bad request - JSON Error: Request data JSON decoded to something that is no dictionary".to_owned(),
            )),
            Err(error) if bytes.first() == Some(&b'{') => {
                Err(Refusal::BadRequest(format!("Bad request - JSON Error: {error}")))
            }
            Err(_) => Ok(Self(of_pairs(&bytes))),
        }
    }

    /// All of them.
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// The table that is meant.
    pub(super) fn resource_id(&self) -> Result<String, Refusal> {
        let given = ["resource_id", "id"].into_iter().find_map(|name| self.0.get(name)).and_then(Value::as_str);
        match given.map(str::trim).filter(|id| !id.is_empty()) {
            Some(id) => Ok(id.to_owned()),
            None => Err(Refusal::of("resource_id", "Missing value")),
        }
    }

    /// A whole number of at least 0.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let text = written(value);
        if text.trim().is_empty() {
            return Ok(None);
        }
        let number = text.trim().parse::<u64>();
        number.map(Some).map_err(|_| Refusal::of(name, "Must be a natural number"))
    }

    /// A truth value as CKAN takes it.
    pub(super) fn flag(&self, name: &str, otherwise: bool) -> Result<bool, Refusal> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else { return Ok(otherwise) };
        match written(value).trim().to_lowercase().as_str() {
            "" => Ok(otherwise),
            "true" | "yes" | "t" | "y" | "1" => Ok(true),
            "false" | "no" | "f" | "n" | "0" => Ok(false),
            _ => Err(Refusal::of(name, "Must be true or false")),
        }
    }

    /// The parameters that are there.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Texts: a list, a list as JSON text, or one text.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let texts: Vec<String> = match self.0.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list.iter().map(written).collect(),
            Some(Value::String(text)) if text.trim_start().starts_with("[\"") => {
                serde_json::from_str(text).unwrap_or_else(|_| vec![text.clone()])
            }
            Some(other) => vec![written(other)],
        };
        texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(written).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Names: a list, or a text with commas.
    pub(super) fn names(&self, name: &str) -> Option<Vec<String>> {
        let names: Vec<String> = match self.0.get(name)? {
            Value::Array(list) => list.iter().map(written).collect(),
            // `facet.field` comes in an address as JSON text.
            Value::String(text) if text.trim_start().starts_with('[') => {
                serde_json::from_str(text).unwrap_or_else(|_| text.split(',').map(str::to_owned).collect())
            }
            other => written(other).split(',').map(str::to_owned).collect(),
        };
        let names: Vec<String> =
            names.iter().map(|name| unquoted(name).to_owned()).filter(|name| !name.is_empty()).collect();
        (!names.is_empty()).then_some(names)
    }

    /// An object, which an address holds as JSON text; a text that is no object is given back as such.
    pub(super) fn object_or_text(&self, name: &str) -> Result<Option<ObjectOrText>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(ObjectOrText::Object(map.clone()))),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) if text.trim_start().starts_with('{') => match serde_json::from_str(text) {
                Ok(map) => Ok(Some(ObjectOrText::Object(map))),
                Err(_) => Err(Refusal::of(name, "Cannot parse JSON")),
            },
            Some(other) => Ok(Some(ObjectOrText::Text(written(other)))),
        }
    }
}

/// Parameters of an address or a form; what is given several times is a list.
fn of_pairs(text: &[u8]) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in form_urlencoded::parse(text) {
        let value = Value::String(value.into_owned());
        match map.get_mut(name.as_ref()) {
            None => drop(map.insert(name.into_owned(), value)),
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    map
}

/// What `q` and `filters` can be.
#[derive(Debug)]
pub(super) enum ObjectOrText {
    /// By column.
    Object(Map<String, Value>),
    /// For all columns.
    Text(String),
}

/// A name without the quotes that SQL would have around it.
pub(super) fn unquoted(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

async fn read(mut payload: Payload) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| Refusal::BadRequest("Bad request - the body cannot be read to its end".to_owned()))?;
        if body.len() + chunk.len() > MAX_JSON_BYTES {
            return Err(Refusal::BadRequest(format!("Bad request - the body may hold up to {MAX_JSON_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

//! One record of a JSON source, read with tolerance: what has the wrong type is taken for what it must mean, and noted.

use std::cell::RefCell;
use std::fmt;

use fairground_domain::{LanguageTag, LocalizedText};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::check::Findings;
use crate::document::RawRecord;

/// The record as a value, or the reason why there is none in `findings`.
pub(crate) fn parse(raw: &RawRecord, findings: &mut Findings) -> Option<Map<String, Value>> {
    if !raw.whole {
        findings.refuse("record-too-large", "", "the record is larger than one record may be");
    }
    let text = String::from_utf8_lossy(&raw.bytes);
    if let Some(at) = std::str::from_utf8(&raw.bytes).err().filter(|_| raw.whole) {
        let message = format!("bytes that are not UTF-8, the first after {} bytes of the record", at.valid_up_to());
        findings.warn("utf8-invalid", "", message);
    }
    if !raw.whole {
        return beginning(&text);
    }
    let duplicates = RefCell::new(Vec::new());
    let mut value = read(&text, &duplicates);
    if let Err(error) = &value {
        let repaired = escape_controls(&text);
        if repaired.len() != text.len() {
            let again = read(&repaired, &duplicates);
            if again.is_ok() {
                findings.warn("control-character", "", format!("a control character stands in a text: {error}"));
                value = again;
            }
        }
    }
    for key in duplicates.into_inner() {
        findings.warn(
            "key-duplicate",
            format!("/{}", escaped(&key)),
            format!("the key “{key}” is there twice; the last one counts"),
        );
    }
    match value {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(other) => {
            findings.refuse("record-not-an-object", "", format!("the record is {}, not an object", kind(&other)));
            None
        }
        Err(error) => {
            findings.refuse("record-syntax", "", format!("the record is not JSON: {error}"));
            // Enough to know which record it is, so that it is not taken for one that is gone.
            beginning(&text)
        }
    }
}

/// What can be read of a broken or cut record: its plain texts up to the break.
fn beginning(text: &str) -> Option<Map<String, Value>> {
    let mut fields = Map::new();
    let mut scanner = super::scan::Scanner::new(text.as_bytes(), 0, crate::Limits::DEEPEST);
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let _ = scanner.object(|scanner, key| -> Result<(), super::scan::Fault> {
        let (_, value) = scanner.value_copied(1024)?;
        if let Ok(value @ (Value::String(_) | Value::Number(_))) = serde_json::from_slice(&value) {
            fields.insert(key, value);
        }
        Ok(())
    });
    Some(fields)
}

fn read(text: &str, duplicates: &RefCell<Vec<String>>) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Noting(duplicates).deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Control characters inside strings written as escapes; many hand-made catalogues hold raw line breaks.
fn escape_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escape) = (false, false);
    for c in text.chars() {
        match c {
            '"' if !escape => inside = !inside,
            c if inside && c.is_control() && u32::from(c) < 0x20 => {
                if escape {
                    out.pop();
                }
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
                escape = false;
                continue;
            }
            _ => {}
        }
        escape = inside && c == '\\' && !escape;
        out.push(c);
    }
    out
}

/// Reads a value and notes keys that come twice.
struct Noting<'a>(&'a RefCell<Vec<String>>);

impl<'de> DeserializeSeed<'de> for Noting<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Noting<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Noting(self.0))? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(Noting(self.0))?;
            if all.insert(key.clone(), value).is_some() {
                self.0.borrow_mut().push(key);
            }
        }
        Ok(Value::Object(all))
    }
}

/// A value's kind in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A key inside a JSON pointer (RFC 6901).
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Text without blanks around it; `None` when nothing is left.
pub(crate) fn nonblank(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// An object of the record, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    pub(crate) map: &'a Map<String, Value>,
    pub(crate) path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn root(map: &'a Map<String, Value>) -> Self {
        Self { map, path: String::new() }
    }

    /// The JSON pointer of one of its keys.
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}/{}", self.path, escaped(key))
    }

    /// The value of a key; null counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// One text. Numbers become text, of several the first is taken; both are noted.
    pub(crate) fn text(&self, key: &str, findings: &mut Findings) -> Option<String> {
        self.get(key).and_then(|value| self.text_of(key, value, findings))
    }

    fn text_of(&self, key: &str, value: &'a Value, findings: &mut Findings) -> Option<String> {
        match value {
            Value::String(text) => nonblank(text).map(str::to_owned),
            Value::Number(_) | Value::Bool(_) => {
                findings.warn(
                    "type-unexpected",
                    self.at(key),
                    format!("this is {}, not a text; taken as text", kind(value)),
                );
                Some(value.to_string())
            }
            Value::Array(items) => {
                if items.len() > 1 {
                    findings.warn(
                        "type-unexpected",
                        self.at(key),
                        "several values where one belongs; the first is taken",
                    );
                }
                items.iter().find_map(|item| self.text_of(key, item, findings))
            }
            Value::Object(fields) => {
                let inner = ["@value", "@id", "value", "prefLabel", "name", "title", "label"];
                let found = inner.iter().find_map(|name| fields.get(*name)?.as_str()).and_then(nonblank);
                if found.is_none() {
                    findings.warn("type-unexpected", self.at(key), "this is an object, not a text; left out");
                }
                found.map(str::to_owned)
            }
            Value::Null => None,
        }
    }

    /// One text that may be given per language: a text, a language map, or JSON-LD values.
    pub(crate) fn localized(&self, key: &str, findings: &mut Findings) -> LocalizedText {
        let mut all = LocalizedText::default();
        if let Some(value) = self.get(key) {
            self.localize(key, value, &mut all, findings);
        }
        all
    }

    fn localize(&self, key: &str, value: &'a Value, all: &mut LocalizedText, findings: &mut Findings) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.localize(key, item, all, findings)),
            Value::Object(fields) if fields.contains_key("@value") => {
                let language = fields
                    .get("@language")
                    .and_then(Value::as_str)
                    .map_or_else(LanguageTag::undetermined, LanguageTag::lenient);
                if let Some(text) = fields.get("@value").and_then(Value::as_str) {
                    all.insert(language, text.trim());
                }
            }
            Value::Object(fields) => {
                for (language, text) in fields {
                    match text {
                        Value::String(text) => all.insert(LanguageTag::lenient(language), text.trim()),
                        Value::Array(texts) => {
                            texts
                                .iter()
                                .filter_map(Value::as_str)
                                .for_each(|text| all.insert(LanguageTag::lenient(language), text.trim()));
                        }
                        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
                    }
                }
            }
            other => {
                if let Some(text) = self.text_of(key, other, findings) {
                    all.insert(LanguageTag::undetermined(), text);
                }
            }
        }
    }

    /// Several texts; one alone will do.
    pub(crate) fn texts(&self, key: &str, findings: &mut Findings) -> Vec<String> {
        match self.get(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items.iter().filter_map(|item| self.text_of(key, item, findings)).collect(),
            Some(value) => self.text_of(key, value, findings).into_iter().collect(),
        }
    }

    /// Each element of an array, or the one value, with its place.
    pub(crate) fn each(&self, key: &str) -> Vec<(String, &'a Value)> {
        match self.get(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .filter(|(_, it)| !it.is_null())
                .map(|(at, it)| (format!("{}/{at}", self.at(key)), it))
                .collect(),
            Some(value) => vec![(self.at(key), value)],
        }
    }

    /// Each object of an array, or the one object; what is no object is noted and left out.
    pub(crate) fn objects(&self, key: &str, findings: &mut Findings) -> Vec<Fields<'a>> {
        let mut all = Vec::new();
        for (path, value) in self.each(key) {
            match value {
                Value::Object(map) => all.push(Fields { map, path }),
                Value::String(text) if text.trim().is_empty() => {}
                other => {
                    findings.warn("type-unexpected", path, format!("this is {}, not an object; left out", kind(other)))
                }
            }
        }
        all
    }

    /// What has no home of its own: every key that is not in `known`, nulls and empty texts left out.
    pub(crate) fn others(&self, known: &[&str]) -> std::collections::BTreeMap<String, Value> {
        self.map
            .iter()
            .filter(|(key, value)| !known.contains(&key.as_str()) && !value.is_null() && value.as_str() != Some(""))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

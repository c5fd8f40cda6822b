//! A description as people edit it: one JSON (or YAML) document with a published schema, read strictly.
//!
//! It is the document that the catalogue keeps, with keywords by language (`{"en": ["water"]}`) and without what nobody may write:
//! where a file lies on a machine of ours. Every fault has its place; a field that is not in [`schema`] is a fault, so that a
//! mistyped name never loses what stands under it in silence.

use serde_json::{Map, Value, json};

use crate::dataset::DatasetDraft;
use crate::text::LanguageTag;

/// Longest document, in bytes.
pub const LONGEST_FORM_BYTES: usize = 1024 * 1024;
/// How deep values may lie in one another; `extra` is free within it.
pub const DEEPEST_FORM: usize = 32;
/// Faults that are told at once.
pub const MOST_FAULTS: usize = 100;

/// What is wrong at a place of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFault {
    /// A JSON pointer (RFC 6901), such as `/distribution/0/byte_size`.
    pub pointer: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl FormFault {
    fn at(pointer: &str, problem: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), problem: problem.into() }
    }
}

/// A description as a form.
#[must_use]
pub fn to_form(draft: &DatasetDraft) -> Value {
    // A draft holds only what JSON can say; an empty form would still be read as one.
    let mut form = serde_json::to_value(draft).unwrap_or_default();
    let Some(fields) = form.as_object_mut() else { return form };
    if !draft.keyword.is_empty() {
        let mut by_language = Map::new();
        for (language, word) in &draft.keyword {
            let words = by_language.entry(language.as_str()).or_insert_with(|| json!([]));
            if let Some(words) = words.as_array_mut() {
                words.push(json!(word));
            }
        }
        fields.insert("keyword".to_owned(), Value::Object(by_language));
    }
    for distribution in fields.get_mut("distribution").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(distribution) = distribution.as_object_mut() {
            distribution.remove("held_at");
        }
    }
    form
}

/// Reads a form.
///
/// # Errors
/// Everything that is wrong with it, each with its place; at most [`MOST_FAULTS`].
pub fn from_form(form: &Value) -> Result<DatasetDraft, Vec<FormFault>> {
    if !form.is_object() {
        return Err(vec![FormFault::at("", "must be an object with the fields of a dataset")]);
    }
    if is_deeper(form, DEEPEST_FORM) {
        return Err(vec![FormFault::at("", format!("values may lie up to {DEEPEST_FORM} deep in one another"))]);
    }
    let mut faults = Vec::new();
    let schema = schema();
    let mut plain = form.clone();
    spell_out(&schema, &schema, &mut plain);
    check(&schema, &schema, &plain, "", &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    if let Some(fields) = plain.as_object_mut() {
        fields.remove("$schema");
        if let Some(Value::Object(by_language)) = fields.get("keyword") {
            let pairs = pairs_of(by_language);
            fields.insert("keyword".to_owned(), pairs);
        }
    }
    serde_json::from_value(plain).map_err(|error| vec![FormFault::at("", error.to_string())])
}

/// Puts what is said without a language under `und`: a plain text where there is one text per language, a plain list where there
/// is a list per language. It is how most catalogues write, and it loses nothing.
fn spell_out(root: &Value, schema: &Value, value: &mut Value) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return spell_out(root, &root["$defs"][name], value);
    }
    if schema.get("propertyNames").is_some() {
        let fits = match schema["additionalProperties"]["type"].as_str() {
            Some("string") => value.is_string(),
            Some("array") => value.is_array(),
            _ => false,
        };
        if fits {
            *value = json!({ UNSAID: value.take() });
        }
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spell_out(root, &schema["items"], item)),
        Value::Object(fields) => {
            for (name, field) in fields {
                spell_out(root, &schema["properties"][name], field);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn pairs_of(by_language: &Map<String, Value>) -> Value {
    let pairs = by_language
        .iter()
        .flat_map(|(language, words)| words.as_array().into_iter().flatten().map(move |word| json!([language, word])));
    Value::Array(pairs.collect())
}

fn is_deeper(value: &Value, left: usize) -> bool {
    let Some(left) = left.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper(item, left)),
        Value::Object(fields) => fields.values().any(|field| is_deeper(field, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Holds a value to our own schema: the few keywords that it uses.
fn check(root: &Value, schema: &Value, value: &Value, pointer: &str, faults: &mut Vec<FormFault>) {
    if faults.len() >= MOST_FAULTS {
        return;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return check(root, &root["$defs"][name], value, pointer, faults);
    }
    if let Some(choices) = schema["enum"].as_array() {
        if !choices.contains(value) {
            let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
            faults.push(FormFault::at(pointer, format!("must be one of: {}", choices.join(", "))));
        }
        return;
    }
    match schema["type"].as_str() {
        Some("object") => check_object(root, schema, value, pointer, faults),
        Some("array") => match value.as_array() {
            Some(items) => {
                let most = schema["maxItems"].as_u64().and_then(|most| usize::try_from(most).ok());
                let least = schema["minItems"].as_u64().and_then(|least| usize::try_from(least).ok());
                if most.is_some_and(|most| items.len() > most) || least.is_some_and(|least| items.len() < least) {
                    let wanted = most.or(least).unwrap_or_default();
                    faults.push(FormFault::at(pointer, format!("must hold {wanted} values")));
                }
                for (at, item) in items.iter().enumerate() {
                    check(root, &schema["items"], item, &format!("{pointer}/{at}"), faults);
                }
            }
            None => faults.push(FormFault::at(pointer, "must be a list")),
        },
        Some("string") if !value.is_string() => faults.push(FormFault::at(pointer, "must be a text, within quotes")),
        Some("integer") if value.as_u64().is_none() => {
            faults.push(FormFault::at(pointer, "must be a whole number, 0 or more"));
        }
        Some("number") if value.as_f64().is_none_or(|number| !number.is_finite()) => {
            faults.push(FormFault::at(pointer, "must be a number"));
        }
        _ => {}
    }
}

fn check_object(root: &Value, schema: &Value, value: &Value, pointer: &str, faults: &mut Vec<FormFault>) {
    let Some(fields) = value.as_object() else {
        faults.push(FormFault::at(pointer, wanted_object(schema)));
        return;
    };
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(required) {
            faults.push(FormFault::at(&format!("{pointer}/{required}"), "is missing"));
        }
    }
    let by_language = schema.get("propertyNames").is_some();
    for (name, field) in fields {
        let here = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        if by_language && name != "und" && LanguageTag::lenient(name) == LanguageTag::undetermined() {
            faults.push(FormFault::at(&here, "is no language tag such as `en`, `pt-BR` or `und` for not said"));
            continue;
        }
        match schema["properties"].get(name) {
            Some(known) => check(root, known, field, &here, faults),
            None => match &schema["additionalProperties"] {
                Value::Bool(false) => {
                    faults.push(FormFault::at(&here, "is no field of it: see the schema for the names there are"));
                }
                free => check(root, free, field, &here, faults),
            },
        }
    }
}

/// What is wanted where something else than an object came.
fn wanted_object(schema: &Value) -> String {
    let each = schema["additionalProperties"]["type"].as_str();
    match (schema.get("propertyNames"), each) {
        (Some(_), Some("array")) => {
            r#"must be a list of texts, or one for each language such as {"en": ["water"]}"#.to_owned()
        }
        (Some(_), _) => r#"must be a text, or one for each language such as {"en": "Water"}"#.to_owned(),
        (None, _) => {
            let names: Vec<&str> =
                schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            if names.is_empty() {
                "must be an object".to_owned()
            } else {
                format!("must be an object with: {}", names.join(", "))
            }
        }
    }
}

/// The form's schema (JSON Schema 2020-12), for editors and programs.
#[must_use]
pub fn schema() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "$ref": "#/$defs/texts" });
    let of = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let told = |description: &str, mut schema: Value| {
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("description".to_owned(), json!(description));
        }
        schema
    };
    let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let none = || json!([]);
    let free = json!({ "type": "object", "additionalProperties": true });
    let date = told("A date or moment (ISO 8601), or as much of it as is known.", text.clone());
    let mut dataset = json!({
        "$schema": text,
        "kind": { "enum": ["dataset", "dataset-series", "data-service"] },
        "identifier": told("Its identifier, which stays for ever.", text.clone()),
        "iri": text,
        "title": texts,
        "description": told("In Markdown or plain words.", texts.clone()),
        "publisher": of("agent"),
        "creator": list(of("agent")),
        "contact_point": list(of("contact")),
        "keyword": told("Keywords by language; a plain list is read as one under `und`.", json!({
            "type": "object", "propertyNames": { "pattern": LANGUAGE }, "additionalProperties": { "type": "array", "items": { "type": "string" } },
        })),
        "theme": list(of("concept")),
        "licence": of("licence"),
        "access_rights": of("concept"),
        "rights": list(texts.clone()),
        "issued": date,
        "modified": date,
        "created": date,
        "language": told("The languages of the data.", list(text.clone())),
    });
    let more = json!({
        "frequency": told("How often it is updated: an IRI of the EU's frequency table, or words.", of("concept")),
        "temporal": list(of("period")),
        "spatial": list(of("location")),
        "landing_page": list(text.clone()),
        "page": list(text.clone()),
        "conforms_to": list(of("concept")),
        "provenance": list(texts.clone()),
        "version": text,
        "version_notes": texts,
        "other_identifier": list(text.clone()),
        "in_series": told("The series that it belongs to: addresses or identifiers.", list(text.clone())),
        "relation": list(object(json!(["property", "target"]), json!({ "property": text, "target": text }))),
        "applicable_legislation": list(text.clone()),
        "hvd_category": list(of("concept")),
        "resource_type": list(of("concept")),
        "status": of("concept"),
        "contributor": list(of("agent")),
        "rights_holder": list(of("agent")),
        "attribution": list(object(none(), json!({ "agent": of("agent"), "role": text }))),
        "qualified_relation": list(object(json!(["target"]), json!({ "target": text, "role": text }))),
        "spatial_resolution_metres": list(text.clone()),
        "temporal_resolution": text,
        "purpose": texts,
        "distribution": list(of("distribution")),
        "service": object(none(), json!({
            "endpoint_url": list(text.clone()), "endpoint_description": list(text.clone()), "serves_dataset": list(text.clone()),
        })),
        "extra": told("What has no field of its own, by name.", free.clone()),
    });
    if let (Some(all), Value::Object(more)) = (dataset.as_object_mut(), more) {
        all.extend(more);
    }
    let distribution = json!({
        "iri": text,
        "title": texts,
        "description": texts,
        "access_url": text,
        "download_url": text,
        "media_type": text,
        "format": text,
        "compress_format": text,
        "byte_size": { "type": "integer", "minimum": 0 },
        "checksum": object(json!(["algorithm", "value"]), json!({ "algorithm": text, "value": text })),
        "licence": of("licence"),
        "rights": list(texts.clone()),
        "issued": date,
        "modified": date,
        "language": list(text.clone()),
        "conforms_to": list(of("concept")),
        "availability": text,
        "applicable_legislation": list(text.clone()),
        "access_service": list(text.clone()),
        "described_by": text,
        "page": list(text.clone()),
        "access_rights": of("concept"),
        "representation_technique": of("concept"),
        "character_encoding": list(text.clone()),
        "spatial_resolution_metres": list(text.clone()),
        "temporal_resolution": text,
        "extra": free,
    });
    let mut schema = object(json!(["title"]), dataset);
    if let Some(root) = schema.as_object_mut() {
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("title".to_owned(), json!("A dataset's description, in the terms of DCAT 3"));
        root.insert(
            "$defs".to_owned(),
            json!({
                "texts": {
                    "description": "One text per language; `und` where the language is not said. A plain text is read as one under `und`.",
                    "type": "object", "propertyNames": { "pattern": LANGUAGE }, "additionalProperties": text,
                },
                "concept": object(none(), json!({ "iri": text, "label": texts })),
                "licence": object(none(), json!({ "iri": text, "title": texts })),
                "agent": object(none(), json!({
                    "iri": text, "name": texts, "kind": text, "homepage": text, "email": text, "part_of": list(text.clone()),
                })),
                "contact": object(none(), json!({ "name": texts, "email": text, "telephone": text, "url": text })),
                "period": object(none(), json!({ "start": text, "end": text })),
                "location": object(none(), json!({
                    "iri": text,
                    "label": texts,
                    "bbox": {
                        "description": "West, south, east, north in degrees.",
                        "type": "array", "minItems": 4, "maxItems": 4, "items": { "type": "number" },
                    },
                    "geometry": text,
                })),
                "distribution": object(none(), distribution),
            }),
        );
    }
    schema
}

/// Where a text stands whose language is not said.
const UNSAID: &str = "und";

/// What a language tag looks like (BCP 47), for the schema.
const LANGUAGE: &str = "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$";

#[cfg(test)]
mod tests {
    use super::*;

    /// A description in which every field is filled.
    fn full() -> Value {
        fn fill(root: &Value, schema: &Value) -> Value {
            if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
                return fill(root, &root["$defs"][name]);
            }
            if let Some(choices) = schema["enum"].as_array() {
                return choices[0].clone();
            }
            match schema["type"].as_str().unwrap() {
                "object" if schema.get("propertyNames").is_some() => {
                    json!({ "en": fill(root, &schema["additionalProperties"]) })
                }
                "object" if schema["additionalProperties"] == true => json!({ "own": { "a": [1, null] } }),
                "object" => {
                    let fields = schema["properties"].as_object().unwrap();
                    let fields = fields.iter().filter(|(name, _)| *name != "$schema");
                    Value::Object(fields.map(|(name, field)| (name.clone(), fill(root, field))).collect())
                }
                "array" => {
                    let count = schema["minItems"].as_u64().unwrap_or(1);
                    Value::Array((0..count).map(|_| fill(root, &schema["items"])).collect())
                }
                "string" => json!("en"),
                "integer" => json!(7),
                "number" => json!(1.5),
                other => panic!("{other}"),
            }
        }
        let schema = schema();
        fill(&schema, &schema)
    }

    #[test]
    fn every_field_goes_in_and_out_unchanged() {
        let form = full();
        let draft = from_form(&form).expect("a good form");
        assert_eq!(to_form(&draft), form);
    }

    #[test]
    fn the_schema_knows_every_field_that_a_description_has() {
        let draft = from_form(&full()).expect("a good form");
        // Every field that serde writes when nothing is left out.
        let written = serde_json::to_value(&draft).unwrap();
        let schema = schema();
        for (name, known) in [("dataset", &schema), ("distribution", &schema["$defs"]["distribution"])] {
            let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/dataset.rs")).unwrap();
            let head = if name == "dataset" { "pub struct DatasetDraft {" } else { "pub struct Distribution {" };
            let (_, body) = text.split_once(head).unwrap();
            let (body, _) = body.split_once("\n}").unwrap();
            let fields = body.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next());
            for field in fields.filter(|field| *field != "held_at") {
                assert!(known["properties"].get(field).is_some(), "{name}: {field}");
            }
        }
        assert!(written["distribution"][0].get("held_at").is_none());
    }

    #[test]
    fn every_fault_has_its_place() {
        for (form, pointer) in [
            (json!({ "titel": { "en": "x" } }), "/titel"),
            (json!({}), "/title"),
            (json!({ "title": ["x"] }), "/title"),
            (json!({ "title": { "klingon language": "x" } }), "/title/klingon language"),
            (json!({ "title": { "en": 1 } }), "/title/en"),
            (json!({ "title": { "en": "x" }, "kind": "thing" }), "/kind"),
            (
                json!({ "title": { "en": "x" }, "distribution": [{ "held_at": "/etc/passwd" }] }),
                "/distribution/0/held_at",
            ),
            (json!({ "title": { "en": "x" }, "distribution": [{}, { "byte_size": -1 }] }), "/distribution/1/byte_size"),
            (json!({ "title": { "en": "x" }, "spatial": [{ "bbox": [1, 2, 3] }] }), "/spatial/0/bbox"),
            (json!({ "title": { "en": "x" }, "keyword": { "en": "water" } }), "/keyword/en"),
            (json!({ "title": { "en": "x" }, "a/b": 1 }), "/a~1b"),
            (json!([]), ""),
        ] {
            let faults = from_form(&form).expect_err("a fault");
            assert!(faults.iter().any(|fault| fault.pointer == pointer), "{form}: {faults:?}");
        }
    }

    #[test]
    fn texts_without_a_language_are_taken_as_of_none_that_is_said() {
        let plain = json!({
            "title": "Benches",
            "keyword": ["bench", "seat"],
            "publisher": { "name": "Town" },
            "provenance": ["Counted by hand."],
            "distribution": [{ "title": "All of them", "format": "CSV" }],
        });
        let spelt = json!({
            "title": { "und": "Benches" },
            "keyword": { "und": ["bench", "seat"] },
            "publisher": { "name": { "und": "Town" } },
            "provenance": [{ "und": "Counted by hand." }],
            "distribution": [{ "title": { "und": "All of them" }, "format": "CSV" }],
        });
        assert_eq!(from_form(&plain).unwrap(), from_form(&spelt).unwrap());
    }

    #[test]
    fn what_is_no_text_at_all_is_told_how_texts_are_written() {
        let faults =
            from_form(&json!({ "title": 7, "keyword": "bench", "checksum": 1, "publisher": "Town" })).unwrap_err();
        let told =
            |pointer: &str| faults.iter().find(|fault| fault.pointer == pointer).map(|fault| fault.problem.as_str());
        assert_eq!(told("/title"), Some(r#"must be a text, or one for each language such as {"en": "Water"}"#));
        assert_eq!(
            told("/keyword"),
            Some(r#"must be a list of texts, or one for each language such as {"en": ["water"]}"#)
        );
        assert!(told("/publisher").is_some_and(|told| told.starts_with("must be an object with: ")), "{faults:?}");
    }

    #[test]
    fn what_lies_too_deep_is_refused() {
        let mut deep = json!(1);
        for _ in 0..DEEPEST_FORM {
            deep = json!([deep]);
        }
        let form = json!({ "title": { "en": "x" }, "extra": { "own": deep } });
        assert_eq!(from_form(&form).map_err(|faults| faults.len()), Err(1));
    }
}

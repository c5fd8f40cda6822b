//! The form of a document of rules, told to editors and to programs (JSON Schema 2020-12).

use serde_json::{Value, json};

use super::field::{AGENT, CONTACT, DATASET, DISTRIBUTION, READ_ONLY};
use super::limits::{LONGEST_PATTERN_CHARS, MOST_CODES, MOST_IN_CONDITION, MOST_RULES};
use super::parse::RULES_VERSION;

/// Every pointer that is no field of the source's own.
fn pointers(with_read_only: bool) -> Vec<String> {
    let named = |prefix: &str, table: &[(&str, super::field::Shape, bool)]| {
        table.iter().map(|(name, ..)| format!("{prefix}/{name}")).collect::<Vec<_>>()
    };
    let mut all = named("", DATASET);
    if with_read_only {
        all.extend(named("", READ_ONLY));
    }
    all.extend(named("/publisher", AGENT));
    all.extend(named("/creator/*", AGENT));
    all.extend(named("/contact_point/*", CONTACT));
    all.extend(named("/distribution/*", DISTRIBUTION));
    all
}

pub(super) fn schema() -> Value {
    let field = |with_read_only| {
        json!({
            "anyOf": [
                { "enum": pointers(with_read_only) },
                { "type": "string", "pattern": "^(/distribution/\\*)?/extra/[^/]+$" },
            ],
        })
    };
    let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let pattern = json!({ "type": "string", "maxLength": LONGEST_PATTERN_CHARS, "format": "regex" });
    let condition = json!({ "$ref": "#/$defs/condition" });
    let conditions = json!({ "type": "array", "minItems": 1, "maxItems": MOST_IN_CONDITION, "items": condition });
    let texts = json!({ "type": "array", "minItems": 1, "maxItems": MOST_IN_CONDITION, "items": { "type": "string" } });
    let readable = json!({ "$ref": "#/$defs/readable" });
    let writable = json!({ "$ref": "#/$defs/field" });
    let compare =
        |verb: &str, value: &Value| object(json!(["field", verb]), json!({ "field": readable, (verb): value }));
    let text = json!({ "type": "string" });
    let rule = |act: &str, value: Value| {
        object(json!([act]), json!({ (act): value, "when": condition, "note": { "type": "string" } }))
    };
    let constant = object(json!(["field", "value"]), json!({ "field": writable, "value": true }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping rules of a harvest source",
        "description": "What a portal changes in the records of a source before they are checked and published. Rules are applied in their order.",
        "type": "object",
        "required": ["version", "rules"],
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string" },
            "version": { "const": RULES_VERSION },
            "note": { "type": "string" },
            "rules": { "type": "array", "maxItems": MOST_RULES, "items": { "$ref": "#/$defs/rule" } },
        },
        "$defs": {
            "field": field(false),
            "readable": field(true),
            "condition": { "oneOf": [
                compare("is", &text),
                compare("one_of", &texts),
                compare("contains", &text),
                compare("matches", &pattern),
                compare("exists", &json!({ "type": "boolean" })),
                object(json!(["all"]), json!({ "all": conditions })),
                object(json!(["any"]), json!({ "any": conditions })),
                object(json!(["not"]), json!({ "not": condition })),
            ] },
            "named": { "anyOf": [text, { "type": "object" }] },
            "rule": { "oneOf": [
                rule("move", object(json!(["from", "to"]), json!({ "from": writable, "to": writable }))),
                rule("set", constant.clone()),
                rule("default", constant),
                rule("map", object(json!(["field", "codes"]), json!({
                    "field": writable,
                    "codes": { "type": "object", "minProperties": 1, "maxProperties": MOST_CODES },
                    "otherwise": { "enum": ["keep", "drop", "report"] },
                }))),
                rule("replace", object(json!(["field", "pattern", "with"]), json!({
                    "field": writable,
                    "pattern": pattern,
                    "with": { "type": "string", "maxLength": LONGEST_PATTERN_CHARS },
                }))),
                rule("include", condition.clone()),
                rule("exclude", condition.clone()),
                rule("publisher", json!({ "$ref": "#/$defs/named" })),
                rule("licence", json!({ "$ref": "#/$defs/named" })),
                rule("theme", json!({ "anyOf": [
                    { "$ref": "#/$defs/named" },
                    { "type": "array", "items": { "$ref": "#/$defs/named" } },
                ] })),
            ] },
        },
    })
}

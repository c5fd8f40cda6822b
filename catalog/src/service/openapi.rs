//! The OpenAPI document of a service: read, cleaned, and asked for its operations.
//!
//! A document comes from an agency as JSON or YAML. What is kept of it is JSON without servers, security, callbacks, vendor
//! extensions and references to elsewhere: those speak of the agency's system, which callers do not see, and the gateway says
//! its own when the document is served.

use serde_json::{Map, Value};

use crate::error::CatalogError;

/// Largest document, in bytes.
pub const OPENAPI_MAX_BYTES: usize = 2 * 1024 * 1024;
/// Operations of one document.
const MOST_OPERATIONS: usize = 2_000;
/// How deep values may lie within each other.
const MOST_DEPTH: usize = 64;
/// Values of one document.
const MOST_VALUES: usize = 300_000;
/// Texts that search learns of one service.
const MOST_WORDS: usize = 1_000;
/// Bytes of all of them.
const MOST_WORDS_BYTES: usize = 64 * 1024;
/// Methods of an operation, as a path item names them.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// Members that speak of the agency's system.
const DROPPED: [&str; 9] = [
    "servers",
    "host",
    "schemes",
    "security",
    "securitySchemes",
    "securityDefinitions",
    "callbacks",
    "webhooks",
    "links",
];
/// Members whose members have names of the agency's choice.
const NAMED_MAPS: [&str; 15] = [
    "paths",
    "properties",
    "patternProperties",
    "schemas",
    "definitions",
    "$defs",
    "parameters",
    "responses",
    "requestBodies",
    "headers",
    "content",
    "mapping",
    "pathItems",
    "variables",
    "dependentSchemas",
];
/// Members that hold values and nothing to be read.
const VALUES: [&str; 5] = ["example", "examples", "default", "enum", "const"];

/// Which edition of the standard a document follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenapiVersion {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0 or 3.1.
    V3,
}

/// A cleaned document.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenapiDocument {
    /// Its edition.
    pub version: OpenapiVersion,
    value: Value,
}

/// An operation of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceOperation {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with `{parameters}`, below the service.
    pub path: String,
    /// What it does, in a few words.
    pub summary: String,
    /// What it does, at length (Markdown).
    pub description: String,
    /// Its parameters, those of its path included.
    pub parameters: Vec<OperationParameter>,
    /// Whether it takes a body.
    pub takes_body: bool,
    /// Whether its own document calls it deprecated.
    pub is_deprecated: bool,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationParameter {
    /// Its name.
    pub name: String,
    /// Where it stands: `path`, `query` or `header`.
    pub place: String,
    /// What it is (Markdown).
    pub description: String,
    /// Whether it must be given.
    pub is_required: bool,
    /// Its type, such as `integer`.
    pub kind: String,
    /// A value for a start, where the document names one.
    pub example: Option<String>,
    /// The values that it may have, where the document lists them.
    pub choices: Vec<String>,
}

fn invalid<T>(problem: impl Into<String>) -> Result<T, CatalogError> {
    Err(CatalogError::Invalid { field: "openapi", problem: problem.into() })
}

impl OpenapiDocument {
    /// Reads and cleans a document in JSON or YAML.
    ///
    /// # Errors
    /// `Invalid` when it is too large, cannot be read, is no OpenAPI document of edition 2 or 3, or refers to elsewhere.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        if text.len() > OPENAPI_MAX_BYTES {
            return invalid(format!("the document is larger than {OPENAPI_MAX_BYTES} bytes"));
        }
        let value = read(text)?;
        let Value::Object(mut root) = value else { return invalid("the document is no object") };
        let version = version_of(&root)?;
        if version == OpenapiVersion::V2 {
            // The agency's own prefix: callers reach the service by ours.
            root.remove("basePath");
        }
        let mut budget = MOST_VALUES;
        let mut value = Value::Object(root);
        clean(&mut value, "", 0, &mut budget)?;
        let document = Self { version, value };
        document.check()?;
        Ok(document)
    }

    /// Reads a document that [`Self::to_json`] wrote.
    pub(super) fn from_stored(text: &str) -> Result<Self, CatalogError> {
        let corrupt = |problem: String| CatalogError::Corrupt { what: "OpenAPI document", problem };
        let value: Value = serde_json::from_str(text).map_err(|error| corrupt(error.to_string()))?;
        let version = value.as_object().map(version_of).transpose().ok().flatten();
        Ok(Self { version: version.ok_or_else(|| corrupt("it names no edition".to_owned()))?, value })
    }

    /// The cleaned document as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.value.to_string()
    }

    /// The cleaned document, to put servers and security into.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        text(self.value.get("info"), "title")
    }

    fn check(&self) -> Result<(), CatalogError> {
        if self.title().trim().is_empty() {
            return invalid("`info.title` is missing");
        }
        let Some(paths) = self.value.get("paths").and_then(Value::as_object) else {
            return invalid("`paths` is missing");
        };
        if let Some(path) = paths.keys().find(|path| !path.starts_with('/') || path.contains(char::is_control)) {
            return invalid(format!("the path `{}` must begin with `/`", path.escape_debug()));
        }
        let operations = self.operations().count();
        if operations == 0 || operations > MOST_OPERATIONS {
            return invalid(format!("a document needs 1 to {MOST_OPERATIONS} operations, this one has {operations}"));
        }
        Ok(())
    }

    /// Its operations, in the order of its paths.
    pub fn operations(&self) -> impl Iterator<Item = ServiceOperation> {
        let paths = self.value.get("paths").and_then(Value::as_object).into_iter().flatten();
        paths.flat_map(|(path, item)| {
            METHODS.iter().filter_map(|method| {
                let operation = item.get(method)?.as_object()?;
                Some(self.operation(path, method, item, operation))
            })
        })
    }

    fn operation(&self, path: &str, method: &str, item: &Value, operation: &Map<String, Value>) -> ServiceOperation {
        let lists = [item.get("parameters"), operation.get("parameters")];
        let given = lists.into_iter().flatten().filter_map(Value::as_array).flatten().map(|value| self.resolved(value));
        let mut parameters: Vec<OperationParameter> = Vec::new();
        let mut has_body_parameter = false;
        for parameter in given.filter_map(Value::as_object) {
            let read = self.parameter(parameter);
            has_body_parameter |= matches!(read.place.as_str(), "body" | "formData");
            let known = |other: &OperationParameter| other.name == read.name && other.place == read.place;
            // What an operation says goes before what its path says.
            parameters.retain(|other| !known(other));
            if matches!(read.place.as_str(), "path" | "query" | "header") {
                parameters.push(read);
            }
        }
        let operation = &Value::Object(operation.clone());
        let summary = match text(Some(operation), "summary") {
            "" => text(Some(operation), "operationId"),
            summary => summary,
        };
        ServiceOperation {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: summary.trim().to_owned(),
            description: text(Some(operation), "description").to_owned(),
            parameters,
            takes_body: has_body_parameter || operation.get("requestBody").is_some(),
            is_deprecated: operation.get("deprecated").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    fn parameter(&self, parameter: &Map<String, Value>) -> OperationParameter {
        let whole = &Value::Object(parameter.clone());
        let schema = parameter.get("schema").map(|schema| self.resolved(schema)).unwrap_or(whole);
        let place = text(Some(whole), "in").to_owned();
        let shown = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let choices = schema.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(shown);
        let named = [parameter.get("example"), schema.get("example"), schema.get("default")];
        OperationParameter {
            name: text(Some(whole), "name").to_owned(),
            description: text(Some(whole), "description").to_owned(),
            is_required: place == "path" || parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
            kind: text(Some(schema), "type").to_owned(),
            example: named.into_iter().flatten().find_map(shown),
            choices: choices.take(200).collect(),
            place,
        }
    }

    /// What a reference within the document stands for; itself when it is none, or leads nowhere.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.value.pointer(reference.strip_prefix('#')?))
            .unwrap_or(value)
    }

    /// What search learns: each operation's method, path, summary and parameters.
    #[must_use]
    pub fn search_words(&self) -> Vec<String> {
        let mut bytes = 0;
        self.operations()
            .map(|operation| {
                let names: Vec<&str> = operation.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
                let words =
                    format!("{} {} {} {}", operation.method, operation.path, operation.summary, names.join(" "));
                words.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .take(MOST_WORDS)
            .take_while(|words| {
                bytes += words.len();
                bytes <= MOST_WORDS_BYTES
            })
            .collect()
    }
}

fn text<'a>(value: Option<&'a Value>, member: &str) -> &'a str {
    value.and_then(|value| value.get(member)).and_then(Value::as_str).unwrap_or_default()
}

/// JSON when it begins like JSON, else YAML; the YAML reader bounds what aliases may grow to.
fn read(text: &str) -> Result<Value, CatalogError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).or_else(|error| invalid(format!("the JSON cannot be read: {error}")));
    }
    serde_saphyr::from_str(text).or_else(|error| {
        let told: String = error.to_string().chars().take(500).collect();
        invalid(format!("the YAML cannot be read: {told}"))
    })
}

fn version_of(root: &Map<String, Value>) -> Result<OpenapiVersion, CatalogError> {
    let named = |member: &str| root.get(member).and_then(Value::as_str).unwrap_or_default();
    // YAML may have read `swagger: 2.0` as a number.
    let swagger_number = root.get("swagger").and_then(Value::as_f64).is_some_and(|number| (number - 2.0).abs() < 1e-9);
    if named("openapi").starts_with("3.0") || named("openapi").starts_with("3.1") {
        Ok(OpenapiVersion::V3)
    } else if named("swagger") == "2.0" || swagger_number {
        Ok(OpenapiVersion::V2)
    } else {
        invalid("the document is neither OpenAPI 3.0, OpenAPI 3.1 nor Swagger 2.0")
    }
}

/// Takes out what speaks of elsewhere; `parent` is the member that holds the value.
fn clean(value: &mut Value, parent: &str, depth: usize, budget: &mut usize) -> Result<(), CatalogError> {
    *budget = match budget.checked_sub(1) {
        Some(left) if depth <= MOST_DEPTH => left,
        _ => return invalid("the document is too deep or holds too many values"),
    };
    match value {
        Value::Object(members) => {
            let free = NAMED_MAPS.contains(&parent);
            members.retain(|name, value| free || keeps(name, value));
            for (name, value) in members {
                if !free && name == "$ref" && !value.as_str().is_some_and(|reference| reference.starts_with("#/")) {
                    return invalid("references must stay within the document: `#/…`");
                }
                let parent = if free { "" } else { name.as_str() };
                clean(value, parent, depth + 1, budget)?;
            }
        }
        Value::Array(items) => {
            for item in items {
                clean(item, "", depth + 1, budget)?;
            }
        }
        Value::String(text) => text.retain(|c| !c.is_control() || matches!(c, '\n' | '\t')),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// Whether a member stays: nothing of the agency's system, no vendor's extension, no address that is none of the web.
fn keeps(name: &str, value: &Value) -> bool {
    if DROPPED.contains(&name) || (name.starts_with("x-") && !VALUES.contains(&name)) {
        return false;
    }
    let is_address = matches!(name, "url" | "termsOfService" | "externalValue");
    !is_address
        || value.as_str().is_none_or(|address| address.starts_with("https://") || address.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Value {
        json!({
            "openapi": "3.0.3",
            "info": { "title": "Air", "version": "1", "contact": { "url": "javascript:alert(1)" } },
            "servers": [{ "url": "http://10.0.0.7/internal" }],
            "security": [{ "key": [] }],
            "paths": {
                "/stations/{station}": {
                    "parameters": [{ "$ref": "#/components/parameters/Station" }],
                    "servers": [{ "url": "http://10.0.0.7/internal" }],
                    "get": {
                        "summary": "One station",
                        "x-amazon-apigateway-integration": { "uri": "http://10.0.0.7/" },
                        "parameters": [{ "name": "from", "in": "query", "schema": { "type": "string", "default": "2026" } }],
                        "responses": { "200": { "description": "ok" } },
                        "callbacks": { "c": {} }
                    }
                },
                "/stations": { "post": { "operationId": "addStation", "requestBody": { "content": {} }, "responses": {} } }
            },
            "components": {
                "parameters": { "Station": { "name": "station", "in": "path", "required": true, "schema": { "type": "integer", "enum": [1, 2] } } },
                "securitySchemes": { "key": { "type": "apiKey", "name": "x-agency-key", "in": "header" } },
                "schemas": { "x-odd-name": { "properties": { "servers": { "type": "string" } } } }
            }
        })
    }

    #[test]
    fn what_speaks_of_the_agencys_system_is_taken_out() {
        let document = OpenapiDocument::parse(&sample().to_string()).expect("a document");
        let json = document.to_json();
        for gone in ["10.0.0.7", "amazon", "x-agency-key", "javascript", "callbacks"] {
            assert!(!json.contains(gone), "{gone}");
        }
        assert!(
            json.contains("x-odd-name")
                && document.value.pointer("/components/schemas/x-odd-name/properties/servers").is_some()
        );
        assert_eq!(OpenapiDocument::from_stored(&json).expect("read back"), document);
    }

    #[test]
    fn operations_are_read_with_the_parameters_of_their_path() {
        let document = OpenapiDocument::parse(&sample().to_string()).expect("a document");
        let operations: Vec<ServiceOperation> = document.operations().collect();
        let names: Vec<(&str, &str)> = operations.iter().map(|o| (o.method.as_str(), o.path.as_str())).collect();
        assert_eq!(names, [("POST", "/stations"), ("GET", "/stations/{station}")]);
        let get = operations.last().expect("two");
        let parameters: Vec<(&str, &str)> =
            get.parameters.iter().map(|p| (p.name.as_str(), p.place.as_str())).collect();
        assert_eq!(parameters, [("station", "path"), ("from", "query")]);
        assert_eq!(get.parameters.first().map(|p| p.choices.clone()), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(get.parameters.last().and_then(|p| p.example.clone()).as_deref(), Some("2026"));
        assert!(operations.first().is_some_and(|post| post.takes_body && post.summary == "addStation"));
        assert_eq!(
            document.search_words(),
            ["POST /stations addStation", "GET /stations/{station} One station station from"]
        );
    }

    #[test]
    fn yaml_is_read_as_json_is() {
        let yaml = "swagger: '2.0'\ninfo: {title: Air, version: '1'}\nhost: internal.example\nbasePath: /v1\npaths:\n  /a:\n    get:\n      summary: A\n      responses: {}\n";
        let document = OpenapiDocument::parse(yaml).expect("a document");
        assert_eq!(document.version, OpenapiVersion::V2);
        assert!(!document.to_json().contains("internal.example") && !document.to_json().contains("basePath"));
        assert_eq!(document.operations().count(), 1);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let with = |change: &dyn Fn(&mut Value)| {
            let mut value = sample();
            change(&mut value);
            value.to_string()
        };
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &(0..9)
                .map(|n| format!("{}: &{} [{}]\n", b(n + 1), b(n + 1), vec![format!("*{}", b(n)); 10].join(",")))
                .collect::<String>();
        for (name, text) in [
            ("nothing", String::new()),
            ("no object", "[1]".to_owned()),
            ("broken JSON", "{\"openapi\": ".to_owned()),
            ("broken YAML", "a: [".to_owned()),
            ("another thing", json!({ "hello": 1 }).to_string()),
            ("edition 4", with(&|v| v["openapi"] = json!("4.0.0"))),
            ("no title", with(&|v| v["info"] = json!({}))),
            ("no paths", with(&|v| v["paths"] = json!({}))),
            ("a path without slash", with(&|v| v["paths"] = json!({ "a": { "get": {} } }))),
            (
                "a reference to elsewhere",
                with(&|v| v["components"]["schemas"]["a"] = json!({ "$ref": "http://10.0.0.7/a.json" })),
            ),
            (
                "a reference to a file",
                with(&|v| v["components"]["schemas"]["a"] = json!({ "$ref": "file:///etc/passwd" })),
            ),
            ("too deep", with(&|v| v["x"] = serde_json::from_str(&deep).expect("JSON"))),
            ("too large", " ".repeat(OPENAPI_MAX_BYTES + 1)),
            ("a bomb", bomb),
        ] {
            assert!(
                matches!(OpenapiDocument::parse(&text), Err(CatalogError::Invalid { field: "openapi", .. })),
                "{name}"
            );
        }
    }

    fn b(n: usize) -> String {
        if n == 0 { "a".to_owned() } else { format!("b{n}") }
    }
}

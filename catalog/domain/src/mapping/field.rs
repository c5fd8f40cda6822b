//! Which fields rules may name, what each holds, and how a plain text or a constant becomes one.

use serde_json::{Map, Value, json};

use super::limits::LONGEST_TEXT_CHARS;
use crate::text::LanguageTag;

/// What a field holds, as it stands in a dataset's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text of no language.
    Plain,
    /// A whole number.
    Number,
    /// A text in languages.
    Localized,
    /// An IRI with a label.
    Concept,
    /// An IRI with a title.
    Licence,
    /// A body: an IRI with a name.
    Agent,
    /// A word in a language.
    Keyword,
    /// A tag of a language.
    Language,
    /// A place: an IRI with a label.
    Location,
    /// Whatever the source wrote: a field of its own that DCAT has no home for.
    Free,
}

/// The fields of a dataset, with what they hold; `true` for those that hold several.
pub(super) const DATASET: &[(&str, Shape, bool)] = &[
    ("iri", Shape::Plain, false),
    ("title", Shape::Localized, false),
    ("description", Shape::Localized, false),
    ("publisher", Shape::Agent, false),
    ("creator", Shape::Agent, true),
    ("keyword", Shape::Keyword, true),
    ("theme", Shape::Concept, true),
    ("licence", Shape::Licence, false),
    ("access_rights", Shape::Concept, false),
    ("rights", Shape::Localized, true),
    ("issued", Shape::Plain, false),
    ("modified", Shape::Plain, false),
    ("language", Shape::Language, true),
    ("frequency", Shape::Concept, false),
    ("spatial", Shape::Location, true),
    ("landing_page", Shape::Plain, true),
    ("page", Shape::Plain, true),
    ("conforms_to", Shape::Concept, true),
    ("provenance", Shape::Localized, true),
    ("version", Shape::Plain, false),
    ("version_notes", Shape::Localized, false),
    ("other_identifier", Shape::Plain, true),
    ("in_series", Shape::Plain, true),
    ("applicable_legislation", Shape::Plain, true),
    ("hvd_category", Shape::Concept, true),
];

/// The fields of each distribution.
pub(super) const DISTRIBUTION: &[(&str, Shape, bool)] = &[
    ("iri", Shape::Plain, false),
    ("title", Shape::Localized, false),
    ("description", Shape::Localized, false),
    ("access_url", Shape::Plain, false),
    ("download_url", Shape::Plain, false),
    ("media_type", Shape::Plain, false),
    ("format", Shape::Plain, false),
    ("compress_format", Shape::Plain, false),
    ("byte_size", Shape::Number, false),
    ("licence", Shape::Licence, false),
    ("rights", Shape::Localized, true),
    ("issued", Shape::Plain, false),
    ("modified", Shape::Plain, false),
    ("language", Shape::Language, true),
    ("conforms_to", Shape::Concept, true),
    ("availability", Shape::Plain, false),
    ("applicable_legislation", Shape::Plain, true),
    ("described_by", Shape::Plain, false),
];

/// The fields of each contact point, of the publisher and of each creator.
pub(super) const CONTACT: &[(&str, Shape, bool)] = &[
    ("name", Shape::Localized, false),
    ("email", Shape::Plain, false),
    ("telephone", Shape::Plain, false),
    ("url", Shape::Plain, false),
];
pub(super) const AGENT: &[(&str, Shape, bool)] = &[
    ("iri", Shape::Plain, false),
    ("name", Shape::Localized, false),
    ("homepage", Shape::Plain, false),
    ("email", Shape::Plain, false),
];

/// What may be read but not written: a record's identity is its source's.
pub(super) const READ_ONLY: &[(&str, Shape, bool)] =
    &[("identifier", Shape::Plain, false), ("kind", Shape::Plain, false)];

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The field of that name.
    Key(String),
    /// Each element of a list.
    Each,
}

/// A field that rules may name: `/title`, `/publisher/name`, `/distribution/*/format`, `/extra/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// As it was written.
    pub(super) pointer: String,
    /// The way there; the last step is always a name.
    pub(super) steps: Vec<Step>,
    /// What one value of it holds.
    pub(super) shape: Shape,
    /// Whether it holds a list of them.
    pub(super) many: bool,
    /// Whether rules may change it.
    pub(super) writable: bool,
}

impl Field {
    /// Reads a pointer; fails with what is wrong and what to write.
    pub(super) fn parse(pointer: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "`{}` is no field of a dataset; write for example `/title`, `/publisher/name`, `/distribution/*/format` or `/extra/NAME`",
                pointer.chars().take(100).collect::<String>()
            )
        };
        let rest = pointer.strip_prefix('/').ok_or_else(unknown)?;
        let parts: Vec<String> = rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        let find = |table: &'static [(&'static str, Shape, bool)], name: &str| {
            table.iter().find(|(known, ..)| *known == name).map(|(_, shape, many)| (*shape, *many))
        };
        let (found, writable) = match names.as_slice() {
            [name] => match find(DATASET, name) {
                Some(found) => (Some(found), true),
                None => (find(READ_ONLY, name), false),
            },
            ["publisher", name] => (find(AGENT, name), true),
            ["creator", "*", name] => (find(AGENT, name), true),
            ["contact_point", "*", name] => (find(CONTACT, name), true),
            ["distribution", "*", name] => (find(DISTRIBUTION, name), true),
            ["extra", name] | ["distribution", "*", "extra", name] if !name.is_empty() => {
                (Some((Shape::Free, false)), true)
            }
            _ => (None, false),
        };
        let (shape, many) = found.ok_or_else(unknown)?;
        let steps = parts.into_iter().map(|part| if part == "*" { Step::Each } else { Step::Key(part) }).collect();
        Ok(Self { pointer: pointer.to_owned(), steps, shape, many, writable })
    }

    /// The steps to the list whose elements it is a field of, and those within an element.
    pub(super) fn around_each(&self) -> Option<(&[Step], &[Step])> {
        let at = self.steps.iter().position(|step| *step == Step::Each)?;
        Some((self.steps.get(..at)?, self.steps.get(at + 1..)?))
    }

    /// Every text that the field holds, in order.
    pub(super) fn texts(&self, document: &Value) -> Vec<String> {
        let mut texts = Vec::new();
        read_each(document, &self.steps, &mut |value| collect(self.shape, self.many, value, &mut texts));
        texts
    }

    /// A constant as this field holds it.
    pub(super) fn build(&self, written: &Value) -> Result<Value, String> {
        if !self.many {
            return build(self.shape, written);
        }
        match written {
            Value::Array(items) if self.shape != Shape::Keyword || !is_keyword_pair(items) => {
                items.iter().map(|item| build(self.shape, item)).collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            one => Ok(Value::Array(vec![build(self.shape, one)?])),
        }
    }

    /// What this field holds of a value that stood in another.
    pub(super) fn adopt(&self, other: &Self, value: Value) -> Option<Value> {
        if (self.shape, self.many) == (other.shape, other.many) {
            return Some(value);
        }
        if self.shape == other.shape && self.many {
            return Some(Value::Array(vec![value]));
        }
        let mut texts = Vec::new();
        collect(other.shape, other.many, &value, &mut texts);
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
        if self.shape == Shape::Free && texts.len() > 1 {
            return Some(Value::from(texts));
        }
        if self.many {
            let built: Vec<Value> =
                texts.iter().filter_map(|text| build(self.shape, &Value::from(text.trim())).ok()).collect();
            return (!built.is_empty()).then_some(Value::Array(built));
        }
        build(self.shape, &Value::from(texts.first()?.trim())).ok()
    }
}

fn is_keyword_pair(items: &[Value]) -> bool {
    matches!(items, [Value::String(tag), Value::String(_)] if LanguageTag::lenient(tag) != LanguageTag::undetermined() && tag.len() <= 3)
}

/// Calls `read` with every value that the steps lead to.
fn read_each(value: &Value, steps: &[Step], read: &mut dyn FnMut(&Value)) {
    match steps.split_first() {
        None => read(value),
        Some((Step::Key(name), rest)) => {
            if let Some(inner) = value.get(name) {
                read_each(inner, rest, read);
            }
        }
        Some((Step::Each, rest)) => {
            for item in value.as_array().into_iter().flatten() {
                read_each(item, rest, read);
            }
        }
    }
}

/// Calls `change` with every object that the last step is a name in, and that name. Objects on the way are made when
/// `create` says so; lists never grow.
pub(super) fn change_each(
    value: &mut Value,
    steps: &[Step],
    create: bool,
    change: &mut dyn FnMut(&mut Map<String, Value>, &str),
) {
    match steps {
        [] | [Step::Each] => {}
        [Step::Key(name)] => {
            if let Value::Object(fields) = value {
                change(fields, name);
            }
        }
        [Step::Key(name), rest @ ..] => {
            let Value::Object(fields) = value else { return };
            let is_list = matches!(rest.first(), Some(Step::Each));
            if create && !is_list && !fields.contains_key(name) {
                fields.insert(name.clone(), json!({}));
            }
            if let Some(inner) = fields.get_mut(name) {
                change_each(inner, rest, create, change);
                if !is_list && inner.as_object().is_some_and(Map::is_empty) {
                    fields.remove(name);
                }
            }
        }
        [Step::Each, rest @ ..] => {
            for item in value.as_array_mut().into_iter().flatten() {
                change_each(item, rest, create, change);
            }
        }
    }
}

/// Adds the texts of a value.
pub(super) fn collect(shape: Shape, many: bool, value: &Value, texts: &mut Vec<String>) {
    if many {
        for item in value.as_array().into_iter().flatten() {
            collect(shape, false, item, texts);
        }
        return;
    }
    let mut plain = |value: Option<&Value>| match value {
        Some(Value::String(text)) if !text.is_empty() => texts.push(text.clone()),
        Some(Value::Number(number)) => texts.push(number.to_string()),
        Some(Value::Bool(truth)) => texts.push(truth.to_string()),
        _ => {}
    };
    match shape {
        Shape::Plain | Shape::Number | Shape::Language => plain(Some(value)),
        Shape::Keyword => plain(value.get(1)),
        Shape::Localized => value.as_object().into_iter().flat_map(Map::values).for_each(|text| plain(Some(text))),
        Shape::Concept | Shape::Licence | Shape::Agent | Shape::Location => {
            plain(value.get("iri"));
            let named = value.get(label_of(shape)).and_then(Value::as_object);
            named.into_iter().flat_map(Map::values).for_each(|text| plain(Some(text)));
        }
        Shape::Free => match value {
            Value::Array(items) => items.iter().for_each(|item| collect(shape, false, item, texts)),
            Value::Object(fields) => fields.values().for_each(|item| collect(shape, false, item, texts)),
            other => plain(Some(other)),
        },
    }
}

/// The name of the field that holds what a thing with an IRI is called.
const fn label_of(shape: Shape) -> &'static str {
    match shape {
        Shape::Licence => "title",
        Shape::Agent => "name",
        Shape::Plain
        | Shape::Number
        | Shape::Localized
        | Shape::Concept
        | Shape::Keyword
        | Shape::Language
        | Shape::Location
        | Shape::Free => "label",
    }
}

fn localized(written: &Value) -> Result<Value, String> {
    match written {
        Value::String(text) => Ok(json!({ "und": text })),
        Value::Object(texts) if !texts.is_empty() && texts.values().all(Value::is_string) => {
            Ok(Value::Object(texts.clone()))
        }
        _ => Err("must be a text, or texts by language such as {\"en\": \"…\", \"de\": \"…\"}".to_owned()),
    }
}

/// One value as it stands in a document.
pub(super) fn build(shape: Shape, written: &Value) -> Result<Value, String> {
    let too_long = |value: &Value| {
        let mut texts = Vec::new();
        collect(Shape::Free, false, value, &mut texts);
        texts.iter().any(|text| text.chars().count() > LONGEST_TEXT_CHARS)
    };
    if too_long(written) {
        return Err(format!("must hold no text of more than {LONGEST_TEXT_CHARS} characters"));
    }
    match shape {
        Shape::Free => Ok(written.clone()),
        Shape::Plain => match written {
            Value::String(_) => Ok(written.clone()),
            Value::Number(number) => Ok(Value::from(number.to_string())),
            _ => Err("must be a text".to_owned()),
        },
        Shape::Number => match written {
            Value::Number(number) if number.is_u64() => Ok(written.clone()),
            Value::String(text) => {
                text.trim().parse::<u64>().map(Value::from).map_err(|_| "must be a whole number".to_owned())
            }
            _ => Err("must be a whole number".to_owned()),
        },
        Shape::Localized => localized(written),
        Shape::Language => match written {
            Value::String(tag) if LanguageTag::lenient(tag) != LanguageTag::undetermined() => {
                Ok(Value::from(LanguageTag::lenient(tag).as_str()))
            }
            _ => Err("must be the tag of a language, such as `en`".to_owned()),
        },
        Shape::Keyword => match written {
            Value::String(word) => Ok(json!(["und", word])),
            Value::Array(pair) if is_keyword_pair(pair) => Ok(written.clone()),
            _ => Err("must be a word, or a language and a word such as [\"en\", \"water\"]".to_owned()),
        },
        Shape::Concept | Shape::Licence | Shape::Agent | Shape::Location => named(shape, written),
    }
}

/// A thing with an IRI and a name: from either alone as a text, or from both.
fn named(shape: Shape, written: &Value) -> Result<Value, String> {
    let label = label_of(shape);
    match written {
        Value::String(text) if is_iri(text) => Ok(json!({ "iri": text })),
        Value::String(text) => Ok(json!({ (label): { "und": text } })),
        Value::Object(fields) if !fields.is_empty() => {
            let mut built = Map::new();
            for (name, value) in fields {
                let is_plain =
                    name == "iri" || (shape == Shape::Agent && matches!(name.as_str(), "email" | "homepage" | "kind"));
                let value = match value {
                    Value::String(_) if is_plain => value.clone(),
                    _ if name == label => localized(value)?,
                    _ => return Err(format!("must hold `iri` and `{label}` as texts, and not `{name}`")),
                };
                built.insert(name.clone(), value);
            }
            Ok(Value::Object(built))
        }
        _ => Err(format!("must be a text (an IRI or a name), or an object of `iri` and `{label}`")),
    }
}

/// An absolute IRI, as rules write them.
fn is_iri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.len() > 1
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            && (rest.starts_with("//") || matches!(scheme, "urn" | "doi" | "info" | "ark"))
            && !text.chars().any(char::is_whitespace)
    })
}

/// Whether a value says nothing.
pub(super) fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.iter().all(|item| is_nothing(Some(item))),
        Some(Value::Object(fields)) => fields.values().all(|field| is_nothing(Some(field))),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

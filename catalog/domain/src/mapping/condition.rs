//! Which records, or which of them, a rule is for.

use regex::Regex;
use serde_json::Value;

use super::field::{Field, is_nothing};
use super::limits::{DEEPEST_CONDITION, MOST_IN_CONDITION};
use super::parse::{Faults, Patterns};

/// A question that a record answers with yes or no. Texts are compared without regard to case and outer blanks; of a field
/// with several texts, one that fits is enough.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Is { field: Field, texts: Vec<String> },
    Contains { field: Field, part: String },
    Matches { field: Field, pattern: Regex },
    Exists { field: Field, wanted: bool },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// A text as it is compared.
pub(super) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

impl Condition {
    pub(super) fn holds(&self, document: &Value) -> bool {
        match self {
            Self::Is { field, texts } => field.texts(document).iter().any(|text| texts.contains(&folded(text))),
            Self::Contains { field, part } => field.texts(document).iter().any(|text| folded(text).contains(part)),
            Self::Matches { field, pattern } => field.texts(document).iter().any(|text| pattern.is_match(text)),
            Self::Exists { field, wanted } => {
                let texts = field.texts(document);
                let there = texts.iter().any(|text| !is_nothing(Some(&Value::from(text.as_str()))));
                there == *wanted
            }
            Self::All(inner) => inner.iter().all(|one| one.holds(document)),
            Self::Any(inner) => inner.iter().any(|one| one.holds(document)),
            Self::Not(inner) => !inner.holds(document),
        }
    }

    /// Reads a condition; what is wrong with it is told to `faults`.
    pub(super) fn parse(
        written: &Value,
        at: &str,
        depth: usize,
        patterns: &mut Patterns,
        faults: &mut Faults,
    ) -> Option<Self> {
        let Some(fields) = written.as_object() else {
            faults.add(at, "must be a condition, such as {\"field\": \"/keyword\", \"is\": \"water\"}");
            return None;
        };
        if depth > DEEPEST_CONDITION {
            faults.add(at, format!("conditions may stand up to {DEEPEST_CONDITION} deep in one another"));
            return None;
        }
        let mut names = fields.keys().map(String::as_str).collect::<Vec<_>>();
        names.retain(|name| *name != "field");
        let ([verb], Some(value)) = (names.as_slice(), names.first().and_then(|name| fields.get(*name))) else {
            faults.add(
                at,
                "must hold `field` with one of `is`, `one_of`, `contains`, `matches` and `exists`; or one of `all`, `any` and `not` alone",
            );
            return None;
        };
        let inside = format!("{at}/{verb}");
        let verb = *verb;
        match verb {
            "all" | "any" => {
                let Some(items) = value.as_array().filter(|items| (1..=MOST_IN_CONDITION).contains(&items.len()))
                else {
                    faults.add(&inside, format!("must be a list of 1 to {MOST_IN_CONDITION} conditions"));
                    return None;
                };
                let inner: Vec<Option<Self>> = items
                    .iter()
                    .enumerate()
                    .map(|(n, item)| Self::parse(item, &format!("{inside}/{n}"), depth + 1, patterns, faults))
                    .collect();
                let inner: Vec<Self> = inner.into_iter().collect::<Option<_>>()?;
                Some(if verb == "all" { Self::All(inner) } else { Self::Any(inner) })
            }
            "not" => Self::parse(value, &inside, depth + 1, patterns, faults).map(|inner| Self::Not(Box::new(inner))),
            _ => Self::of_field(fields.get("field"), verb, value, at, patterns, faults),
        }
    }

    fn of_field(
        field: Option<&Value>,
        verb: &str,
        value: &Value,
        at: &str,
        patterns: &mut Patterns,
        faults: &mut Faults,
    ) -> Option<Self> {
        let inside = format!("{at}/{verb}");
        let field = faults.field(field, &format!("{at}/field"));
        let text = |faults: &mut Faults| match value.as_str() {
            Some(text) => Some(text),
            None => {
                faults.add(&inside, "must be a text");
                None
            }
        };
        match verb {
            "is" => text(faults).and_then(|text| Some(Self::Is { field: field?, texts: vec![folded(text)] })),
            "contains" => text(faults).and_then(|text| Some(Self::Contains { field: field?, part: folded(text) })),
            "matches" => {
                let pattern = text(faults).and_then(|text| patterns.compile(text, &inside, faults));
                Some(Self::Matches { pattern: pattern?, field: field? })
            }
            "one_of" => {
                let texts: Option<Vec<String>> = value
                    .as_array()
                    .filter(|items| (1..=MOST_IN_CONDITION).contains(&items.len()))
                    .and_then(|items| items.iter().map(|item| item.as_str().map(folded)).collect());
                if texts.is_none() {
                    faults.add(&inside, format!("must be a list of 1 to {MOST_IN_CONDITION} texts"));
                }
                Some(Self::Is { texts: texts?, field: field? })
            }
            "exists" => {
                let wanted = value.as_bool();
                if wanted.is_none() {
                    faults.add(&inside, "must be true or false");
                }
                Some(Self::Exists { wanted: wanted?, field: field? })
            }
            other => {
                let told = other.chars().take(40).collect::<String>();
                faults.add(
                    at,
                    format!("`{told}` is no comparison; use `is`, `one_of`, `contains`, `matches` or `exists`"),
                );
                None
            }
        }
    }
}

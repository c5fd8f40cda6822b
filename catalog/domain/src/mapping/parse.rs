//! From a document to rules: everything that is wrong with it, each with its place.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::act::{Act, Otherwise, Rule};
use super::condition::{Condition, folded};
use super::field::Field;
use super::limits::{LONGEST_PATTERN_CHARS, MOST_CODES, MOST_FAULTS, MOST_PATTERNS, MOST_RULES, PATTERN_BYTES};

/// The version of the document's own form.
pub const RULES_VERSION: u64 = 1;

/// What is wrong with a document of rules, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleFault {
    /// A JSON pointer into the document (RFC 6901), such as `/rules/3/replace/pattern`.
    pub pointer: String,
    /// What is wrong and what to write.
    pub problem: String,
}

/// Faults as they come up.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<RuleFault>);

impl Faults {
    pub(super) fn add(&mut self, pointer: &str, problem: impl Into<String>) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(RuleFault { pointer: pointer.to_owned(), problem: problem.into() });
        }
    }

    /// The field that a pointer names.
    pub(super) fn field(&mut self, written: Option<&Value>, at: &str) -> Option<Field> {
        let Some(pointer) = written.and_then(Value::as_str) else {
            self.add(at, "must name a field, such as `/licence`");
            return None;
        };
        match Field::parse(pointer) {
            Ok(field) => Some(field),
            Err(problem) => {
                self.add(at, problem);
                None
            }
        }
    }

    fn writable(&mut self, written: Option<&Value>, at: &str) -> Option<Field> {
        let field = self.field(written, at)?;
        if !field.writable {
            self.add(at, format!("`{}` may be asked about, but not changed: it is the source's own", field.pointer));
            return None;
        }
        Some(field)
    }
}

/// Patterns of one document: bounded in number and size, and matched in linear time by their engine.
#[derive(Debug, Default)]
pub(super) struct Patterns(usize);

impl Patterns {
    pub(super) fn compile(&mut self, pattern: &str, at: &str, faults: &mut Faults) -> Option<Regex> {
        self.0 += 1;
        if self.0 > MOST_PATTERNS {
            faults.add(at, format!("a document may hold up to {MOST_PATTERNS} patterns"));
            return None;
        }
        if pattern.chars().count() > LONGEST_PATTERN_CHARS {
            faults.add(at, format!("a pattern may hold up to {LONGEST_PATTERN_CHARS} characters"));
            return None;
        }
        let built =
            RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).nest_limit(20).build();
        built
            .map_err(|error| {
                // The crate's own words span lines and point with carets; the last line says it.
                let told = error.to_string();
                let last = told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                faults.add(at, format!("is no pattern: {last}"));
            })
            .ok()
    }
}

const ACTS: &str =
    "`move`, `set`, `default`, `map`, `replace`, `include`, `exclude`, `publisher`, `licence` and `theme`";

pub(super) fn parse(document: &Value) -> Result<Vec<Rule>, Vec<RuleFault>> {
    let mut faults = Faults::default();
    let rules = parse_document(document, &mut faults);
    if faults.0.is_empty() { Ok(rules) } else { Err(faults.0) }
}

fn parse_document(document: &Value, faults: &mut Faults) -> Vec<Rule> {
    let Some(fields) = document.as_object() else {
        faults.add("", "must be an object with `version` and `rules`");
        return Vec::new();
    };
    for name in fields.keys() {
        if !matches!(name.as_str(), "version" | "rules" | "note" | "$schema") {
            faults.add(&format!("/{}", escaped(name)), "is not known here; `version`, `rules` and `note` are");
        }
    }
    if fields.get("version").and_then(Value::as_u64) != Some(RULES_VERSION) {
        faults.add("/version", format!("must be {RULES_VERSION}, the version of this form"));
    }
    let Some(rules) = fields.get("rules").and_then(Value::as_array) else {
        faults.add("/rules", "must be a list of rules");
        return Vec::new();
    };
    if rules.len() > MOST_RULES {
        faults.add("/rules", format!("may hold up to {MOST_RULES} rules"));
        return Vec::new();
    }
    let mut patterns = Patterns::default();
    let parsed =
        rules.iter().enumerate().map(|(n, rule)| parse_rule(rule, &format!("/rules/{n}"), &mut patterns, faults));
    // Every rule is looked at before any fault ends it.
    let parsed: Vec<Option<Rule>> = parsed.collect();
    parsed.into_iter().flatten().collect()
}

fn escaped(name: &str) -> String {
    name.chars().take(60).collect::<String>().replace('~', "~0").replace('/', "~1")
}

fn parse_rule(written: &Value, at: &str, patterns: &mut Patterns, faults: &mut Faults) -> Option<Rule> {
    let Some(fields) = written.as_object() else {
        faults.add(at, format!("must be an object with one of {ACTS}"));
        return None;
    };
    let when = match fields.get("when") {
        Some(when) => Some(Condition::parse(when, &format!("{at}/when"), 1, patterns, faults)?),
        None => None,
    };
    if fields.get("note").is_some_and(|note| !note.is_string()) {
        faults.add(&format!("{at}/note"), "must be a text");
    }
    let acts: Vec<(&String, &Value)> =
        fields.iter().filter(|(name, _)| !matches!(name.as_str(), "when" | "note")).collect();
    let [(name, value)] = acts.as_slice() else {
        faults.add(at, format!("must hold exactly one of {ACTS}, and may hold `when` and `note`"));
        return None;
    };
    let inside = format!("{at}/{}", escaped(name));
    let act = parse_act(name, value, &inside, at, patterns, faults)?;
    Some(Rule { when, act })
}

fn parse_act(
    name: &str,
    value: &Value,
    inside: &str,
    at: &str,
    patterns: &mut Patterns,
    faults: &mut Faults,
) -> Option<Act> {
    match name {
        "move" => {
            let value = keys(value, &["from", "to"], inside, faults)?;
            let from = faults.writable(value.get("from"), &format!("{inside}/from"));
            let to = faults.writable(value.get("to"), &format!("{inside}/to"));
            Some(Act::Move { from: from?, to: to? })
        }
        "set" | "default" => {
            let value = keys(value, &["field", "value"], inside, faults)?;
            let field = faults.writable(value.get("field"), &format!("{inside}/field"))?;
            let constant = value.get("value").unwrap_or(&Value::Null);
            if name == "set" && constant.is_null() {
                return Some(Act::Remove { field });
            }
            let value = constant_of(&field, constant, &format!("{inside}/value"), faults)?;
            Some(if name == "set" { Act::Set { field, value } } else { Act::Default { field, value } })
        }
        "map" => parse_map(value, inside, faults),
        "replace" => {
            let value = keys(value, &["field", "pattern", "with"], inside, faults)?;
            let field = faults.writable(value.get("field"), &format!("{inside}/field"));
            let with =
                value.get("with").and_then(Value::as_str).filter(|it| it.chars().count() <= LONGEST_PATTERN_CHARS);
            if with.is_none() {
                faults.add(
                    &format!("{inside}/with"),
                    format!("must be a text of up to {LONGEST_PATTERN_CHARS} characters"),
                );
            }
            let at = format!("{inside}/pattern");
            let pattern = match value.get("pattern").and_then(Value::as_str) {
                Some(pattern) => patterns.compile(pattern, &at, faults),
                None => {
                    faults.add(&at, "must be a pattern");
                    None
                }
            };
            Some(Act::Replace { field: field?, pattern: pattern?, with: with?.to_owned() })
        }
        "include" => Condition::parse(value, inside, 1, patterns, faults).map(Act::Include),
        "exclude" => Condition::parse(value, inside, 1, patterns, faults).map(Act::Exclude),
        "publisher" => shorthand("/publisher", value, inside, faults).map(Act::All),
        "theme" => shorthand("/theme", value, inside, faults).map(Act::All),
        "licence" => {
            let mut sets = shorthand("/licence", value, inside, faults)?;
            sets.extend(shorthand("/distribution/*/licence", value, inside, faults)?);
            Some(Act::All(sets))
        }
        other => {
            let told = other.chars().take(40).collect::<String>();
            faults.add(at, format!("`{told}` is nothing that a rule can do; use one of {ACTS}"));
            None
        }
    }
}

fn shorthand(pointer: &str, value: &Value, at: &str, faults: &mut Faults) -> Option<Vec<Act>> {
    let field = Field::parse(pointer).ok()?;
    let value = constant_of(&field, value, at, faults)?;
    Some(vec![Act::Set { field, value }])
}

fn constant_of(field: &Field, written: &Value, at: &str, faults: &mut Faults) -> Option<Value> {
    match field.build(written) {
        Ok(value) => Some(value),
        Err(problem) => {
            faults.add(at, problem);
            None
        }
    }
}

fn parse_map(value: &Value, inside: &str, faults: &mut Faults) -> Option<Act> {
    let value = keys(value, &["field", "codes", "otherwise"], inside, faults)?;
    let field = faults.writable(value.get("field"), &format!("{inside}/field"))?;
    let at = format!("{inside}/codes");
    let Some(written) = value.get("codes").and_then(Value::as_object).filter(|codes| !codes.is_empty()) else {
        faults.add(&at, "must be an object of codes and what each stands for");
        return None;
    };
    if written.len() > MOST_CODES {
        faults.add(&at, format!("may hold up to {MOST_CODES} codes"));
        return None;
    }
    let otherwise = match value.get("otherwise").map(Value::as_str) {
        None | Some(Some("keep")) => Otherwise::Keep,
        Some(Some("drop")) => Otherwise::Drop,
        Some(Some("report")) => Otherwise::Report,
        Some(_) => {
            faults.add(&format!("{inside}/otherwise"), "must be `keep`, `drop` or `report`");
            return None;
        }
    };
    let mut codes = BTreeMap::new();
    for (code, target) in written {
        let target = if target.is_null() {
            None
        } else {
            match super::field::build(field.shape, target) {
                Ok(target) => Some(target),
                Err(problem) => {
                    faults.add(&format!("{at}/{}", escaped(code)), problem);
                    continue;
                }
            }
        };
        codes.insert(folded(code), target);
    }
    Some(Act::Map { field, codes, otherwise })
}

/// An object of these fields only.
fn keys<'a>(
    value: &'a Value,
    known: &[&str],
    at: &str,
    faults: &mut Faults,
) -> Option<&'a serde_json::Map<String, Value>> {
    let told = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some(fields) = value.as_object() else {
        faults.add(at, format!("must be an object of {told}"));
        return None;
    };
    for name in fields.keys() {
        if !known.contains(&name.as_str()) {
            faults.add(&format!("{at}/{}", escaped(name)), format!("is not known here; {told} are"));
        }
    }
    Some(fields)
}

//! What a rule does to a record.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::condition::{Condition, folded};
use super::field::{Field, Shape, Step, change_each, collect, is_nothing};
use super::limits::{LONGEST_TEXT_CHARS, MOST_FINDINGS};
use crate::finding::Finding;

/// What becomes of a value that a map has no code for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Otherwise {
    Keep,
    Drop,
    /// Keep, and say so.
    Report,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) when: Option<Condition>,
    pub(super) act: Act,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    Move { from: Field, to: Field },
    Set { field: Field, value: Value },
    Remove { field: Field },
    Default { field: Field, value: Value },
    Map { field: Field, codes: BTreeMap<String, Option<Value>>, otherwise: Otherwise },
    Replace { field: Field, pattern: Regex, with: String },
    Include(Condition),
    Exclude(Condition),
    All(Vec<Act>),
}

/// What rules have to say of a record.
#[derive(Debug, Default)]
pub(super) struct Told(pub(super) Vec<Finding>);

impl Told {
    fn warn(&mut self, rule: &str, path: &str, message: String) {
        if self.0.len() < MOST_FINDINGS {
            self.0.push(Finding::warning(rule, path, message));
        }
    }
}

impl Rule {
    /// Does it to a document; false when the record is not wanted.
    pub(super) fn apply(&self, document: &mut Value, told: &mut Told) -> bool {
        if self.when.as_ref().is_some_and(|when| !when.holds(document)) {
            return true;
        }
        self.act.apply(document, told)
    }
}

impl Act {
    fn apply(&self, document: &mut Value, told: &mut Told) -> bool {
        match self {
            Self::Include(wanted) => return wanted.holds(document),
            Self::Exclude(unwanted) => return !unwanted.holds(document),
            Self::All(acts) => return acts.iter().all(|act| act.apply(document, told)),
            Self::Set { field, value } => change_each(document, &field.steps, true, &mut |fields, name| {
                fields.insert(name.to_owned(), value.clone());
            }),
            Self::Remove { field } => change_each(document, &field.steps, false, &mut |fields, name| {
                fields.remove(name);
            }),
            Self::Default { field, value } => change_each(document, &field.steps, true, &mut |fields, name| {
                if is_nothing(fields.get(name)) {
                    fields.insert(name.to_owned(), value.clone());
                }
            }),
            Self::Move { from, to } => move_value(document, from, to),
            Self::Map { field, codes, otherwise } => change_each(document, &field.steps, false, &mut |fields, name| {
                let Some(value) = fields.remove(name) else { return };
                if let Some(mapped) = map_value(field, value, codes, *otherwise, told) {
                    fields.insert(name.to_owned(), mapped);
                }
            }),
            Self::Replace { field, pattern, with } => {
                change_each(document, &field.steps, false, &mut |fields, name| {
                    let Some(mut value) = fields.remove(name) else { return };
                    replace_in(field, field.many, &mut value, pattern, with, told);
                    if !is_nothing(Some(&value)) {
                        fields.insert(name.to_owned(), value);
                    }
                })
            }
        }
        true
    }
}

/// Moves what stands in one field into another. Within elements of the same list each keeps its own; from a list to the whole
/// the first value counts; from the whole to a list every element gets it. What cannot stand there stays where it is.
fn move_value(document: &mut Value, from: &Field, to: &Field) {
    if let (Some((list, own)), Some((other_list, other))) = (from.around_each(), to.around_each())
        && list == other_list
    {
        let (own, other) = (own.to_vec(), other.to_vec());
        let Some(items) = list_at(document, list) else { return };
        for item in items {
            move_within(item, from, &own, to, &other);
        }
        return;
    }
    let (own, other) = (from.steps.clone(), to.steps.clone());
    move_within(document, from, &own, to, &other);
}

fn list_at<'a>(document: &'a mut Value, steps: &[Step]) -> Option<&'a mut Vec<Value>> {
    steps
        .iter()
        .try_fold(document, |value, step| match step {
            Step::Key(name) => value.get_mut(name),
            Step::Each => None,
        })?
        .as_array_mut()
}

fn move_within(value: &mut Value, from: &Field, from_steps: &[Step], to: &Field, to_steps: &[Step]) {
    let mut taken = None;
    change_each(value, from_steps, false, &mut |fields, name| {
        if taken.is_none() && !is_nothing(fields.get(name)) {
            taken = fields.get(name).cloned();
        }
    });
    let Some(adopted) = taken.and_then(|taken| to.adopt(from, taken)) else { return };
    let mut arrived = false;
    change_each(value, to_steps, true, &mut |fields, name| {
        fields.insert(name.to_owned(), adopted.clone());
        arrived = true;
    });
    if arrived && from_steps != to_steps {
        change_each(value, from_steps, false, &mut |fields, name| {
            fields.remove(name);
        });
    }
}

fn map_value(
    field: &Field,
    value: Value,
    codes: &BTreeMap<String, Option<Value>>,
    otherwise: Otherwise,
    told: &mut Told,
) -> Option<Value> {
    let mut one = |value: Value| {
        let mut texts = Vec::new();
        collect(field.shape, false, &value, &mut texts);
        match texts.iter().find_map(|text| codes.get(&folded(text))) {
            Some(target) => target.clone(),
            None if otherwise == Otherwise::Drop => None,
            None => {
                if otherwise == Otherwise::Report {
                    let shown: String = texts.first().map(|text| text.chars().take(80).collect()).unwrap_or_default();
                    let message =
                        format!("“{shown}” has no code in this source's rules; add one, or mend it at the source");
                    told.warn(CODE_UNMAPPED, &field.pointer, message);
                }
                Some(value)
            }
        }
    };
    match value {
        Value::Array(items) if field.many => {
            let mapped: Vec<Value> = items.into_iter().filter_map(one).collect();
            (!mapped.is_empty()).then_some(Value::Array(mapped))
        }
        other => one(other),
    }
}

/// A value that a map's rule could not place.
pub(super) const CODE_UNMAPPED: &str = "rule-code-unmapped";
/// A text that is too long for a pattern, or would become so.
pub(super) const TEXT_TOO_LONG: &str = "rule-text-too-long";

fn replace_in(field: &Field, many: bool, value: &mut Value, pattern: &Regex, with: &str, told: &mut Told) {
    match value {
        Value::String(text) => match replaced(text, pattern, with) {
            Ok(Some(new)) => *text = new,
            Ok(None) => {}
            Err(TooLong) => {
                let message = format!("a text of more than {LONGEST_TEXT_CHARS} characters was left as it is");
                told.warn(TEXT_TOO_LONG, &field.pointer, message);
            }
        },
        // A keyword is a language and a word: only the word is anybody's text.
        Value::Array(pair) if field.shape == Shape::Keyword && !many => {
            if let Some(word) = pair.get_mut(1) {
                replace_in(field, false, word, pattern, with, told);
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| replace_in(field, false, item, pattern, with, told));
            items.retain(|item| match (field.shape, item) {
                (Shape::Keyword, Value::Array(pair)) => !is_nothing(pair.get(1)),
                (_, item) => !is_nothing(Some(item)),
            });
        }
        Value::Object(fields) => {
            fields.values_mut().for_each(|item| replace_in(field, false, item, pattern, with, told));
            drop_empty(fields);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn drop_empty(fields: &mut Map<String, Value>) {
    fields.retain(|_, value| !is_nothing(Some(value)));
}

#[derive(Debug)]
struct TooLong;

/// The text with every match replaced (`$1` stands for a group); `None` when nothing matches. Bounded whatever `with` says.
fn replaced(text: &str, pattern: &Regex, with: &str) -> Result<Option<String>, TooLong> {
    // Bytes are never fewer than characters: most texts are judged without counting.
    if text.len() > LONGEST_TEXT_CHARS && text.chars().count() > LONGEST_TEXT_CHARS {
        return Err(TooLong);
    }
    let mut new = String::new();
    let mut last = 0;
    let mut any = false;
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        any = true;
        new.push_str(text.get(last..whole.start()).unwrap_or_default());
        found.expand(with, &mut new);
        last = whole.end();
        if new.len() > LONGEST_TEXT_CHARS.saturating_mul(4) {
            return Err(TooLong);
        }
    }
    if !any {
        return Ok(None);
    }
    new.push_str(text.get(last..).unwrap_or_default());
    if new.chars().count() > LONGEST_TEXT_CHARS { Err(TooLong) } else { Ok(Some(new)) }
}

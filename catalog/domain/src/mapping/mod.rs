//! Mapping rules: what a portal changes in the records of a source, declared and not programmed.
//!
//! A source's rules are one document ([`Rules::parse`]; its form is [`Rules::schema`]). They are applied to each draft between
//! decoding and checking ([`Rules::apply`]), in their order, and see what those before them made. Fields are named as they stand
//! in a dataset's document, by JSON pointers with `*` for every element of a list: `/licence`, `/distribution/*/format`,
//! `/extra/NAME` for a field of the source's own. Everything is bounded by [`limits`](self): rules come from people.

mod act;
mod condition;
mod field;
mod limits;
mod parse;
mod schema;

use serde_json::Value;

use crate::dataset::DatasetDraft;
use crate::finding::Finding;
use act::{Rule, Told};

pub use limits::{
    DEEPEST_CONDITION, LONGEST_PATTERN_CHARS, LONGEST_RULES_BYTES, LONGEST_TEXT_CHARS, MOST_CODES, MOST_PATTERNS,
    MOST_RULES,
};
pub use parse::{RULES_VERSION, RuleFault};

/// The rule id of a finding that says: a rule of the source leaves this record out. Such a record is refused, and a dataset that
/// it became earlier is withdrawn as if the source no longer listed it.
pub const EXCLUDED_BY_RULE: &str = "excluded-by-rule";
/// The rule id of a finding that says: the rules made something of this record that is no dataset.
pub const RULES_BREAK_RECORD: &str = "rules-break-record";

/// The rules of a source, ready to be applied; cheap to share between threads by reference.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
}

impl Rules {
    /// Reads a document of rules.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(document: &Value) -> Result<Self, Vec<RuleFault>> {
        parse::parse(document).map(|rules| Self { rules })
    }

    /// The form of a document of rules, as JSON Schema (2020-12).
    #[must_use]
    pub fn schema() -> Value {
        schema::schema()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Applies the rules to a draft, which stays normalised. Gives what there is to say of it; an error among it, of
    /// [`EXCLUDED_BY_RULE`] or [`RULES_BREAK_RECORD`], refuses the record, and the draft is then as it was.
    pub fn apply(&self, draft: &mut DatasetDraft) -> Vec<Finding> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        let mut document = match serde_json::to_value(&*draft) {
            Ok(document) => document,
            Err(error) => return vec![broken(&error)],
        };
        let mut told = Told::default();
        for (number, rule) in self.rules.iter().enumerate() {
            if !rule.apply(&mut document, &mut told) {
                let message = format!("rule {} of this source's mapping leaves this record out", number + 1);
                return vec![Finding::error(EXCLUDED_BY_RULE, format!("/rules/{number}"), message)];
            }
        }
        match serde_json::from_value::<DatasetDraft>(document) {
            Ok(mapped) => {
                *draft = mapped.normalised();
                told.0
            }
            Err(error) => vec![broken(&error)],
        }
    }
}

fn broken(error: &serde_json::Error) -> Finding {
    Finding::error(
        RULES_BREAK_RECORD,
        "",
        format!("the mapping of this source makes no dataset of this record: {error}; mend its rules"),
    )
}

/// Whether findings say that a rule leaves their record out.
#[must_use]
pub fn is_excluded(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.rule == EXCLUDED_BY_RULE)
}

#[cfg(test)]
mod tests;

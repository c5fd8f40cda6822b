//! What a screen says.

use serde::{Deserialize, Serialize};

use crate::kind::{Kind, Verdict};

/// One thing that was found in one column or text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The table, where a file has several or its table has a name.
    pub table: String,
    /// The column's name; several are joined by ` + `; a text's place where it is no column.
    pub column: String,
    /// What it is.
    pub kind: Kind,
    /// The identifier, such as `es-dni`, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Rows in which it was seen.
    pub rows: u64,
    /// Share of the column's filled cells, from 0 to 1.
    pub share: f64,
    /// How sure this is, from 0 to 1.
    pub confidence: f64,
    /// What comes of it.
    pub outcome: Verdict,
    /// The rule, such as `national-id/check-digit`.
    pub rule: String,
    /// Why, in a sentence.
    pub why: String,
    /// The first rows in which it was seen, as the format counts them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row_numbers: Vec<u64>,
    /// Examples: every letter is `x`, every digit `9`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

/// How well rows hide in groups that agree in their quasi-identifiers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// The table.
    pub table: String,
    /// The columns that were taken together.
    pub columns: Vec<String>,
    /// Rows that were counted.
    pub rows: u64,
    /// Groups, estimated where `sampled`.
    pub groups: u64,
    /// Rows in the smallest group.
    pub smallest: u32,
    /// Rows that are alone in their group, estimated where `sampled`.
    pub unique: u64,
    /// Their share, from 0 to 1.
    pub unique_share: f64,
    /// Whether there were more groups than are counted, so that these are estimates from a sample by hash.
    pub sampled: bool,
    /// Combinations that are unique now and were not in the previous version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became_unique: Option<u64>,
}

/// A table that was screened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screened {
    /// Its name, or a text's place.
    pub name: String,
    /// Rows that were looked at; 0 for a text.
    pub rows: u64,
    /// Columns that were looked at.
    pub columns: u64,
    /// What its rows seem to be: `persons`, `officials`, `bodies`, `places-or-figures`.
    pub subject: String,
}

/// What a screen says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What comes of it: the gravest outcome of its findings.
    pub verdict: Verdict,
    /// The version of the rules.
    pub rules: String,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub screened: Vec<Screened>,
    /// How well persons hide, for tables of persons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub re_identification: Vec<Groups>,
    /// What people should know of the screen itself, such as what was beyond its limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Report {
    /// The report for everybody: without row numbers and examples.
    #[must_use]
    pub fn public(mut self) -> Self {
        for finding in &mut self.findings {
            finding.row_numbers.clear();
            finding.examples.clear();
        }
        self
    }
}

/// Characters of an example.
const EXAMPLE_CHARS: usize = 40;

/// A value that tells its form and nothing else: letters are `x`, digits `9`.
pub fn mask(value: &str) -> String {
    let mut out: String = value
        .chars()
        .take(EXAMPLE_CHARS)
        .map(|sign| match sign {
            sign if sign.is_numeric() => '9',
            sign if sign.is_alphabetic() => 'x',
            sign if sign.is_ascii_punctuation() || sign == ' ' => sign,
            sign if sign.is_whitespace() => ' ',
            _ => '·',
        })
        .collect();
    if value.chars().nth(EXAMPLE_CHARS).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn masks_tell_nothing(value in "\\PC{0,80}") {
            let masked = mask(&value);
            proptest::prop_assert!(masked.chars().all(|sign| matches!(sign, '9' | 'x' | '·' | '…' | ' ') || sign.is_ascii_punctuation()));
        }
    }

    #[test]
    fn an_example_keeps_its_form() {
        assert_eq!(mask("Anna.Lee+1@example.org"), "xxxx.xxx+9@xxxxxxx.xxx");
    }
}

//! Constraints: what may be done with the data (licence) and who may see them (access rights).
//!
//! INSPIRE's technical guidance 2.0 (requirements C.17 and C.18) keeps the two in blocks of their own, told apart by whether a
//! block has `accessConstraints` or `useConstraints`. Elsewhere both stand in one block; then what a statement says decides.

use fairground_domain::{Concept, DatasetDraft, Licence, LocalizedText};
use serde_json::Value;

use super::Record;
use super::words::{anchor, code};
use crate::check::is_iri;
use crate::xml::Element;

/// Parts of addresses of well-known licences.
const LICENCES: [&str; 11] = [
    "creativecommons.org/",
    "opendatacommons.org/",
    "dcat-ap.de/def/licenses",
    "govdata.de/dl-de",
    "data.gov.uk/doc/open-government-licence",
    "nationalarchives.gov.uk/doc/open-government-licence",
    "etalab.gouv.fr/licence",
    "etalab-2.0",
    "data.norge.no/nlod",
    "authority/licence/",
    "opensource.org/licenses",
];
/// What INSPIRE's code lists are for.
const ACCESS: &str = "LimitationsOnPublicAccess";
const USE: &str = "ConditionsApplyingToAccessAndUse";

struct Statement {
    iri: Option<String>,
    words: LocalizedText,
}

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft) {
    let mut classified = None;
    for block in record.info.all("resourceConstraints/*") {
        let has_access = block.child("accessConstraints").is_some();
        let has_use = block.child("useConstraints").is_some();
        for property in block.children("otherConstraints") {
            let statement = statement(property, record);
            if statement.limits_access(has_access, has_use) {
                restrict(statement, draft);
            } else {
                allow(statement, draft);
            }
        }
        for reference in block.all("reference/*/title") {
            allow(statement(reference, record), draft);
        }
        for property in block.children("useLimitation") {
            let statement = statement(property, record);
            if statement.is_licence() { allow(statement, draft) } else { keep(statement, draft) }
        }
        classified = classified.or_else(|| block.child("classification").and_then(code));
    }
    if let Some(class) = classified.filter(|it| it != "unclassified" && draft.access_rights.is_none()) {
        draft.access_rights = Some(Concept::label(class));
    }
    draft.rights.dedup();
}

fn statement(property: &Element, record: &Record<'_>) -> Statement {
    Statement { iri: anchor(property), words: record.tongue.words(property) }
}

impl Statement {
    fn is_empty(&self) -> bool {
        self.iri.is_none() && self.words.is_empty()
    }

    fn limits_access(&self, has_access: bool, has_use: bool) -> bool {
        match self.iri.as_deref() {
            Some(iri) if iri.contains(ACCESS) => true,
            Some(iri) if iri.contains(USE) => false,
            _ => has_access && !has_use && !self.is_licence(),
        }
    }

    fn is_licence(&self) -> bool {
        self.licence_address().is_some_and(|it| LICENCES.iter().any(|part| it.contains(part)))
    }

    /// The anchor, the `url` of a German licence in JSON (GDI-DE conventions), or an address in the text.
    fn licence_address(&self) -> Option<String> {
        if let Some(iri) = &self.iri {
            return Some(iri.clone());
        }
        let text = self.words.any();
        if text.starts_with('{') {
            let json: Value = serde_json::from_str(text).ok()?;
            return json.get("url").and_then(Value::as_str).filter(|it| is_iri(it)).map(str::to_owned);
        }
        let start = text.find("https://").or_else(|| text.find("http://"))?;
        let end = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ')' | ']' | ';' | ',');
        let address = text.get(start..)?.split(end).next()?.trim_end_matches(['.', '\'']);
        is_iri(address).then(|| address.to_owned())
    }
}

/// The first condition of use is the licence; a well-known licence takes its place, and the rest are rights.
fn allow(statement: Statement, draft: &mut DatasetDraft) {
    if statement.is_empty() {
        return;
    }
    let known =
        |licence: &Licence| licence.iri.as_deref().is_some_and(|iri| LICENCES.iter().any(|part| iri.contains(part)));
    match &draft.licence {
        None => draft.licence = Some(licence(&statement)),
        Some(before) if statement.is_licence() && !known(before) => {
            let before = before.title.clone();
            draft.licence = Some(licence(&statement));
            keep(Statement { iri: None, words: before }, draft);
        }
        Some(_) => keep(statement, draft),
    }
}

fn licence(statement: &Statement) -> Licence {
    let words = &statement.words;
    let name = || {
        let json: Value = serde_json::from_str(words.any()).ok()?;
        json.get("name").and_then(Value::as_str).map(LocalizedText::undetermined)
    };
    // An address in a text stands for it only when it is that of a licence.
    let iri = statement.licence_address().filter(|_| statement.iri.is_some() || statement.is_licence());
    Licence { iri, title: name().unwrap_or_else(|| words.clone()) }
}

fn restrict(statement: Statement, draft: &mut DatasetDraft) {
    if statement.is_empty() {
        return;
    }
    if draft.access_rights.is_none() {
        draft.access_rights = Some(Concept { iri: statement.iri, label: statement.words });
    } else {
        keep(statement, draft);
    }
}

fn keep(statement: Statement, draft: &mut DatasetDraft) {
    let words = match (statement.words.is_empty(), statement.iri) {
        (true, Some(iri)) => LocalizedText::undetermined(iri),
        _ => statement.words,
    };
    if !words.is_empty() && !draft.rights.contains(&words) {
        draft.rights.push(words);
    }
}

//! Two descriptions side by side, field by field in the form's own order and words, with the words that differ marked.

use std::collections::BTreeSet;

use fairground_domain::form::to_form;
use fairground_domain::{DatasetDraft, Distribution, LanguageTag};
use serde_json::Value;

use super::field::{Field, Input};
use super::form::{languages_of, sections_of};
use crate::words::Language;

/// Words of a text that are compared one by one; of longer texts the whole is marked.
const MOST_WORDS: usize = 1_500;
/// Members of the document that the form shows, so that the rest is compared as it is.
const SHOWN: [&str; 26] = [
    "kind",
    "identifier",
    "title",
    "description",
    "creator",
    "contact_point",
    "keyword",
    "theme",
    "licence",
    "access_rights",
    "issued",
    "modified",
    "language",
    "frequency",
    "temporal",
    "spatial",
    "landing_page",
    "page",
    "conforms_to",
    "version",
    "version_notes",
    "in_series",
    "applicable_legislation",
    "publisher",
    "rights",
    "distribution",
];

/// Some words of a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// Whether the other side lacks them.
    pub is_marked: bool,
}

/// One field on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in the document, as a JSON pointer.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// What was there; empty when nothing was.
    pub before: Vec<Piece>,
    /// What is there; empty when nothing is.
    pub after: Vec<Piece>,
}

impl Row {
    /// Whether the sides differ.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.before.iter().chain(&self.after).any(|piece| piece.is_marked)
    }

    /// Its path as a part of a field's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.trim_start_matches('/').replace('/', ".")
    }
}

/// Both descriptions, field by field; fields that are empty on both sides are left out. Without a `before`, everything is new.
#[must_use]
pub fn rows(before: Option<&DatasetDraft>, after: &DatasetDraft, speaker: Language) -> Vec<Row> {
    let nothing = DatasetDraft { kind: after.kind, ..DatasetDraft::default() };
    let before = aligned(before.unwrap_or(&nothing), after);
    let mut after = after.clone();
    let most = before.distribution.len().max(after.distribution.len());
    after.distribution.resize(most, Distribution::default());
    let languages = both_languages(&before, &after);
    let (left, right) = (fields_of(&before, &languages, speaker), fields_of(&after, &languages, speaker));
    let mut rows = Vec::new();
    for field in &right {
        let old = left.iter().find(|other| other.name == field.name).map(shown).unwrap_or_default();
        push(&mut rows, &field.path, &field.label, &old, &shown(field));
    }
    for field in left.iter().filter(|field| right.iter().all(|other| other.name != field.name)) {
        push(&mut rows, &field.path, &field.label, &shown(field), "");
    }
    rest(&mut rows, &before, &after);
    rows
}

fn push(rows: &mut Vec<Row>, path: &str, label: &str, old: &str, new: &str) {
    if !(old.is_empty() && new.is_empty()) {
        let (before, after) = marked(old, new);
        rows.push(Row { path: path.to_owned(), label: label.to_owned(), before, after });
    }
}

/// The old description with its distributions in the places of the new ones that they became.
fn aligned(before: &DatasetDraft, after: &DatasetDraft) -> DatasetDraft {
    let mut left: Vec<Option<&Distribution>> = before.distribution.iter().map(Some).collect();
    let mut placed: Vec<Distribution> = Vec::new();
    for new in &after.distribution {
        let same = |old: &Distribution| {
            let named = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
            named(&old.iri, &new.iri)
                || named(&old.download_url, &new.download_url)
                || named(&old.access_url, &new.access_url)
        };
        let at = left.iter().position(|old| old.is_some_and(same));
        placed.push(at.and_then(|at| left.get_mut(at)?.take()).cloned().unwrap_or_default());
    }
    placed.extend(left.into_iter().flatten().cloned());
    DatasetDraft { distribution: placed, ..before.clone() }
}

fn both_languages(before: &DatasetDraft, after: &DatasetDraft) -> Vec<LanguageTag> {
    let mut all = languages_of(after);
    let of_before = if before.title.is_empty() { Vec::new() } else { languages_of(before) };
    all.extend(of_before.into_iter().filter(|tag| !after.language.contains(tag)));
    let mut seen = BTreeSet::new();
    all.retain(|tag| seen.insert(tag.clone()));
    all
}

/// The form's fields under names that say which row they are in; what is no content is left out.
fn fields_of(draft: &DatasetDraft, languages: &[LanguageTag], speaker: Language) -> Vec<Field> {
    let mut all = Vec::new();
    for section in sections_of(draft, languages, speaker) {
        for group in section.groups {
            for mut field in group.fields {
                if field.name.ends_with(".remove") || field.name == "licence_other" {
                    continue;
                }
                if !group.legend.is_empty() {
                    let row = row_name(&field.name, speaker);
                    field.label = if row.is_empty() { field.label } else { format!("{row}: {}", field.label) };
                }
                all.push(field);
            }
        }
    }
    all
}

/// What the row of a repeated field is called: `distribution.0.title.en` is `File 1`.
fn row_name(name: &str, speaker: Language) -> String {
    let mut parts = name.split('.');
    let kind = match parts.next() {
        Some("distribution") => "workspace-draft-row-file",
        Some("contact") => "workspace-draft-row-contact",
        Some("spatial") => "workspace-draft-row-place",
        Some("temporal") => "workspace-draft-row-period",
        _ => return String::new(),
    };
    let number = parts.next().and_then(|at| at.parse::<usize>().ok()).map_or(1, |at| at.saturating_add(1));
    format!("{} {number}", speaker.t(kind).text())
}

fn shown(field: &Field) -> String {
    let chosen = |choices: &[super::field::Choice]| {
        let chosen = choices.iter().filter(|choice| choice.is_chosen && !choice.value.is_empty());
        chosen.map(|choice| choice.text.clone()).collect::<Vec<_>>().join("\n")
    };
    match &field.input {
        Input::One(choices) | Input::Some(choices) => chosen(choices),
        Input::Line | Input::Address | Input::Mailbox | Input::Moment | Input::Zone | Input::Lines(_) => {
            field.value.trim().to_owned()
        }
    }
}

/// What the form does not show, member by member, as JSON.
fn rest(rows: &mut Vec<Row>, before: &DatasetDraft, after: &DatasetDraft) {
    let (left, right) = (to_form(before), to_form(after));
    let (Some(left), Some(right)) = (left.as_object(), right.as_object()) else { return };
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    for name in names.into_iter().filter(|name| !SHOWN.contains(&name.as_str())) {
        let text = |value: Option<&Value>| match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => serde_json::to_string_pretty(other).unwrap_or_default(),
        };
        push(rows, &format!("/{name}"), &name.replace('_', " "), &text(left.get(name)), &text(right.get(name)));
    }
}

/// Both texts in pieces, those marked that the other lacks.
fn marked(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let whole = |text: &str, is_marked: bool| {
        if text.is_empty() { Vec::new() } else { vec![Piece { text: text.to_owned(), is_marked }] }
    };
    if old == new {
        return (whole(old, false), whole(new, false));
    }
    let (left, right) = (words_of(old), words_of(new));
    if old.is_empty() || new.is_empty() || left.len() > MOST_WORDS || right.len() > MOST_WORDS {
        return (whole(old, true), whole(new, true));
    }
    let kept = common(&left, &right);
    let kept_left: BTreeSet<usize> = kept.iter().map(|(at, _)| *at).collect();
    let kept_right: BTreeSet<usize> = kept.iter().map(|(_, at)| *at).collect();
    (pieces(&left, &kept_left), pieces(&right, &kept_right))
}

/// Words with the blanks that follow them.
fn words_of(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

fn pieces(words: &[&str], kept: &BTreeSet<usize>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let is_marked = !kept.contains(&at);
        match all.last_mut().filter(|last| last.is_marked == is_marked) {
            Some(last) => last.text.push_str(word),
            None => all.push(Piece { text: (*word).to_owned(), is_marked }),
        }
    }
    all
}

/// The places of a longest common run of words, in order (the classic table; bounded by [`MOST_WORDS`]).
fn common(left: &[&str], right: &[&str]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut longest = vec![0u16; (left.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    let value = |table: &[u16], place: usize| table.get(place).copied().unwrap_or_default();
    for (row, old) in left.iter().enumerate().rev() {
        for (column, new) in right.iter().enumerate().rev() {
            let best = if old.trim_end() == new.trim_end() {
                value(&longest, at(row + 1, column + 1)).saturating_add(1)
            } else {
                value(&longest, at(row + 1, column)).max(value(&longest, at(row, column + 1)))
            };
            if let Some(cell) = longest.get_mut(at(row, column)) {
                *cell = best;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut kept = Vec::new();
    while let (Some(old), Some(new)) = (left.get(row), right.get(column)) {
        if old.trim_end() == new.trim_end() {
            kept.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if value(&longest, at(row + 1, column)) >= value(&longest, at(row, column + 1)) {
            row += 1;
        } else {
            column += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use fairground_domain::{Licence, LocalizedText};

    use super::*;

    fn said(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.is_marked { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    #[test]
    fn words_that_differ_are_marked_on_their_side() {
        for (old, new, left, right) in [
            ("Beds in 2023", "Beds in 2024", "Beds in [2023]", "Beds in [2024]"),
            ("", "New", "", "[New]"),
            ("Gone", "", "[Gone]", ""),
            ("a b c", "a c", "a [b ]c", "a c"),
            ("same", "same", "same", "same"),
        ] {
            let (before, after) = marked(old, new);
            assert_eq!((said(&before).as_str(), said(&after).as_str()), (left, right));
        }
    }

    #[test]
    fn a_file_is_held_against_the_one_that_it_was() {
        let file = |title: &str, url: &str| Distribution {
            title: LocalizedText::undetermined(title),
            download_url: Some(url.to_owned()),
            ..Distribution::default()
        };
        let draft = |files: Vec<Distribution>| DatasetDraft {
            title: LocalizedText::undetermined("Beds"),
            distribution: files,
            ..DatasetDraft::default()
        };
        let before = draft(vec![file("A", "https://a.example/a.csv"), file("B", "https://a.example/b.csv")]);
        let after = draft(vec![file("B2", "https://a.example/b.csv")]);
        let found = rows(Some(&before), &after, Language::En);
        let changed: Vec<(String, String, String)> = found
            .iter()
            .filter(|row| row.differs())
            .map(|row| (row.label.clone(), said(&row.before), said(&row.after)))
            .collect();
        assert!(changed.contains(&("File 1: Title".to_owned(), "[B]".to_owned(), "[B2]".to_owned())), "{changed:?}");
        assert!(changed.iter().any(|(label, old, new)| label.starts_with("File 2") && old == "[A]" && new.is_empty()));
        assert!(!changed.iter().any(|(_, old, _)| old == "[https://a.example/b.csv]"), "{changed:?}");
    }

    #[test]
    fn what_the_form_does_not_show_is_compared_too() {
        let before = DatasetDraft { temporal_resolution: Some("P1D".to_owned()), ..DatasetDraft::default() };
        let after = DatasetDraft {
            temporal_resolution: Some("PT1H".to_owned()),
            licence: Some(Licence { iri: Some("https://example.org/terms".to_owned()), ..Licence::default() }),
            ..DatasetDraft::default()
        };
        let found = rows(Some(&before), &after, Language::En);
        let of =
            |path: &str| found.iter().find(|row| row.path == path).map(|row| (said(&row.before), said(&row.after)));
        assert_eq!(of("/temporal_resolution"), Some(("[P1D]".to_owned(), "[PT1H]".to_owned())));
        assert_eq!(of("/licence"), Some((String::new(), "[https://example.org/terms]".to_owned())));
    }
}

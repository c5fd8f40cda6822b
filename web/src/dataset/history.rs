//! What changed in a dataset: the versions of its description, newest first, each against the one before.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::{CatalogError, Tx, dataset, harvest};
use fairground_domain::Timestamp;
use serde_json::Value;

use crate::layout::{Frame, Place, Visit, answer_page};
use crate::words::Said;

/// Versions that the page tells; the API has them all.
const MOST_VERSIONS: usize = 20;
/// Changes that it tells of one version.
const MOST_CHANGES: usize = 30;
/// Longest value that it shows, in characters.
const LONGEST_VALUE_CHARS: usize = 200;

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FieldLine {
    /// The key of the field's name; `None` where nobody named it.
    key: Option<&'static str>,
    /// Where in the description it is.
    path: String,
    /// What was there before.
    before: Option<String>,
    /// What is there now.
    after: Option<String>,
}

/// One version.
#[derive(Debug, Clone)]
struct VersionLine {
    number: i32,
    at: Timestamp,
    /// `None` for the first version.
    changes: Option<Vec<FieldLine>>,
    /// Changes that are not told.
    more: usize,
}

#[derive(Debug)]
struct History {
    slug: String,
    title: Said,
    versions: Vec<VersionLine>,
    is_cut: bool,
}

impl History {
    fn dataset_href(&self) -> String {
        format!("/datasets/{}", self.slug)
    }

    fn feed_href(&self) -> String {
        format!("/feeds/datasets/{}.atom", self.slug)
    }

    fn versions_href(&self) -> String {
        format!("/api/v1/datasets/{}/versions", self.slug)
    }
}

#[derive(Debug, Template)]
#[template(path = "dataset/history.html")]
struct HistoryView<'a> {
    frame: &'a Frame<'a>,
    page: &'a History,
}

/// Shows what changed in a dataset's description.
pub(crate) async fn show_history(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    let language = visit.frame(Place::Datasets).language;
    let loaded = visit.read(move |tx| load(tx, &name)).await.map(|(dataset, versions, is_cut)| History {
        slug: dataset.slug.to_string(),
        title: language.best_of(&dataset.draft.title),
        versions,
        is_cut,
    });
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &HistoryView { frame, page }))
}

fn load(tx: &mut Tx<'_>, name: &str) -> Result<(dataset::Dataset, Vec<VersionLine>, bool), CatalogError> {
    let current = dataset::get_public(tx, name)?;
    let known = dataset::list_versions(tx, &current.id.to_string())?;
    let id = current.id.to_string();
    let mut documents = Vec::new();
    for version in known.iter().take(MOST_VERSIONS + 1) {
        documents.push(dataset::get_version(tx, &id, version.version)?.draft.to_document());
    }
    let lines = known.iter().take(MOST_VERSIONS).enumerate().map(|(place, version)| {
        let now = documents.get(place).map_or("", String::as_str);
        let changes = documents.get(place + 1).map(|before| changes(before, now));
        let more = changes.as_ref().map_or(0, |all| all.len().saturating_sub(MOST_CHANGES));
        VersionLine {
            number: version.version,
            at: version.published_at,
            changes: changes.map(|all| all.into_iter().take(MOST_CHANGES).collect()),
            more,
        }
    });
    let lines = lines.collect();
    Ok((current, lines, known.len() > MOST_VERSIONS))
}

/// What differs between two documents; nothing where one cannot be read.
fn changes(before: &str, after: &str) -> Vec<FieldLine> {
    let shown = |value: &Option<Value>| value.as_ref().map(shown);
    harvest::diff(before, after)
        .unwrap_or_default()
        .into_iter()
        .map(|change| FieldLine {
            key: field_key(&change.path),
            before: shown(&change.before),
            after: shown(&change.after),
            path: change.path,
        })
        .collect()
}

/// A value in a line: texts as they are, objects by what people would read of them.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            fields.values().map(shown).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
        }
        Value::Array(values) => values.iter().map(shown).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut cut: String = text.chars().take(LONGEST_VALUE_CHARS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// The key of the name of the field that a path (RFC 6901) begins with.
fn field_key(path: &str) -> Option<&'static str> {
    name_key(path.split('/').nth(1)?)
}

/// The key of what a field of the description is called.
pub(super) fn name_key(field: &str) -> Option<&'static str> {
    Some(match field {
        "title" => "dataset-field-title",
        "description" => "dataset-field-description",
        "keyword" => "dataset-keywords",
        "theme" => "dataset-themes",
        "licence" => "dataset-licence",
        "publisher" => "dataset-field-publisher",
        "creator" => "dataset-made-by",
        "contact_point" => "dataset-field-contact",
        "distribution" => "dataset-field-files",
        "issued" => "dataset-issued",
        "modified" => "dataset-modified",
        "frequency" => "dataset-promise",
        "temporal" => "dataset-time-covered",
        "spatial" => "dataset-places-covered",
        "language" => "dataset-language",
        "version" | "version_notes" => "dataset-version",
        "landing_page" => "dataset-landing-page",
        "page" => "dataset-documentation",
        "in_series" => "dataset-part-of",
        "conforms_to" => "dataset-follows",
        "provenance" => "dataset-origin",
        "rights" => "dataset-rights",
        "access_rights" => "dataset-access",
        "applicable_legislation" => "dataset-legal-basis",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_named_and_shortened() {
        let before =
            r#"{"title":{"en":"Beds"},"distribution":[{"download_url":"https://a.test/1","title":{}}],"odd":1}"#;
        let after = r#"{"title":{"en":"Beds and wards"},"distribution":[],"odd":2}"#;
        let found = changes(before, after);
        let said: Vec<_> = found.iter().map(|line| (line.key, line.before.as_deref(), line.after.as_deref())).collect();
        assert_eq!(
            said,
            [
                (Some("dataset-field-files"), Some("https://a.test/1"), None),
                (None, Some("1"), Some("2")),
                (Some("dataset-field-title"), Some("Beds"), Some("Beds and wards")),
            ]
        );
        assert_eq!(shown(&Value::String("x".repeat(300))).chars().count(), LONGEST_VALUE_CHARS + 1);
        assert_eq!(changes("no JSON", "{}"), []);
    }
}

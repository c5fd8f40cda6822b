//! Tables and views of an agency's own database, as datasets.
//!
//! An envelope's document says what the database knows of one table: `schema`, `name`, `kind` (`table` or `view`), `comment`, and
//! `columns`, each with `name`, `type` (the database's own word), `comment`. Rows are not part of it: they come when the table is
//! loaded. `source` is the name of the database.

use fairground_domain::{DatasetDraft, Distribution, LocalizedText};
use serde_json::Value;

use super::Opened;
use super::files::title_of;
use crate::check::Findings;
use crate::document::{Decoded, RawRecord};
use crate::json::record::{Fields, nonblank};

/// Tables of one database that become datasets.
pub const MAX_TABLES: usize = 10_000;

pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    super::decode(raw, draft)
}

fn draft(envelope: &Opened<'_>, findings: &mut Findings) -> DatasetDraft {
    let fields = Fields::root(envelope.document);
    let name = fields.text("name", findings).unwrap_or_default();
    let schema = fields.text("schema", findings);
    let qualified = match &schema {
        Some(schema) if !name.is_empty() => format!("{schema}.{name}"),
        _ => name.clone(),
    };
    let comment = fields.text("comment", findings);
    // A comment's first line is a title when it is short, and the rest tells more.
    let (headline, rest) = match comment.as_deref().map(|text| text.split_once('\n').unwrap_or((text, ""))) {
        Some((first, rest)) if first.chars().count() <= 100 => (nonblank(first), nonblank(rest)),
        Some(_) => (None, comment.as_deref().and_then(nonblank)),
        None => (None, None),
    };
    let title = headline.map_or_else(|| title_of(&name), |text| text.trim_end_matches('.').to_owned());
    let mut draft = DatasetDraft {
        identifier: qualified.clone(),
        title: LocalizedText::undetermined(title),
        description: LocalizedText::undetermined(described(rest, &fields, findings)),
        ..DatasetDraft::default()
    };
    if !qualified.is_empty() {
        draft.distribution.push(Distribution {
            title: LocalizedText::undetermined(format!("{qualified}.csv")),
            media_type: Some("text/csv".to_owned()),
            format: Some("CSV".to_owned()),
            held_at: Some(qualified),
            ..Distribution::default()
        });
    }
    draft
}

/// The comment, and the columns that have something to say.
fn described(comment: Option<&str>, fields: &Fields<'_>, findings: &mut Findings) -> String {
    let mut text = comment.unwrap_or_default().trim().to_owned();
    let columns = fields.objects("columns", findings);
    let named: Vec<String> = columns
        .iter()
        .filter_map(|column| {
            let name = column.get("name").and_then(Value::as_str)?;
            let comment = column.get("comment").and_then(Value::as_str).and_then(nonblank);
            Some(comment.map_or_else(|| name.to_owned(), |comment| format!("{name} ({comment})")))
        })
        .collect();
    if !named.is_empty() {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&format!("Columns: {}.", named.join(", ")));
    }
    text
}

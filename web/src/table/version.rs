//! A table's versions, and what changed in its columns.

use fairground_catalog::table::{ColumnChanges, Table, TableVersion};
use fairground_domain::{SchemaChange, Snapshot, Timestamp};

use crate::layout::Frame;

/// Changes of columns that a version's line names.
const MOST_CHANGES: usize = 12;

/// What became of a column from one version to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnChange {
    /// It went.
    Gone(String),
    /// It came.
    New(String),
    /// It has another type: its name, and both types' names.
    Retyped(String, String, String),
    /// It has more digits, or fewer.
    Finer(String),
    /// So many more changes are not told.
    More(usize),
}

impl ColumnChange {
    /// In words.
    #[must_use]
    pub fn told(&self, frame: &Frame<'_>) -> String {
        match self {
            Self::Gone(name) => frame.t("table-column-gone").with("name", name).text(),
            Self::New(name) => frame.t("table-column-new").with("name", name).text(),
            Self::Retyped(name, old, new) => {
                frame.t("table-column-retyped").with("name", name).with("old", old).with("new", new).text()
            }
            Self::Finer(name) => frame.t("table-column-finer").with("name", name).text(),
            Self::More(count) => frame.t("table-and-more").with("count", *count).text(),
        }
    }
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// Its number.
    pub version: i32,
    /// When it was published.
    pub loaded_at: Timestamp,
    /// Rows in it.
    pub rows: u64,
    /// Rows more than in the version before.
    pub more: u64,
    /// Rows fewer than in the version before.
    pub fewer: u64,
    /// Rows that were kept out.
    pub kept_out: u64,
    /// How its columns stand to those before.
    pub change: SchemaChange,
    /// What changed in its columns.
    pub changes: Vec<ColumnChange>,
    /// The page of that version.
    pub href: String,
    /// The API pinned to that version.
    pub api: String,
    /// Whether it is the current one.
    pub is_current: bool,
}

pub(super) fn version_lines(versions: &[TableVersion], table: &Table, page: &str, api: &str) -> Vec<VersionLine> {
    let older = versions.iter().skip(1).map(Some).chain(std::iter::once(None));
    versions
        .iter()
        .zip(older)
        .map(|(version, before)| VersionLine {
            version: version.version,
            loaded_at: version.loaded_at,
            rows: version.snapshot.rows,
            more: before.map_or(0, |before| version.snapshot.rows.saturating_sub(before.snapshot.rows)),
            fewer: before.map_or(0, |before| before.snapshot.rows.saturating_sub(version.snapshot.rows)),
            kept_out: version.snapshot.quarantine.rows,
            change: version.change,
            changes: before.map(|before| changes(&before.snapshot, &version.snapshot)).unwrap_or_default(),
            href: if version.version == table.version {
                page.to_owned()
            } else {
                format!("{page}?version={}", version.version)
            },
            api: format!("{api}/rows?version={}", version.version),
            is_current: version.version == table.version,
        })
        .collect()
}

/// What changed in the columns, what went first.
fn changes(before: &Snapshot, after: &Snapshot) -> Vec<ColumnChange> {
    let found = ColumnChanges::between(before, after);
    let added = found.added.iter().map(|name| ColumnChange::New(name.clone()));
    let removed = found.removed.iter().map(|name| ColumnChange::Gone(name.clone()));
    let retyped = found.retyped.iter().map(|(name, old, new)| {
        if old == new {
            ColumnChange::Finer(name.clone())
        } else {
            ColumnChange::Retyped(name.clone(), old.clone(), new.clone())
        }
    });
    let mut said: Vec<ColumnChange> = removed.chain(retyped).chain(added).collect();
    let more = said.len().saturating_sub(MOST_CHANGES);
    said.truncate(MOST_CHANGES);
    if more > 0 {
        said.push(ColumnChange::More(more));
    }
    said
}

#[cfg(test)]
mod tests {
    use fairground_domain::ColumnType;

    use super::super::tests::{column, snapshot};
    use super::*;

    #[test]
    fn changes_of_columns_are_said_with_what_went_first() {
        let before = snapshot(vec![column("a", ColumnType::Integer), column("b", ColumnType::Text)]);
        let after = snapshot(vec![column("a", ColumnType::Text), column("c", ColumnType::Text)]);
        let name = str::to_owned;
        let told = [
            ColumnChange::Gone(name("b")),
            ColumnChange::Retyped(name("a"), name("integer"), name("text")),
            ColumnChange::New(name("c")),
        ];
        assert_eq!(changes(&before, &after), told);
        let (one, two) = (ColumnType::Decimal { scale: 1 }, ColumnType::Decimal { scale: 2 });
        let said = changes(&snapshot(vec![column("a", one)]), &snapshot(vec![column("a", two)]));
        assert_eq!(said, [ColumnChange::Finer(name("a"))]);
    }
}

//! The ways to take a whole table away.

use fairground_domain::Snapshot;

use crate::layout::Frame;

/// Rows that a sheet of a workbook holds, its header not counted.
const SHEET_ROWS: u64 = 1_048_575;

/// One way to take the whole table away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The format's name.
    pub name: &'static str,
    /// Whether texts are kept from being run as formulas.
    pub is_safe: bool,
    /// Its address; `None` where the format cannot hold the table.
    pub href: Option<String>,
    /// The file's ending, for those who choose by it.
    pub ending: &'static str,
    /// What it is good for: the key of its words.
    pub purpose: &'static str,
    /// Its size in bytes, where it is known.
    pub bytes: Option<u64>,
}

impl Download {
    /// Its name for people.
    #[must_use]
    pub fn title(&self, frame: &Frame<'_>) -> String {
        if self.is_safe { frame.t("table-format-safe-csv").text() } else { self.name.to_owned() }
    }

    /// Where its size is asked for.
    #[must_use]
    pub fn estimate_href(&self) -> Option<String> {
        let href = self.href.as_deref()?;
        Some(format!("{href}{}estimate=true", if href.contains('?') { '&' } else { '?' }))
    }
}

pub(super) fn downloads(snapshot: &Snapshot, api: &str, pinned: Option<i32>) -> Vec<Download> {
    let pin = pinned.map(|version| format!("version={version}"));
    let href = |ending: &str, more: Option<&str>| {
        let query: Vec<&str> = more.into_iter().chain(pin.as_deref()).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        Some(format!("{api}/export.{ending}{mark}{}", query.join("&")))
    };
    let line = |name, ending, purpose| Download {
        name,
        is_safe: false,
        href: href(ending, None),
        ending,
        purpose,
        bytes: None,
    };
    let is_too_long = snapshot.rows > SHEET_ROWS;
    let spatial =
        snapshot.columns.iter().any(|column| column.column_type.is_spatial()) || snapshot.coordinates().is_some();
    let mut all = vec![
        line("CSV", "csv", "table-format-csv"),
        Download { is_safe: true, href: href("csv", Some("safe=true")), ..line("CSV", "csv", "table-format-safe") },
        Download {
            href: if is_too_long { None } else { href("xlsx", None) },
            ..line("Excel", "xlsx", "table-format-xlsx")
        },
        line("JSON", "json", "table-format-json"),
        line("JSON lines", "ndjson", "table-format-ndjson"),
        Download { bytes: Some(snapshot.parquet_bytes), ..line("Parquet", "parquet", "table-format-parquet") },
        line("Arrow", "arrow", "table-format-arrow"),
    ];
    if spatial {
        all.push(line("GeoJSON", "geojson", "table-format-geojson"));
    }
    all
}

#[cfg(test)]
mod tests {
    use fairground_domain::ColumnType;

    use super::super::tests::{column, snapshot};
    use super::*;

    #[test]
    fn downloads_fit_the_table() {
        let mut table = snapshot(vec![column("a", ColumnType::Integer)]);
        let endings =
            |table: &Snapshot| -> Vec<&str> { downloads(table, "/t", None).iter().map(|it| it.ending).collect() };
        assert_eq!(endings(&table), ["csv", "csv", "xlsx", "json", "ndjson", "parquet", "arrow"]);
        table.columns.push(column("place", ColumnType::Point));
        assert_eq!(endings(&table).last(), Some(&"geojson"));
        table.rows = SHEET_ROWS + 1;
        let all = downloads(&table, "/t", Some(2));
        assert!(all[2].href.is_none() && all[2].estimate_href().is_none());
        assert_eq!(all[0].estimate_href().as_deref(), Some("/t/export.csv?version=2&estimate=true"));
        assert_eq!(all[1].href.as_deref(), Some("/t/export.csv?safe=true&version=2"));
        assert_eq!(all[5].bytes, Some(12_345));
    }
}

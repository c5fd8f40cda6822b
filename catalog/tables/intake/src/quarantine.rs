//! Rows that are kept out, with the reason.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use fairground_domain::QuarantineSummary;

use crate::error::IntakeError;
use crate::limits::Limits;

/// A row that is kept out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its first line in the file (the first is 1), or its number in formats that count rows.
    pub(crate) line: u64,
    /// Why, such as `too-many-fields` or `schema: field x: not an integer`.
    pub(crate) reason: String,
    /// The row as it stands, cut where it is long.
    pub(crate) raw: Vec<u8>,
}

/// The quarantine of one load: counts, and a file once there is a row for it.
pub(crate) struct Quarantine<'a> {
    limits: &'a Limits,
    path: PathBuf,
    file: Option<BufWriter<File>>,
    reasons: BTreeMap<String, u64>,
    rows: u64,
}

impl<'a> Quarantine<'a> {
    pub(crate) fn new(path: &Path, limits: &'a Limits) -> Self {
        Self { limits, path: path.to_owned(), file: None, reasons: BTreeMap::new(), rows: 0 }
    }

    /// Takes a row.
    pub(crate) fn add(&mut self, refused: &Refused) -> Result<(), IntakeError> {
        self.count(&refused.reason, 1);
        if self.rows > self.limits.quarantine_rows_kept {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut file = BufWriter::new(File::create(&self.path)?);
                file.write_all(b"line,reason,raw\r\n")?;
                self.file.insert(file)
            }
        };
        let raw = refused.raw.get(..refused.raw.len().min(self.limits.quarantine_raw_bytes)).unwrap_or_default();
        let raw = String::from_utf8_lossy(raw).replace('"', "\"\"");
        let reason = refused.reason.replace('"', "\"\"");
        write!(file, "{},\"{reason}\",\"{raw}\"\r\n", refused.line)?;
        Ok(())
    }

    /// Counts rows that the file has no room for.
    pub(crate) fn count(&mut self, reason: &str, rows: u64) {
        if rows > 0 {
            self.rows += rows;
            *self.reasons.entry(reason.to_owned()).or_default() += rows;
        }
    }

    /// Rows that were kept out.
    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the load when too many rows were kept out of those seen.
    pub(crate) fn check(&self, seen: u64) -> Result<(), IntakeError> {
        check_share(self.rows, seen, self.most(), self.limits)
    }

    fn most(&self) -> String {
        self.reasons.iter().max_by_key(|(_, rows)| **rows).map(|(reason, _)| reason.clone()).unwrap_or_default()
    }

    /// Ends the file; gives its path, if there is one, and the counts.
    pub(crate) fn finish(self) -> Result<(Option<PathBuf>, QuarantineSummary), IntakeError> {
        let mut reasons: Vec<(String, u64)> = self.reasons.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let summary = QuarantineSummary { rows: self.rows, reasons };
        let path = match self.file {
            Some(mut file) => {
                file.flush()?;
                Some(self.path)
            }
            None => None,
        };
        Ok((path, summary))
    }
}

/// Whether the share of rows kept out is within the limits. A few rows ([`Limits::quarantine_floor`]) are always allowed, as
/// long as more rows were taken than kept out.
pub(crate) fn check_share(rows: u64, of: u64, reason: String, limits: &Limits) -> Result<(), IntakeError> {
    let within_share = rows.saturating_mul(100) <= of.saturating_mul(u64::from(limits.quarantine_percent));
    let few = rows <= limits.quarantine_floor && rows.saturating_mul(2) < of;
    if within_share || few {
        return Ok(());
    }
    Err(IntakeError::TooManyFaults { rows, of, reason, limit_percent: limits.quarantine_percent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_faults_ends_the_load() {
        let limits = Limits { quarantine_percent: 10, quarantine_floor: 3, ..Limits::default() };
        for (rows, of, fine) in [
            (0, 0, true),
            (0, 10, true),
            (1, 4, true),
            (1, 2, false),
            (1, 1, false),
            (3, 7, true),
            (4, 39, false),
            (4, 40, true),
        ] {
            assert_eq!(check_share(rows, of, String::new(), &limits).is_ok(), fine, "{rows} of {of}");
        }
    }

    #[test]
    fn the_file_keeps_line_reason_and_raw_row() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { quarantine_rows_kept: 2, quarantine_raw_bytes: 5, ..Limits::default() };
        let mut quarantine = Quarantine::new(&folder.path().join("q.csv"), &limits);
        for line in 1..=3 {
            quarantine
                .add(&Refused { line, reason: "too-many-fields".to_owned(), raw: b"a\"b,cdef".to_vec() })
                .unwrap();
        }
        let (path, summary) = quarantine.finish().unwrap();
        assert_eq!((summary.rows, summary.reasons), (3, vec![("too-many-fields".to_owned(), 3)]));
        let text = std::fs::read_to_string(path.unwrap()).unwrap();
        assert_eq!(
            text,
            "line,reason,raw\r\n1,\"too-many-fields\",\"a\"\"b,c\"\r\n2,\"too-many-fields\",\"a\"\"b,c\"\r\n"
        );
    }
}

//! The published rule set: every threshold of the screen, in one place, with its version. No operator changes them.

use serde::Serialize;

/// The version of the rules. It changes whenever the same table could get another verdict; what was published under another
/// version is screened again.
pub const RULES_VERSION: &str = "2026-11-8";

/// Thresholds. Shares are of a column's filled cells, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rules {
    /// The version, as in reports.
    pub version: &'static str,
    /// Rows that weak evidence (names, contacts) needs at least before it holds anything.
    pub rows_least: u64,
    /// Share of values that agree with a column whose name says what it is.
    pub named_share: f64,
    /// Share of values that agree with a column whose name says nothing.
    pub unnamed_share: f64,
    /// How improbable a column of check digits must be by chance: the negative natural logarithm.
    pub chance_nats: f64,
    /// Confidence from which a finding is reported.
    pub report_confidence: f64,
    /// Confidence from which a finding holds.
    pub hold_confidence: f64,
    /// Groups of quasi-identifiers smaller than this are told.
    pub group_least: u32,
    /// Share of unique rows from which the combination of quasi-identifiers holds.
    pub unique_share: f64,
    /// Counts below this are small cells.
    pub small_cell: u32,
    /// Share of texts with persons in them from which a column of text holds.
    pub text_share: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            version: RULES_VERSION,
            rows_least: 3,
            named_share: 0.4,
            unnamed_share: 0.8,
            chance_nats: 14.0,
            report_confidence: 0.5,
            hold_confidence: 0.6,
            group_least: 5,
            unique_share: 0.05,
            small_cell: 5,
            text_share: 0.1,
        }
    }
}

/// Columns of one table that are screened; further ones are told of in the report.
pub const COLUMNS_MAX: usize = 4_096;
/// Tables and texts of one screen whose findings are kept.
pub const TABLES_MAX: usize = 1_000;
/// Row numbers kept for one finding.
pub const ROWS_KEPT: usize = 20;
/// Masked examples kept for one finding.
pub const EXAMPLES_KEPT: usize = 3;
/// Bytes of one cell that are looked at; the rest of a longer one is looked at in pieces of this size.
pub const CELL_BYTES_MAX: usize = 64 << 10;
/// Groups of quasi-identifiers that are counted exactly; beyond, a sample by hash of this size is.
pub const GROUPS_MAX: usize = 1 << 18;

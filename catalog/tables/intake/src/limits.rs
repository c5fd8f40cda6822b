//! How far a load goes before it is refused.

use fairground_domain::COLUMNS_MAX;

/// The limits of one load. Every one is tested where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it comes.
    pub file_bytes: u64,
    /// Bytes that all archives within one another may unpack to.
    pub unpacked_bytes: u64,
    /// How many times larger than its packed form a member of an archive may be.
    pub unpack_ratio: u64,
    /// Entries that an archive may list.
    pub members: usize,
    /// Bytes of one field; rows with a longer one go to the quarantine.
    pub field_bytes: usize,
    /// Columns of a table, at most [`COLUMNS_MAX`].
    pub columns: usize,
    /// Tables that one file may give: sheets, members, layers.
    pub tables: usize,
    /// Share of rows, in per cent, that may go to the quarantine before the load is refused.
    pub quarantine_percent: u8,
    /// Rows that may go to the quarantine whatever their share, as long as more were taken than kept out.
    pub quarantine_floor: u64,
    /// Rows that the quarantine file keeps; further ones are counted only.
    pub quarantine_rows_kept: u64,
    /// Bytes of one raw row that the quarantine file keeps.
    pub quarantine_raw_bytes: usize,
    /// Rows whose values are remembered to tell whether a column's values are unique.
    pub unique_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 20 << 30,
            unpacked_bytes: 20 << 30,
            unpack_ratio: 200,
            members: 2_000,
            field_bytes: 1 << 20,
            columns: COLUMNS_MAX,
            tables: 500,
            quarantine_percent: 10,
            quarantine_floor: 3,
            quarantine_rows_kept: 100_000,
            quarantine_raw_bytes: 4_096,
            unique_rows: 4_000_000,
        }
    }
}

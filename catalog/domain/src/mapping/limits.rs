//! How much a document of rules may hold. Each limit is told to whoever passes it, and in the schema.

/// Bytes of a document.
pub const LONGEST_RULES_BYTES: usize = 256 * 1024;
/// Rules in a document.
pub const MOST_RULES: usize = 200;
/// Codes in one map.
pub const MOST_CODES: usize = 2_000;
/// Characters of a pattern.
pub const LONGEST_PATTERN_CHARS: usize = 500;
/// Bytes that a compiled pattern may take.
pub(super) const PATTERN_BYTES: usize = 256 * 1024;
/// Patterns in a document.
pub const MOST_PATTERNS: usize = 50;
/// Conditions in one another, and values in one list of a condition.
pub const DEEPEST_CONDITION: usize = 5;
pub(super) const MOST_IN_CONDITION: usize = 200;
/// Characters of a text that a rule writes or replaces in; longer texts of a source are left alone.
pub const LONGEST_TEXT_CHARS: usize = 50_000;
/// Findings that rules add to one record.
pub(super) const MOST_FINDINGS: usize = 20;
/// Faults of a document that are told at once.
pub(super) const MOST_FAULTS: usize = 20;

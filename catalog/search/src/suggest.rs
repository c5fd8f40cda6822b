//! What a person may be about to type.

/// Most suggestions in one answer.
pub const MAX_SUGGESTIONS: usize = 50;

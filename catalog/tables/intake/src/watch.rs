//! How a caller follows a load, and ends it.

/// What a load is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Taking an archive apart.
    Unpacking,
    /// Finding the text's encoding, delimiter and header.
    Examining,
    /// Finding the columns' types: the first time through the rows.
    Typing,
    /// Writing the snapshot: the second time through the rows.
    Writing,
}

impl Stage {
    /// As it is written in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpacking => "unpacking",
            Self::Examining => "examining",
            Self::Typing => "typing",
            Self::Writing => "writing",
        }
    }
}

/// How far a load has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Bytes (of the table's file, unpacked) that this stage has done.
    pub bytes_done: u64,
    /// Bytes that this stage has to do; 0 where nobody knows.
    pub bytes_total: u64,
    /// Rows that this stage has seen.
    pub rows: u64,
}

/// Somebody who follows a load: the job that runs it. Called from several threads, some times a second.
pub trait Watch: Sync {
    /// How far it has come.
    fn progress(&self, progress: Progress);

    /// Whether the load shall end, with [`crate::IntakeError::Cancelled`].
    fn stopped(&self) -> bool;
}

/// Nobody: the load is neither followed nor ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn progress(&self, _progress: Progress) {}

    fn stopped(&self) -> bool {
        false
    }
}

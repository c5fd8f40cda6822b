//! What all readers share: walls around foreign code, and names.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::IntakeError;

/// Runs code of others over untrusted bytes: a panic in it becomes `Broken`.
pub(super) fn guarded<T>(
    format: &'static str,
    work: impl FnOnce() -> Result<T, IntakeError>,
) -> Result<T, IntakeError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(IntakeError::Broken {
            format,
            place: "an unknown place".to_owned(),
            why: "its content contradicts itself".to_owned(),
        })
    })
}

/// A format's error, in our words.
pub(super) fn broken(format: &'static str, place: impl Into<String>, why: impl ToString) -> IntakeError {
    IntakeError::Broken { format, place: place.into(), why: why.to_string() }
}

/// A file's name without folders and ending: what a table in it is called when the format gives no name.
pub(super) fn table_name(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => file.to_owned(),
    }
}

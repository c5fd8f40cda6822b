//! The journal as CKAN's activities.

use fairground_catalog::dataset;
use fairground_catalog::journal::{self, Entry, EventKind};
use serde_json::{Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::package::moment;
use super::packages::whole;
use super::params::Params;

/// Activities of an answer, unless the caller says otherwise and at most, as in CKAN; the offset is bounded likewise, as it is read
/// over.
const LIMIT: u64 = 31;
const LIMIT_MAX: u64 = 100;
const OFFSET_MAX: u64 = 10_000;

const KINDS: [EventKind; 4] =
    [EventKind::DatasetCreated, EventKind::DatasetUpdated, EventKind::DatasetWithdrawn, EventKind::DatasetRestored];

/// `package_activity_list`.
pub(super) fn of_package(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let id = params.text("id").ok_or_else(|| Refusal::of("id", "Missing value"))?;
    let (limit, offset) = page(params)?;
    let dataset = dataset::get_known(context.tx, &id)?;
    let subject = dataset.id.to_string();
    let entries = journal::list_of_subject(context.tx, "dataset", &subject, None, whole(limit + offset))?;
    let public = entries.into_iter().filter(|entry| entry.kind.is_public()).collect();
    Ok(told(public, offset))
}

/// `recently_changed_packages_activity_list`.
pub(super) fn recent(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let (limit, offset) = page(params)?;
    let entries = journal::list_before(context.tx, &KINDS, None, whole(limit + offset))?;
    Ok(told(entries, offset))
}

fn page(params: &Params) -> Result<(u64, u64), Refusal> {
    let offset = params.number("offset")?.unwrap_or(0);
    if offset > OFFSET_MAX {
        return Err(Refusal::of("offset", format!("At most {OFFSET_MAX}; what is older is in /api/v1/changes")));
    }
    Ok((params.number("limit")?.unwrap_or(LIMIT).min(LIMIT_MAX), offset))
}

fn told(entries: Vec<Entry>, offset: u64) -> String {
    let activity = |entry: Entry| {
        let kind = match entry.kind {
            EventKind::DatasetCreated => "new package",
            EventKind::DatasetWithdrawn => "deleted package",
            _ => "changed package",
        };
        json!({
            "id": entry.hash.to_string(),
            "timestamp": moment(entry.at),
            "user_id": entry.actor,
            "object_id": entry.subject_id,
            "activity_type": kind,
            "data": { "package": entry.payload },
        })
    };
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    Value::Array(entries.into_iter().skip(skip).map(activity).collect()).to_string()
}

//! `status_show`, `site_read`, `help_show`, and lists of what we do not have.

use serde_json::json;

use super::action::{ACTIONS, Context};
use super::envelope::Refusal;
use super::params::Params;

/// The release of CKAN whose actions these are; clients choose by it what they may ask.
const CKAN_VERSION: &str = "2.11.0";
/// Actions on rows, which have rooms of their own.
const ON_ROWS: [(&str, &str); 2] = [
    (
        "datastore_search",
        "Rows of a table. resource_id, filters, q, fields, sort, limit, offset, distinct, records_format, include_total.",
    ),
    ("datastore_info", "What a table holds. id."),
];

/// `status_show`.
pub(super) fn status(context: &mut Context<'_, '_>, _: &Params) -> Result<String, Refusal> {
    let status = json!({
        "ckan_version": CKAN_VERSION,
        "site_url": context.url,
        "site_title": context.title,
        "site_description": "",
        "error_emails_to": null,
        "locale_default": "en",
        "extensions": ["datastore", "dcat", "activity"],
        "software": concat!("Fairground ", env!("CARGO_PKG_VERSION")),
    });
    Ok(status.to_string())
}

/// `site_read`.
pub(super) fn read(_: &mut Context<'_, '_>, _: &Params) -> Result<String, Refusal> {
    Ok("true".to_owned())
}

/// `help_show`.
pub(super) fn help(_: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let name = params.text("name").ok_or_else(|| Refusal::of("name", "Missing value"))?;
    let writing = super::write::WRITING.iter().copied();
    let mut all = ACTIONS.iter().map(|action| (action.name, action.help)).chain(ON_ROWS).chain(writing);
    let found = all.find(|(known, _)| *known == name);
    found.map(|(_, help)| json!(help).to_string()).ok_or_else(|| Refusal::NotFound("Action not found".to_owned()))
}

/// What we have none of.
pub(super) fn nothing(_: &mut Context<'_, '_>, _: &Params) -> Result<String, Refusal> {
    Ok("[]".to_owned())
}

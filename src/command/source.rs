//! `source add|list|run`: harvest sources without a browser.

use std::process::ExitCode;

use fairground_catalog::harvest::{self, NewSource, Schedule};
use fairground_catalog::{Catalog, CatalogError, Tx, domain::Slug};
use fairground_domain::SourceId;
use fairground_harvester::{HarvestNow, new_source_address};
use serde_json::json;

use super::harvest::harvest_and_report;
use super::{Usage, say, say_json, slug};
use crate::Failure;
use crate::cli::SourceCommand;
use crate::settings::Settings;

const ACTOR: &str = "command-line";
/// Sources listed in one go.
const PAGE: i64 = 500;

pub(crate) fn run(settings: Settings, command: SourceCommand) -> Result<ExitCode, Failure> {
    let catalog = Catalog::open(&settings.place)?;
    match command {
        SourceCommand::Add { url, slug: wanted, kind, publisher, every, schedule, grace } => {
            let schedule = schedule.map(|text| text.parse::<Schedule>()).transpose().map_err(Usage::of)?;
            let kind = kind.map(|kind| kind.parse::<fairground_harvester::Kind>().map_err(Usage::of)).transpose()?;
            let wanted = match slug(wanted.as_deref())? {
                Some(wanted) => wanted,
                None => Slug::from_title(url.trim_start_matches("https://").trim_start_matches("http://"))
                    .ok_or_else(|| Usage::of("the address suggests no name: give one with --slug"))?,
            };
            let new = NewSource {
                slug: wanted,
                url: new_source_address(&url).map_err(Usage::of)?,
                kind: kind.map(|kind| kind.to_string()),
                publisher: slug(publisher.as_deref())?,
                interval_secs: every,
            };
            let source = catalog.db.write(|tx| {
                let source = harvest::create_source(tx, new, ACTOR)?;
                if schedule.is_some() {
                    harvest::set_schedule(tx, source.id, schedule.as_ref())?;
                }
                set_grace(tx, source.id, grace)?;
                Ok(source)
            })?;
            say(&format!("Source `{}`: {}", source.slug, source.shown_url()));
            Ok(ExitCode::SUCCESS)
        }
        SourceCommand::Change { slug: wanted, schedule, grace } => {
            let schedule = match schedule.as_deref() {
                None => None,
                Some("never") => Some(None),
                Some(text) => Some(Some(text.parse::<Schedule>().map_err(Usage::of)?)),
            };
            catalog.db.write(|tx| {
                let source = harvest::get_source(tx, &wanted)?;
                if let Some(schedule) = &schedule {
                    harvest::set_schedule(tx, source.id, schedule.as_ref())?;
                }
                set_grace(tx, source.id, grace)
            })?;
            say(&format!("Source `{wanted}`: changed"));
            Ok(ExitCode::SUCCESS)
        }
        SourceCommand::Approve { slug: wanted } => {
            catalog.db.write(|tx| {
                let found = harvest::get_source(tx, &wanted)?;
                fairground_catalog::source::approve_source(tx, &found, ACTOR)
            })?;
            say(&format!("Source `{wanted}`: approved"));
            Ok(ExitCode::SUCCESS)
        }
        SourceCommand::List(args) => {
            let mut after: Option<Slug> = None;
            loop {
                let page = catalog.db.read(|tx| harvest::list_sources(tx, None, after.as_ref(), PAGE))?;
                let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
                after = Some(last.slug.clone());
                for source in &page {
                    if args.json {
                        say_json(&json!({
                            "slug": source.slug, "url": source.shown_url(), "kind": source.kind, "state": source.state,
                            "interval_secs": source.interval_secs,
                            "schedule": source.schedule.as_ref().map(ToString::to_string),
                            "grace_secs": source.grace_secs,
                        }))?;
                    } else {
                        let kind = source.kind.as_deref().unwrap_or("not yet known");
                        say(&format!("{}  {}  ({kind}, {})", source.slug, source.shown_url(), source.state.as_str()));
                    }
                }
            }
        }
        SourceCommand::Run { slug: wanted, approve } => {
            let source = catalog.db.read(|tx| harvest::get_source(tx, &wanted))?;
            let request = HarvestNow { source: Some(source.slug), approve, ..HarvestNow::of(source.url) };
            harvest_and_report(&catalog, &settings, &request, false)
        }
    }
}

fn set_grace(tx: &mut Tx<'_>, source: SourceId, days: Option<u32>) -> Result<(), CatalogError> {
    const DAY_SECS: i64 = 86_400;
    match days {
        Some(days) => harvest::set_grace(tx, source, i64::from(days) * DAY_SECS),
        None => Ok(()),
    }
}

//! `tariff`: showing, comparing and announcing versions of the tariff.

use std::path::Path;
use std::process::ExitCode;

use fairground_catalog::domain::{Announcement, Comparison, Tariff, compare};
use fairground_catalog::tariff::{self, Draft};
use fairground_catalog::{Catalog, CatalogError};
use serde_json::json;

use super::{Usage, say, say_json};
use crate::Failure;
use crate::cli::TariffCommand;
use crate::settings::Settings;

/// Who asked, as the journal says it.
const ACTOR: &str = "command-line";

pub(crate) fn run(settings: &Settings, command: TariffCommand) -> Result<ExitCode, Failure> {
    match command {
        TariffCommand::Show { version } => {
            let catalog = Catalog::open(&settings.place)?;
            let tariff = catalog.db.read(|tx| match version {
                Some(version) => tariff::get_version(tx, version),
                None => tariff::get_current(tx),
            })?;
            say(&serde_json::to_string_pretty(&tariff)?);
        }
        TariffCommand::Diff { file: Some(file), json, .. } => {
            let draft = read(&file)?;
            let catalog = Catalog::open(&settings.place)?;
            let (tariff, announcement) = catalog.db.read(|tx| tariff::preview(tx, draft))?;
            tell(&tariff, &announcement, json)?;
        }
        TariffCommand::Diff { file: None, from, to, json } => {
            let catalog = Catalog::open(&settings.place)?;
            let comparison = catalog.db.read(|tx| {
                let latest = tariff::list_versions(tx)?.first().map_or(1, |tariff| tariff.version);
                let to = to.unwrap_or(latest);
                let from = from.unwrap_or_else(|| to.saturating_sub(1).max(1));
                Ok(compare(&tariff::get_version(tx, from)?, &tariff::get_version(tx, to)?))
            })?;
            if json {
                say_json(&json!({ "comparison": comparison, "notice_days": comparison.notice_days() }))?;
            } else {
                tell_changes(&comparison);
            }
        }
        TariffCommand::Publish { file, json } => {
            let draft = read(&file)?;
            let catalog = Catalog::open(&settings.place)?;
            let latest = catalog.db.read(|tx| Ok(tariff::list_versions(tx)?.first().map_or(0, |t| t.version)))?;
            match catalog.db.write(|tx| tariff::publish(tx, draft, latest, ACTOR)) {
                Ok((tariff, announcement)) => tell(&tariff, &announcement, json)?,
                Err(refused @ (CatalogError::Announcement(_) | CatalogError::Tariff(_))) => {
                    eprintln!("Not published: {refused}.");
                    return Ok(ExitCode::from(1));
                }
                Err(other) => return Err(other.into()),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Draft, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    Draft::read(&text).map_err(|error| Usage::of(format!("`{}` is not a tariff: {error}", file.display())))
}

fn tell(tariff: &Tariff, announcement: &Announcement, json: bool) -> Result<(), Failure> {
    if json {
        return say_json(&json!({
            "version": tariff.version,
            "valid_from": tariff.valid_from,
            "notice_days": announcement.notice_days,
            "earliest": announcement.earliest,
            "comparison": announcement.comparison,
        }));
    }
    tell_changes(&announcement.comparison);
    say(&format!("Version {}, valid from {}.", tariff.version, tariff.valid_from));
    if tariff.valid_from < announcement.earliest {
        let (days, earliest) = (announcement.notice_days, announcement.earliest);
        say(&format!("It needs {days} days of notice: published now, it can be valid from {earliest}."));
    }
    Ok(())
}

fn tell_changes(comparison: &Comparison) {
    for change in &comparison.changes {
        let plan = change.plan.as_ref().map_or("every plan", |plan| plan.as_str());
        let class = change.class.map_or("every class", |class| class.as_str());
        let (before, after) = (change.before.as_deref().unwrap_or("–"), change.after.as_deref().unwrap_or("–"));
        let (aspect, effect) = (change.aspect.as_str(), change.effect.as_str());
        say(&format!("{effect:6}  {plan}, {class}: {aspect}: {before} → {after}"));
    }
    if comparison.changes.is_empty() {
        say("Nothing differs.");
    }
}

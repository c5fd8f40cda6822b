//! `fairground harvest`: one harvest, now, in this process.

use std::process::ExitCode;

use fairground_catalog::Catalog;
use fairground_catalog::harvest::JobState;
use fairground_harvester::{HarvestNow, HarvestReport, Stop};

use super::{Usage, harvester, say, say_json, slug, while_following};
use crate::Failure;
use crate::cli::HarvestArgs;
use crate::settings::Settings;

pub(crate) fn run(settings: Settings, args: HarvestArgs) -> Result<ExitCode, Failure> {
    let request = HarvestNow {
        location: args.location,
        source: slug(args.source.as_deref())?,
        kind: args.kind.map(|kind| kind.parse().map_err(Usage::of)).transpose()?,
        publisher: slug(args.publisher.as_deref())?,
        approve: args.approve,
        dry_run: args.dry_run,
        no_tables: args.no_tables,
    };
    let catalog = Catalog::open(&settings.place)?;
    harvest_and_report(&catalog, &settings, &request, args.json)
}

/// Harvests and prints the report, whose last line is JSON.
pub(crate) fn harvest_and_report(
    catalog: &Catalog,
    settings: &Settings,
    request: &HarvestNow,
    json_only: bool,
) -> Result<ExitCode, Failure> {
    let harvester = harvester(catalog, settings)?;
    let report = while_following(catalog, || Ok(harvester.harvest_now(request, &Stop::new())?))?;
    if !json_only {
        describe(&report);
    }
    say_json(&report)?;
    Ok(if report.state == JobState::Completed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn describe(report: &HarvestReport) {
    let counts = &report.datasets;
    say(&format!(
        "Source `{}`: {} datasets found, {} created, {} updated, {} unchanged, {} deleted, {} refused, {} failed.",
        report.source,
        counts.found,
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.deleted,
        counts.refused,
        counts.failed
    ));
    for note in &report.notes {
        say(&format!("Note: {note}"));
    }
    if let Some(error) = &report.error {
        say(&format!("Failed: {error}"));
    }
    if report.state == JobState::AwaitingApproval {
        say(&format!(
            "Paused: {} datasets would be withdrawn. Look at the list, then run it again with --approve.",
            report.braked
        ));
        for missing in &report.missing {
            say(&format!("  {missing}"));
        }
    }
}

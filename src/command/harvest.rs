//! `fairground harvest`: one harvest, now, in this process.

use std::process::ExitCode;

use fairground_catalog::harvest::{self, Counts, JobState, Outcome, RecordFilter};
use fairground_catalog::{Catalog, dataset, table};
use fairground_domain::{Severity, SourceId, Timestamp};
use fairground_harvester::{HarvestNow, HarvestReport, Stop};

use super::{Usage, harvester, loader, say, say_json, slug, tables, while_following};
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
    let since = Timestamp::now();
    let report = while_following(catalog, || {
        let mut report = harvester.harvest_now(request, &Stop::new())?;
        let brought_in = matches!(report.state, JobState::Completed | JobState::AwaitingApproval);
        if brought_in && !request.no_tables && !request.dry_run {
            let loader = loader(&harvester, tables(settings)?, settings)?;
            let source = catalog.db.read(|tx| harvest::get_source(tx, report.source.as_str()))?;
            report.tables = Some(loader.load_source(source.id, since, &Stop::new())?);
            if !json_only {
                tell_failures(catalog, source.id, since)?;
            }
        }
        Ok(report)
    })?;
    if report.dry_run {
        tell_changes(catalog, &report, json_only)?;
    }
    if !json_only {
        describe(&report);
        tell_refusals(catalog, &report)?;
    }
    say_json(&report)?;
    Ok(if report.state == JobState::Completed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What a dry run would have done, one dataset to a line, as JSON or in words.
fn tell_changes(catalog: &Catalog, report: &HarvestReport, json: bool) -> Result<(), Failure> {
    const PAGE: i64 = 500;
    let mut after = None;
    loop {
        let page = catalog.db.read(|tx| harvest::list_changes(tx, report.job, after, PAGE))?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(*last);
        for (_, change) in &page {
            if json {
                say_json(change)?;
                continue;
            }
            say(&format!("{}  {}  {}", change.outcome.as_str(), change.slug, change.title));
            for field in &change.fields {
                let told = |value: &Option<serde_json::Value>| {
                    value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
                };
                say(&format!("    {}: {} becomes {}", field.path, told(&field.before), told(&field.after)));
            }
        }
    }
}

/// Files that could not be loaded, with why; a failure leaves what was there before.
fn tell_failures(catalog: &Catalog, source: SourceId, since: Timestamp) -> Result<(), Failure> {
    const NAMED: usize = 20;
    for job in catalog.db.read(|tx| table::list_failures(tx, source, since, NAMED))? {
        let dataset = catalog.db.read(|tx| dataset::get(tx, &job.payload.dataset.to_string()))?;
        let why = job.error.as_deref().unwrap_or_default();
        say(&format!("Not loaded, of dataset `{}`: {why}", dataset.slug));
    }
    Ok(())
}

/// What was not taken, with the first errors of each; all of them stand in the job's findings.
fn tell_refusals(catalog: &Catalog, report: &HarvestReport) -> Result<(), Failure> {
    const NAMED: usize = 20;
    let mut left = NAMED;
    for outcome in [Outcome::Refused, Outcome::Failed] {
        let filter = RecordFilter { outcome: Some(outcome), ..RecordFilter::default() };
        let most = i64::try_from(left).unwrap_or_default();
        let records = catalog.db.read(|tx| harvest::list_records(tx, report.job, &filter, most))?;
        left = left.saturating_sub(records.len());
        for record in &records {
            let name = if record.title.is_empty() { &record.key } else { &record.title };
            let errors = record.findings.iter().filter(|finding| finding.severity == Severity::Error);
            let why: Vec<String> = errors.map(|finding| format!("{} ({})", finding.message, finding.rule)).collect();
            say(&format!("Not taken, `{name}`: {}", why.join("; ")));
        }
    }
    let all = [&report.datasets, &report.data_services, &report.dataset_series];
    let all: u64 = all.iter().map(|counts| counts.refused + counts.failed).sum();
    let told = u64::try_from(NAMED - left).unwrap_or(all);
    if all > told {
        say(&format!("… and {} more, in the findings of job {}.", all - told, report.job));
    }
    Ok(())
}

fn sums_of(things: &str, counts: &Counts) -> String {
    format!(
        "{things}: {} found, {} created, {} updated, {} unchanged, {} deleted, {} refused, {} failed.",
        counts.found, counts.created, counts.updated, counts.unchanged, counts.deleted, counts.refused, counts.failed
    )
}

fn describe(report: &HarvestReport) {
    let counts = &report.datasets;
    say(&format!("Source `{}`: {}", report.source, sums_of("datasets", counts)));
    for (things, counts) in [("data services", &report.data_services), ("dataset series", &report.dataset_series)] {
        if *counts != Counts::default() {
            say(&format!("Beside them: {}", sums_of(things, counts)));
        }
    }
    if let Some(tables) = &report.tables {
        say(&format!(
            "Tables: {} loaded, {} unchanged, {} files failed, {} rows kept out.",
            tables.loaded, tables.unchanged, tables.failed, tables.quarantined_rows
        ));
    }
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

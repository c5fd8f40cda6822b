//! What each command does: opens what it needs, calls one use case, says what came of it.

pub(crate) mod backup;
pub(crate) mod demo;
pub(crate) mod harvest;
pub(crate) mod people;
pub(crate) mod publish;
pub(crate) mod screen;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod service;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod tariff;
pub(crate) mod upkeep;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use fairground_catalog::{Catalog, gate};
use fairground_domain::Slug;
use fairground_harvester::engine::{Harvester, Tuning};
use fairground_harvester::fetch::{FetchLimits, Fetcher};
use fairground_harvester::load::{LoadTuning, Loader};
use fairground_tables::Tables;
use serde::Serialize;

use crate::Failure;
use crate::settings::Settings;

/// The command was written wrongly: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

impl Usage {
    pub(crate) fn of(problem: impl std::fmt::Display) -> Failure {
        Box::new(Self(problem.to_string()))
    }
}

/// One line on standard output. A reader that has gone away (`| head`) is no failure of ours.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// One line of JSON on standard output.
pub(crate) fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    say(&serde_json::to_string(value)?);
    Ok(())
}

pub(crate) fn slug(text: Option<&str>) -> Result<Option<Slug>, Failure> {
    text.map(|text| text.parse::<Slug>().map_err(Usage::of)).transpose()
}

/// The harvester over a catalogue, as the settings want it.
pub(crate) fn harvester(catalog: &Catalog, settings: &Settings) -> Result<Harvester, Failure> {
    // Whatever brings data in says first how it is judged.
    catalog.db.write(|tx| gate::declare(tx, settings.gate))?;
    let fetcher = Fetcher::new(settings.harvest_allow.clone(), FetchLimits::default(), &settings.api.public_url)?;
    Ok(Harvester::new(catalog.clone(), fetcher, Tuning::default())?)
}

/// The tables, where the settings say that they are kept.
pub(crate) fn tables(settings: &Settings) -> Result<Tables, Failure> {
    Ok(Tables::open(settings.tables.clone())?)
}

/// The loader beside a harvester, as the settings want it: they share every host's pace.
pub(crate) fn loader(harvester: &Harvester, tables: Tables, settings: &Settings) -> Result<Loader, Failure> {
    let tuning = LoadTuning {
        parallel: settings.load_workers,
        versions_kept: settings.table_versions,
        refresh_secs: settings.table_refresh_secs,
        ..LoadTuning::default()
    };
    Ok(Loader::new(harvester.catalog().clone(), tables, harvester.fetcher(), tuning)?)
}

/// Runs `work` while the search index follows the journal, if it is this process that feeds it; ends with it caught up.
pub(crate) fn while_following<T>(catalog: &Catalog, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let follower = scope.spawn(|| catalog.follow(&over));
        let done = work();
        over.store(true, Ordering::Release);
        catalog.announce();
        if follower.join().is_err() {
            return Err("the search index could not be fed".into());
        }
        catalog.catch_up()?;
        done
    })
}

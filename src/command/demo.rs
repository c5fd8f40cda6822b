//! `fairground demo`: three sample agencies and a portal that has harvested them.

use std::process::ExitCode;

use fairground_catalog::account::{self, NewAccount, Role};
use fairground_catalog::harvest::{self, JobState};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{Catalog, CatalogError, dataset, publisher, table};
use fairground_demo::{Agencies, DEFAULT_PORTS};
use fairground_domain::{PublisherId, PublisherRole, Slug, Tariff, Timestamp};
use fairground_harvester::{HarvestNow, Stop, StopReason};
use fairground_tables::Tables;

use super::people::create_key;
use super::serve::{Portal, Stage};
use super::{harvester, loader, say, tables, while_following};
use crate::Failure;
use crate::cli::{DemoArgs, ServeRole};
use crate::settings::{RawSettings, Settings};

/// Everybody in the demo signs in with it; it opens nothing but the demo.
const PASSWORD: &str = "open-the-fairground";
const OPERATOR: &str = "operator@demo.example";
const STEWARD: &str = "steward@demo.example";
const PUBLISHER: &str = "publisher@demo.example";
const EDITOR: &str = "editor@demo.example";
const REVIEWER: &str = "reviewer@demo.example";
const AUDITOR: &str = "auditor@demo.example";
/// The agency that the demo's staff work for.
const THEIR_AGENCY: &str = "merrow-transit";

pub(crate) fn run(mut raw: RawSettings, args: DemoArgs, stage: Stage) -> Result<ExitCode, Failure> {
    raw.say_by_argument(&[("listen", args.listen.is_some())]);
    // Kept until the end: the folder goes with it.
    let throw_away = if raw.data_dir.is_none() { Some(tempfile::tempdir()?) } else { None };
    let kept = throw_away.is_none();
    let raw = RawSettings {
        data_dir: raw.data_dir.or_else(|| throw_away.as_ref().map(|folder| folder.path().to_owned())),
        listen: args.listen.or(raw.listen),
        harvest_allow: Some(match raw.harvest_allow {
            Some(allowed) => format!("{allowed}, 127.0.0.1"),
            None => "127.0.0.1".to_owned(),
        }),
        second_factor: raw.second_factor.or_else(|| Some("optional".to_owned())),
        ..raw
    };
    let settings: Settings = raw.try_into()?;
    let catalog = Catalog::open(&settings.place)?;
    let tables = tables(&settings)?;
    let Stage { system, mut ending } = stage;
    system.block_on(async move {
        let agencies = Agencies::start_on(if kept { DEFAULT_PORTS } else { [0; 3] }).await?;
        let visits: Vec<Visit> = agencies
            .list()
            .iter()
            .map(|agency| Visit {
                slug: agency.slug.to_owned(),
                name: agency.name.to_owned(),
                url: agency.url.clone(),
                kind: agency.kind.to_owned(),
            })
            .collect();
        let stop = Stop::new();
        let mut furnishing = {
            let (catalog, tables, settings, stop) = (catalog.clone(), tables.clone(), settings.clone(), stop.clone());
            Box::pin(actix_web::web::block(move || furnish(&catalog, tables, &settings, &visits, &stop)))
        };
        let furnished = tokio::select! {
            furnished = &mut furnishing => furnished??,
            _ = ending.comes() => {
                stop.stop(StopReason::ShuttingDown);
                // It says that it was stopped, which is what was wanted.
                let _ = furnishing.await;
                agencies.stop().await;
                return Ok(());
            }
        };
        let portal = Portal::start(catalog, tables, settings, ServeRole::All)?;
        portal.run(ending, |address| greet(address, &furnished)).await?;
        agencies.stop().await;
        Ok::<(), Failure>(())
    })?;
    drop(throw_away);
    Ok(ExitCode::SUCCESS)
}

struct Visit {
    slug: String,
    name: String,
    url: String,
    kind: String,
}

/// What the greeting tells.
struct Furnished {
    key: String,
    datasets: i64,
    agencies: Vec<String>,
    /// A table to begin with.
    table: Option<Slug>,
}

/// Harvests the agencies, makes accounts and a key.
fn furnish(
    catalog: &Catalog,
    tables: Tables,
    settings: &Settings,
    visits: &[Visit],
    stop: &Stop,
) -> Result<Furnished, Failure> {
    let harvester = harvester(catalog, settings)?;
    let loader = loader(&harvester, tables, settings)?;
    let mut agencies = Vec::new();
    while_following(catalog, || {
        for visit in visits {
            let request = HarvestNow {
                source: Some(visit.slug.parse::<Slug>()?),
                publisher: Some(visit.slug.parse::<Slug>()?),
                kind: Some(visit.kind.parse()?),
                ..HarvestNow::of(visit.url.clone())
            };
            name_publisher(catalog, visit)?;
            let since = Timestamp::now();
            let report = harvester.harvest_now(&request, stop)?;
            if report.state != JobState::Completed {
                let reason = report.error.unwrap_or_else(|| "it was paused".to_owned());
                return Err(format!("the sample agency `{}` could not be harvested: {reason}", visit.slug).into());
            }
            let source = catalog.db.read(|tx| harvest::get_source(tx, &visit.slug))?.id;
            let sums = loader.load_source(source, since, stop)?;
            agencies.push(format!(
                "{} ({}): {} datasets, {} tables from {}",
                visit.name,
                visit.kind,
                report.datasets.found,
                sums.loaded + sums.unchanged,
                visit.url
            ));
        }
        Ok(())
    })?;
    let agency = catalog.db.read(|tx| publisher::get(tx, THEIR_AGENCY))?.publisher.id;
    for (email, name, role, publisher_id) in [
        (OPERATOR, "Olive Operator", Role::Operator, None),
        (STEWARD, "Stefan Steward", Role::Steward, Some(agency)),
        (PUBLISHER, "Petra Publisher", Role::Publisher, Some(agency)),
        (EDITOR, "Edda Editor", Role::Publisher, Some(agency)),
        (REVIEWER, "Rico Reviewer", Role::Publisher, Some(agency)),
        (AUDITOR, "Aldo Auditor", Role::Auditor, None),
    ] {
        invite(catalog, email, name, role, publisher_id)?;
    }
    catalog.db.write(|tx| {
        let Some(reviewer) = account::find_by_email(tx, REVIEWER)? else { return Ok(()) };
        let known = member::rights(tx, &Actor::of(&reviewer), agency)?;
        if known.reviewer {
            return Ok(());
        }
        member::grant(tx, &Actor::command_line(), agency, reviewer.id, PublisherRole::Reviewer, None).map(drop)
    })?;
    let plan = Tariff::OPEN.parse()?;
    let registered = create_key(catalog, "Demo application", "developer@demo.example", &plan)?;
    Ok(Furnished {
        key: registered.plain_key.reveal().to_owned(),
        datasets: catalog.db.read(dataset::count_published)?,
        agencies,
        table: example_table(catalog)?,
    })
}

/// A dataset whose table most people can imagine.
const EXAMPLE: &str = "street-trees";

/// The table that the greeting shows: one of the example's dataset, else the first there is.
fn example_table(catalog: &Catalog) -> Result<Option<Slug>, Failure> {
    Ok(catalog.db.read(|tx| {
        if let Ok(dataset) = dataset::get_public(tx, EXAMPLE)
            && let Some(table) = table::list_of_dataset(tx, dataset.id)?.into_iter().next()
        {
            return Ok(Some(table.slug));
        }
        Ok(table::list_tables(tx, None, 1)?.into_iter().next().map(|card| card.table.slug))
    })?)
}

/// The agency's publisher under its full name; there from an earlier start is as good.
fn name_publisher(catalog: &Catalog, visit: &Visit) -> Result<(), Failure> {
    use fairground_domain::{Agent, LocalizedText};
    let agent = Agent { name: LocalizedText::undetermined(visit.name.clone()), ..Agent::default() };
    let slug: Slug = visit.slug.parse()?;
    match catalog.db.write(|tx| publisher::create(tx, agent, Some(slug), "demo")) {
        Ok(_) | Err(CatalogError::Taken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn invite(
    catalog: &Catalog,
    email: &str,
    name: &str,
    role: Role,
    publisher_id: Option<PublisherId>,
) -> Result<(), Failure> {
    let new = NewAccount {
        email: email.to_owned(),
        name: name.to_owned(),
        role,
        publisher_id,
        password: PASSWORD.to_owned(),
    };
    match account::create(&catalog.db, new, "demo") {
        Ok(_) | Err(CatalogError::Taken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn greet(address: &str, furnished: &Furnished) {
    say(&format!("Portal: {address}"));
    say("");
    say(&format!("{} datasets of three sample agencies:", furnished.datasets));
    furnished.agencies.iter().for_each(|agency| say(&format!("  {agency}")));
    say("");
    say(&format!("Sign in at {address}/sign-in with password {PASSWORD} as"));
    say(&format!("  operator   {OPERATOR}"));
    say(&format!("  steward    {STEWARD}"));
    say(&format!("  publisher  {PUBLISHER}"));
    say(&format!("  editor     {EDITOR}"));
    say(&format!("  reviewer   {REVIEWER}"));
    say(&format!("  auditor    {AUDITOR}"));
    say("");
    say(&format!("Demo key: {}", furnished.key));
    say(&format!("  curl -H 'X-Api-Key: {}' '{address}/api/v1/datasets?q=air+quality'", furnished.key));
    if let Some(table) = &furnished.table {
        say("Every table is an API, without a key too:");
        say(&format!("  curl '{address}/api/v1/tables/{table}/rows?limit=5'"));
    }
    say("");
    say("Stop with Ctrl-C.");
}

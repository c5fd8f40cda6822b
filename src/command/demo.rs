//! `fairground demo`: three sample agencies and a portal that has harvested them.

use std::process::ExitCode;

use fairground_catalog::account::{self, NewAccount, Role};
use fairground_catalog::harvest::JobState;
use fairground_catalog::{Catalog, CatalogError, publisher};
use fairground_demo::{Agencies, DEFAULT_PORTS};
use fairground_domain::{PublisherId, Slug, Tariff};
use fairground_harvester::{HarvestNow, Stop};

use super::people::create_key;
use super::serve::Portal;
use super::{harvester, say, while_following};
use crate::Failure;
use crate::cli::{DemoArgs, ServeRole};
use crate::settings::{RawSettings, Settings};

/// Everybody in the demo signs in with it; it opens nothing but the demo.
const PASSWORD: &str = "open-the-fairground";
const OPERATOR: &str = "operator@demo.example";
const STEWARD: &str = "steward@demo.example";
const PUBLISHER: &str = "publisher@demo.example";
/// The agency that the demo's steward and publisher work for.
const THEIR_AGENCY: &str = "merrow-transit";

pub(crate) fn run(raw: RawSettings, args: DemoArgs) -> Result<ExitCode, Failure> {
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
        ..raw
    };
    let settings: Settings = raw.try_into()?;
    let catalog = Catalog::open(&settings.place)?;
    actix_web::rt::System::new().block_on(async move {
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
        let furnished = {
            let (catalog, settings) = (catalog.clone(), settings.clone());
            actix_web::web::block(move || furnish(&catalog, &settings, &visits)).await??
        };
        let portal = Portal::start(catalog, settings, ServeRole::All)?;
        portal.run(|address| greet(address, &furnished)).await?;
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
}

/// Harvests the agencies, makes accounts and a key.
fn furnish(catalog: &Catalog, settings: &Settings, visits: &[Visit]) -> Result<Furnished, Failure> {
    let harvester = harvester(catalog, settings)?;
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
            let report = harvester.harvest_now(&request, &Stop::new())?;
            if report.state != JobState::Completed {
                let reason = report.error.unwrap_or_else(|| "it was paused".to_owned());
                return Err(format!("the sample agency `{}` could not be harvested: {reason}", visit.slug).into());
            }
            agencies.push(format!(
                "{} ({}): {} datasets from {}",
                visit.name, visit.kind, report.datasets.found, visit.url
            ));
        }
        Ok(())
    })?;
    let agency = catalog.db.read(|tx| publisher::get(tx, THEIR_AGENCY))?.publisher.id;
    for (email, name, role, publisher_id) in [
        (OPERATOR, "Olive Operator", Role::Operator, None),
        (STEWARD, "Stefan Steward", Role::Steward, Some(agency)),
        (PUBLISHER, "Petra Publisher", Role::Publisher, Some(agency)),
    ] {
        invite(catalog, email, name, role, publisher_id)?;
    }
    let plan = Tariff::OPEN.parse()?;
    let registered = create_key(catalog, "Demo application", "developer@demo.example", &plan)?;
    Ok(Furnished {
        key: registered.plain_key.reveal().to_owned(),
        datasets: catalog.db.read(fairground_catalog::dataset::count_published)?,
        agencies,
    })
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
    say("");
    say(&format!("Demo key: {}", furnished.key));
    say(&format!("  curl -H 'X-Api-Key: {}' '{address}/api/v1/datasets?q=air+quality'", furnished.key));
    say("");
    say("Stop with Ctrl-C.");
}

//! `key`, `account`, `publisher`: administration without a browser.

use std::io::BufRead;
use std::process::ExitCode;

use fairground_catalog::account::{self, NewAccount, Role};
use fairground_catalog::domain::{Agent, LocalizedText, PlanId};
use fairground_catalog::{Catalog, application, publisher, tariff};
use serde_json::json;

use super::{Usage, say, say_json, slug};
use crate::Failure;
use crate::cli::{AccountCommand, KeyCommand, PublisherCommand};
use crate::settings::Settings;

/// Who asked, as the journal says it.
const ACTOR: &str = "command-line";
/// Why an application has a plan that its rule does not give, where nobody says more.
const GIVEN_BY_HAND: &str = "Assigned by the operator on the command line";

pub(crate) fn key(settings: &Settings, command: KeyCommand) -> Result<ExitCode, Failure> {
    let KeyCommand::Create { app, email, plan, json } = command;
    let plan: PlanId = plan.parse().map_err(Usage::of)?;
    let catalog = Catalog::open(&settings.place)?;
    let registered = create_key(&catalog, &app, &email, &plan)?;
    if json {
        say_json(&json!({
            "application": registered.application.id,
            "plan": plan,
            "key": registered.plain_key.reveal(),
        }))?;
    } else {
        eprintln!("Application `{app}` on plan `{plan}`. Keep the key: it is not shown again.");
        say(registered.plain_key.reveal());
    }
    Ok(ExitCode::SUCCESS)
}

/// Registers an application and puts it on a plan, in one transaction. The operator vouches for the address.
pub(crate) fn create_key(
    catalog: &Catalog,
    app: &str,
    email: &str,
    plan: &PlanId,
) -> Result<application::Registered, Failure> {
    Ok(catalog.db.write(|tx| {
        let terms = tariff::get_current(tx)?.terms_version;
        let registered = application::register(tx, &catalog.secret, app, email, &terms)?;
        if registered.application.plan != *plan {
            let confirmed = application::confirm_address(tx, &catalog.secret, &registered.verification_token)?;
            // A plan whose rule does not hold stands in the public register, by number and with this reason.
            tariff::assign(tx, &confirmed, plan, GIVEN_BY_HAND, ACTOR)?;
        }
        Ok(registered)
    })?)
}

pub(crate) fn account(settings: &Settings, command: AccountCommand) -> Result<ExitCode, Failure> {
    let AccountCommand::Create { email, role, name, publisher, password_file } = command;
    let role = Role::parse(&role).ok_or_else(|| {
        Usage::of(format!("`{role}` is not a role: operator, steward, publisher, developer or auditor"))
    })?;
    let publisher = slug(publisher.as_deref())?;
    let mut password = String::new();
    match password_file {
        Some(file) => {
            std::io::BufReader::new(std::fs::File::open(file)?).read_line(&mut password)?;
        }
        None => {
            eprintln!("Password (one line):");
            std::io::stdin().lock().read_line(&mut password)?;
        }
    }
    let catalog = Catalog::open(&settings.place)?;
    let publisher_id = publisher
        .map(|slug| catalog.db.read(|tx| publisher::get(tx, slug.as_str())))
        .transpose()?
        .map(|listing| listing.publisher.id);
    settings.api.password_rules.check(password.trim_end_matches(['\r', '\n']), &email)?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let made = account::create(&catalog.db, NewAccount { email, name, role, publisher_id, password }, ACTOR)?;
    say(&format!("Account {} ({}).", made.email, made.role.as_str()));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn publisher(settings: &Settings, command: PublisherCommand) -> Result<ExitCode, Failure> {
    let PublisherCommand::Add { name, slug: wanted } = command;
    let wanted = slug(wanted.as_deref())?;
    let catalog = Catalog::open(&settings.place)?;
    let agent = Agent { name: LocalizedText::undetermined(name), ..Agent::default() };
    let added = catalog.db.write(|tx| publisher::create(tx, agent, wanted, ACTOR))?;
    say(&format!("Publisher `{}`: {}", added.slug, added.name));
    Ok(ExitCode::SUCCESS)
}

//! Fairground: an open-data portal and API marketplace in one program. Command line and wiring only.

mod cli;
mod command;
mod settings;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::command::serve::Stage;
use crate::settings::RawSettings;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever ends a command early; its message is for the person at the terminal.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let serves = matches!(cli.command, Command::Serve(_) | Command::Demo(_));
    // Before anything takes time: whoever starts it may end it at once.
    let stage = serves.then(Stage::open).transpose();
    start_logging(!serves);
    match stage.map_err(Failure::from).and_then(|stage| run(cli, stage)) {
        Ok(code) => code,
        Err(failure) => {
            tell(&*failure);
            ExitCode::from(if failure.is::<command::Usage>() || failure.is::<settings::SettingsError>() {
                2
            } else {
                1
            })
        }
    }
}

fn run(cli: Cli, stage: Option<Stage>) -> Result<ExitCode, Failure> {
    let mut raw = RawSettings::read(cli.common.config.as_deref())?;
    raw.say_by_argument(&[
        ("data_dir", cli.common.data_dir.is_some()),
        ("database_url", cli.common.database_url.is_some()),
    ]);
    raw.data_dir = cli.common.data_dir.or(raw.data_dir);
    raw.database_url = cli.common.database_url.or(raw.database_url);
    let stage = || stage.map_or_else(Stage::open, Ok);
    match cli.command {
        Command::Demo(args) => command::demo::run(raw, args, stage()?),
        Command::Serve(args) => command::serve::run(raw, args, stage()?),
        Command::Harvest(args) => command::harvest::run(raw.try_into()?, args),
        Command::Search(args) => command::search::run(&raw.try_into()?, &args),
        Command::Check(args) => command::upkeep::check(&raw.try_into()?, &args),
        Command::Reindex(args) => command::upkeep::reindex(&raw.try_into()?, &args),
        Command::Migrate(args) => command::upkeep::migrate(&raw.try_into()?, &args),
        Command::Key(command) => command::people::key(&raw.try_into()?, command),
        Command::Tariff(command) => command::tariff::run(&raw.try_into()?, command),
        Command::Account(command) => command::people::account(&raw.try_into()?, command),
        Command::Publisher(command) => command::people::publisher(&raw.try_into()?, command),
        Command::Service(command) => command::service::run(raw.try_into()?, command),
        Command::Source(command) => command::source::run(raw.try_into()?, command),
        Command::Table(command) => command::table::run(&raw.try_into()?, command),
        Command::Publish(args) => command::publish::run(&raw.try_into()?, &args),
        Command::Screen { file, previous, json } => command::screen::run(&file, previous.as_deref(), json),
        Command::Backup { dir } => command::backup::backup(&raw.try_into()?, &dir),
        Command::Restore { dir } => command::backup::restore(&raw.try_into()?, &dir),
        Command::Openapi => {
            command::say(&fairground_api::openapi());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Logs go to standard error: as JSON when it is not a terminal and the program serves, else as text.
fn start_logging(quiet: bool) {
    use std::io::IsTerminal;
    // The search engine warns of merges that another commit has overtaken, which harms nothing.
    let default = if quiet { "warn,tantivy=error" } else { "info,tantivy=error,actix_server=warn" };
    let filter = EnvFilter::try_from_env("FAIRGROUND_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() || quiet {
        builder.with_target(false).init();
    } else {
        builder.json().init();
    }
}

/// The whole chain, once; a message does not repeat its source, so together they read as one sentence.
fn tell(failure: &(dyn std::error::Error + Send + Sync)) {
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    eprintln!("fairground: {text}");
}

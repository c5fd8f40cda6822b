//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fairground_catalog::gate::ReleaseReason;

/// An open-data portal and API marketplace in one program.
#[derive(Debug, Parser)]
#[command(name = "fairground", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The settings file (default: fairground.toml in the working folder, if there is one)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder for everything local [default: fairground-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [default: a SQLite file in the data folder]
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start three sample agencies and a portal that has harvested them
    Demo(DemoArgs),
    /// Run the portal: API, pages and workers
    Serve(ServeArgs),
    /// Harvest one catalogue: a web address or a file
    Harvest(HarvestArgs),
    /// Search the catalogue
    Search(SearchArgs),
    /// Prove that journal, catalogue, search index and tables agree
    Check(JsonArg),
    /// Build the search index anew beside the old one, and swap them
    Reindex(JsonArg),
    /// Run the database migrations that are missing
    Migrate(JsonArg),
    /// API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// The public tariff
    #[command(subcommand)]
    Tariff(TariffCommand),
    /// Accounts of those who sign in
    #[command(subcommand)]
    Account(AccountCommand),
    /// Publishers
    #[command(subcommand)]
    Publisher(PublisherCommand),
    /// Harvest sources
    #[command(subcommand)]
    Source(SourceCommand),
    /// Agencies' APIs behind the gateway
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Tables
    #[command(subcommand)]
    Table(TableCommand),
    /// Publish a folder with a data package: a dataset, or a new version of it; exits with 3 when the gate holds it
    Publish(PublishArgs),
    /// Screen one file for personal data; exits with 3 when it would be held
    Screen {
        /// The file: a table of any format, a zip of these, or text
        file: PathBuf,
        /// The version before, to tell which combinations became unique since
        #[arg(long, value_name = "FILE")]
        previous: Option<PathBuf>,
        /// Nothing but the JSON report on standard output
        #[arg(long)]
        json: bool,
    },
    /// Copy store, secret, tables and usage segments into a new folder
    Backup {
        /// The folder to make
        dir: PathBuf,
    },
    /// Bring a backup into an empty data folder
    Restore {
        /// The backup's folder
        dir: PathBuf,
    },
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Debug, Args)]
pub(crate) struct JsonArg {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long)]
    pub(crate) listen: Option<String>,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServeRole {
    /// API, pages and workers
    All,
    /// API and pages
    Web,
    /// Workers
    Worker,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long)]
    pub(crate) listen: Option<String>,
    /// What this process does
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) role: ServeRole,
}

#[derive(Debug, Args)]
pub(crate) struct HarvestArgs {
    /// A web address, the path of a file or folder, `s3://bucket/prefix`, `sqlite:FILE` or `postgres://USER@HOST/DATABASE`
    pub(crate) location: String,
    /// The source that this continues [default: derived from the address]
    #[arg(long, value_name = "SLUG")]
    pub(crate) source: Option<String>,
    /// dcat-us, dcat, ckan, csw, iso, waf, oai-pmh, socrata, arcgis, opendatasoft, stac, schema-org, croissant, frictionless, list
    /// (a table that lists datasets), files (data without a catalogue), sqlite or postgres [default: detected]
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// The publisher that answers for all of it
    #[arg(long, value_name = "SLUG")]
    pub(crate) publisher: Option<String>,
    /// Let a harvest go on that the brake holds
    #[arg(long)]
    pub(crate) approve: bool,
    /// Keep nothing; say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not load tables
    #[arg(long)]
    pub(crate) no_tables: bool,
    /// Nothing but the JSON line on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Words and "phrases"; put -- before words that begin with a hyphen
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    /// How many datasets to show
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: usize,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Register an application and print its key, once
    Create {
        /// The application's name
        #[arg(long)]
        app: String,
        /// Where its owner is reached
        #[arg(long)]
        email: String,
        /// Its plan
        #[arg(long, default_value = "open")]
        plan: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TariffCommand {
    /// Print a version as JSON: a document that `publish` takes
    #[command(disable_version_flag = true)]
    Show {
        /// Its number [default: the one in force]
        #[arg(long, value_name = "N")]
        version: Option<u32>,
    },
    /// Compare: a file with what is in force before it, or two versions with each other
    Diff {
        /// The tariff as JSON
        #[arg(conflicts_with_all = ["from", "to"])]
        file: Option<PathBuf>,
        /// The version that was [default: the one before]
        #[arg(long, value_name = "N")]
        from: Option<u32>,
        /// The version that came [default: the latest]
        #[arg(long, value_name = "N")]
        to: Option<u32>,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Announce a version; refused while its notice is too short
    Publish {
        /// The tariff as JSON
        file: PathBuf,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account; the password is read from standard input unless given
    Create {
        /// The e-mail address to sign in with
        #[arg(long)]
        email: String,
        /// operator, auditor, steward or publisher
        #[arg(long)]
        role: String,
        /// The person's name
        #[arg(long, default_value = "")]
        name: String,
        /// The publisher that the account acts for (not for operators)
        #[arg(long, value_name = "SLUG")]
        publisher: Option<String>,
        /// A file with the password in its first line [default: standard input]
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PublisherCommand {
    /// Add a publisher
    Add {
        /// Its name
        name: String,
        /// Its readable address [default: from the name]
        #[arg(long)]
        slug: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Register one
    Add(Box<ServiceArgs>),
    /// List them
    List(JsonArg),
    /// Agree that one be fronted
    Approve {
        /// The service's slug
        slug: String,
        /// And open it at once
        #[arg(long)]
        open: bool,
    },
    /// Front an approved or suspended one
    Open {
        /// The service's slug
        slug: String,
    },
    /// Stop fronting one for a while
    Suspend {
        /// The service's slug
        slug: String,
        /// Why, for everybody to read
        #[arg(long)]
        reason: String,
    },
    /// Stop fronting one for ever
    Retire {
        /// The service's slug
        slug: String,
        /// Why, for everybody to read
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ServiceArgs {
    /// The agency's address, such as `https://api.agency.example/v1`
    pub(crate) upstream: String,
    /// Its name
    #[arg(long)]
    pub(crate) title: String,
    /// The publisher that answers for it
    #[arg(long, value_name = "SLUG")]
    pub(crate) publisher: String,
    /// Its place below /gateway/ [default: from the title]
    #[arg(long)]
    pub(crate) slug: Option<String>,
    /// What it offers, in Markdown
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// The terms of use: an address, or words
    #[arg(long)]
    pub(crate) terms: Option<String>,
    /// Its OpenAPI document (2 or 3, JSON or YAML)
    #[arg(long, value_name = "FILE")]
    pub(crate) openapi: Option<PathBuf>,
    /// The methods that pass [default: GET]
    #[arg(long, value_name = "METHOD,…", value_delimiter = ',')]
    pub(crate) methods: Vec<String>,
    /// A path to look at every minute, where a healthy service answers 200
    #[arg(long, value_name = "PATH")]
    pub(crate) health: Option<String>,
    /// A file with the credentials as JSON: {"kind": "header", "name": …, "value": …}
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Add a harvest source
    Add {
        /// The catalogue's address, or the path of a file or folder
        url: String,
        /// Its readable name [default: derived from the address]
        #[arg(long)]
        slug: Option<String>,
        /// dcat-us, dcat or ckan [default: detected]
        #[arg(long)]
        kind: Option<String>,
        /// The publisher that answers for all of it
        #[arg(long, value_name = "SLUG")]
        publisher: Option<String>,
        /// Seconds between scheduled harvests [default: only when asked]
        #[arg(long, value_name = "SECONDS", conflicts_with = "schedule")]
        every: Option<i64>,
        /// When to harvest: hourly, daily, weekly, monthly or five fields of cron, and a time zone ("17 3 * * 1-5 Europe/Rome")
        #[arg(long, value_name = "CRON")]
        schedule: Option<String>,
        /// Days that a dataset stays public which the source no longer lists [default: 0]
        #[arg(long, value_name = "DAYS")]
        grace: Option<u32>,
    },
    /// Change when a source is harvested and what becomes of datasets that it no longer lists
    Change {
        /// Its readable name
        slug: String,
        /// As of `source add`; `never` to harvest it only when asked
        #[arg(long, value_name = "CRON")]
        schedule: Option<String>,
        /// As of `source add`
        #[arg(long, value_name = "DAYS")]
        grace: Option<u32>,
    },
    /// Let a source be harvested that staff of an agency proposed
    Approve {
        /// Its readable name
        slug: String,
    },
    /// List sources
    List(JsonArg),
    /// Harvest a source now
    Run {
        /// Its readable name
        slug: String,
        /// Let a harvest go on that the brake holds
        #[arg(long)]
        approve: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// The folder with `datapackage.json` and the files that it lists
    pub(crate) dir: PathBuf,
    /// The publisher that answers for it [default: the dataset's own, else `local`]
    #[arg(long, value_name = "SLUG")]
    pub(crate) publisher: Option<String>,
    /// The dataset's address [default: the package's name]
    #[arg(long, value_name = "SLUG")]
    pub(crate) dataset: Option<String>,
    /// When it becomes public: a local time, and a zone unless --zone names it ("2027-03-28T09:00 Europe/Rome") [default: at once]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The time zone of --at
    #[arg(long, value_name = "ZONE", requires = "at")]
    pub(crate) zone: Option<String>,
    /// Leave it to the publisher's reviewers [default with --token-file]
    #[arg(long, conflicts_with = "release")]
    pub(crate) review: bool,
    /// Approve and release it, where that is permitted [default without --token-file]; exits with 4 where it is not, and says
    /// what is missing
    #[arg(long)]
    pub(crate) release: bool,
    /// Act as the person whose publishing token stands in this file, with their rights for its publisher, not as who sits at the
    /// machine
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Nothing but the JSON line on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TableCommand {
    /// Load one file as tables; the same name again is a new version
    Load {
        /// The file: CSV, TSV, XLSX, XLS, ODS, JSON, NDJSON, GeoJSON, Parquet, a shapefile or a zip of these
        file: PathBuf,
        /// The dataset that it belongs to, made when there is none [default: one of its own, by the file's name]
        #[arg(long, value_name = "SLUG")]
        dataset: Option<String>,
        /// Let it pass though the personal-data gate would hold it; needs --because
        #[arg(long, value_name = "REASON", requires = "because", value_parser = release_reason)]
        release: Option<ReleaseReason>,
        /// Why it may be public, in a sentence; it is recorded and shown with the dataset
        #[arg(long, value_name = "TEXT", requires = "release")]
        because: Option<String>,
        /// Nothing but one JSON object for each table on standard output
        #[arg(long)]
        json: bool,
    },
}

fn release_reason(text: &str) -> Result<ReleaseReason, String> {
    ReleaseReason::parse(text).ok_or_else(|| {
        let known: Vec<&str> = ReleaseReason::ALL.into_iter().map(ReleaseReason::as_str).collect();
        format!("reasons are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}

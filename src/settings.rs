//! Settings: flags over environment over `fairground.toml` over defaults. An unknown key is refused wherever it stands, so a
//! mistyped limit never silently does nothing.

mod overview;

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fairground_api::federation::{RawProvider, read_providers};
use fairground_api::hot_path::MeterFailure;
use fairground_api::mail::SmtpSettings;
use fairground_api::{ApiSettings, InvalidAddress, RedisAddress};
use fairground_catalog::account::{PasswordRules, SessionRules};
use fairground_catalog::gate::GateMode;
use fairground_catalog::{CatalogError, DatabaseUrl, Place};
use fairground_harvester::fetch::AllowList;
use fairground_harvester::load::LoadTuning;
use fairground_tables::TablesSettings;
use fairground_web::brand::{Brand, BrandSettings};
use fairground_web::workspace::{Setting, SettingOrigin};
use ipnet::IpNet;
use serde::Deserialize;

/// The file that is read when it lies in the working folder and no other is named.
const DEFAULT_FILE: &str = "fairground.toml";
/// Where the program listens when nobody says where.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
/// What every variable of ours begins with.
const ENV_PREFIX: &str = "FAIRGROUND_";
/// Variables with our prefix that are not settings: the file's own name, and what only tests read.
const NOT_SETTINGS: [&str; 2] = ["FAIRGROUND_CONFIG", "FAIRGROUND_LOG"];
/// Settings that are numbers.
const NUMBERS: [&str; 9] = [
    "request_timeout_secs",
    "web_threads",
    "harvest_workers",
    "load_workers",
    "table_versions",
    "table_refresh_hours",
    "table_cache_mb",
    "session_idle_minutes",
    "session_hours",
];
const TEST_PREFIX: &str = "FAIRGROUND_TEST_";

/// What was typed. Every field may stand in the file under its name, and in the environment as `FAIRGROUND_<NAME>`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSettings {
    /// The folder for everything local. Default `fairground-data`.
    pub(crate) data_dir: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`. Default: a SQLite file in the data folder.
    pub(crate) database_url: Option<String>,
    /// The file with the portal's secret; made when absent. Default: `secret` in the data folder.
    pub(crate) secret_file: Option<PathBuf>,
    /// Where to listen. Default `127.0.0.1:8080`.
    pub(crate) listen: Option<String>,
    /// Where the portal is seen from outside. Default: `http://` and the listening address.
    pub(crate) public_url: Option<String>,
    /// Hosts and networks that harvests may reach although they are private, separated by commas.
    pub(crate) harvest_allow: Option<String>,
    /// `hold` (default): what the personal-data screen finds waits for a reviewer. `report`: it is told and nothing is held. A
    /// change is written into the public journal.
    pub(crate) personal_data_gate: Option<String>,
    /// Networks of proxies whose `X-Forwarded-For` is believed, separated by commas.
    pub(crate) trusted_proxies: Option<String>,
    /// Seconds that an answer may take. Default 30.
    pub(crate) request_timeout_secs: Option<u64>,
    /// Threads that serve. Default: one per processor.
    pub(crate) web_threads: Option<usize>,
    /// Harvests at one time. Default 2.
    pub(crate) harvest_workers: Option<usize>,
    /// `serve` (default) or `refuse`: what to do with calls while usage cannot be written.
    pub(crate) meter_failure: Option<String>,
    /// Where to report a vulnerability: a `mailto:` or `https:` address.
    pub(crate) security_contact: Option<String>,
    /// Where tables are kept: a folder, `file:///folder` or `s3://bucket/prefix` (credentials, region and endpoint as usual from
    /// `AWS_…` variables). Default: `objects` in the data folder.
    pub(crate) object_store: Option<String>,
    /// `on` (default) or `off`: whether links of public datasets are asked, now and then, whether they still answer.
    pub(crate) link_checks: Option<String>,
    /// Files loaded at one time, of all hosts together. Default 8.
    pub(crate) load_workers: Option<usize>,
    /// Versions of a table that are kept, the current one included. Default 5.
    pub(crate) table_versions: Option<u32>,
    /// Hours after which a table's file is asked for again though nothing says that it changed; 0 for never. Default 24.
    pub(crate) table_refresh_hours: Option<u32>,
    /// Memory for answers from tables that are given again to the same question, in MiB; 0 for none. Default 32.
    pub(crate) table_cache_mb: Option<u32>,
    /// Where quotas are counted: `redis://[user:password@]host[:port][/database]`. Default: in the database.
    pub(crate) limits_url: Option<String>,
    /// Where mail is handed over: `smtp://user@host:port?tls=required|opportunistic|none` or `smtps://user@host:port`. Without
    /// it, letters are laid down in `outbox` in the data folder.
    pub(crate) mail_url: Option<String>,
    /// The password for it. `mail_password_file` is better: lists of processes show the environment.
    pub(crate) mail_password: Option<Hidden>,
    /// A file with the password in its first line.
    pub(crate) mail_password_file: Option<PathBuf>,
    /// Who letters are from: `Open data <data@example.org>`.
    pub(crate) mail_from: Option<String>,
    /// `required` (default): operators and stewards need a second factor, and set it up at their next sign-in; or `optional`.
    pub(crate) second_factor: Option<String>,
    /// Minutes without use after which a session ends. Default 120.
    pub(crate) session_idle_minutes: Option<u32>,
    /// Hours after which a session ends. Default 12.
    pub(crate) session_hours: Option<u32>,
    /// A file of passwords that must not be used: passwords or SHA-1 digests, one a line, sorted by bytes.
    pub(crate) breached_passwords_file: Option<PathBuf>,
    /// Identity providers that people may sign in through: tables in the file.
    pub(crate) identity_providers: Option<Vec<RawProvider>>,
    /// The portal's look: a table in the file.
    pub(crate) brand: Option<BrandSettings>,
    /// Where each setting was said; what is not named was said nowhere.
    #[serde(skip)]
    pub(crate) origins: BTreeMap<String, SettingOrigin>,
}

/// A text that is never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// What the settings mean.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) place: Place,
    pub(crate) listen: SocketAddr,
    pub(crate) web_threads: Option<usize>,
    pub(crate) harvest_workers: usize,
    pub(crate) harvest_allow: AllowList,
    /// What comes of what the personal-data screen would hold.
    pub(crate) gate: GateMode,
    pub(crate) tables: TablesSettings,
    pub(crate) load_workers: usize,
    /// Whether links of public datasets are asked.
    pub(crate) check_links: bool,
    pub(crate) table_versions: u32,
    pub(crate) table_refresh_secs: Option<i64>,
    pub(crate) meter_failure: MeterFailure,
    pub(crate) api: ApiSettings,
    pub(crate) brand: Brand,
    /// The mail server; `None`: letters are laid down in a folder.
    pub(crate) mail: Option<SmtpSettings>,
    /// Whether `public_url` was said, or follows from the listening address.
    pub(crate) public_url_given: bool,
    /// Every setting in force, as operators may see it.
    pub(crate) told: Vec<Setting>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("cannot read `{}`: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("`{}`: {error}", path.display())]
    File { path: PathBuf, error: Box<toml::de::Error> },
    #[error("`{0}` is not a setting of this program")]
    UnknownVariable(String),
    #[error("setting `{name}`: {problem}")]
    Value { name: &'static str, problem: String },
}

impl RawSettings {
    /// Reads the file (named by `--config`, or `FAIRGROUND_CONFIG`, or lying in the working folder) and the environment
    /// over it.
    pub(crate) fn read(config: Option<&Path>) -> Result<Self, SettingsError> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let named = config.map(Path::to_path_buf).or_else(|| environment.get("FAIRGROUND_CONFIG").map(PathBuf::from));
        let file = match named {
            Some(path) => Self::from_file(&path)?,
            None if Path::new(DEFAULT_FILE).is_file() => Self::from_file(Path::new(DEFAULT_FILE))?,
            None => Self::default(),
        };
        Ok(Self::from_environment(&environment)?.over(file))
    }

    fn from_file(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| SettingsError::Unreadable { path: path.to_owned(), error })?;
        let wrong = |error| SettingsError::File { path: path.to_owned(), error: Box::new(error) };
        let mut read: Self = toml::from_str(&text).map_err(wrong)?;
        let table: toml::Table = toml::from_str(&text).map_err(wrong)?;
        read.origins = table.into_iter().map(|(name, _)| (name, SettingOrigin::File)).collect();
        Ok(read)
    }

    /// Notes which settings are said on the command line.
    pub(crate) fn say_by_argument(&mut self, said: &[(&str, bool)]) {
        let names = said.iter().filter(|(_, is_said)| *is_said);
        self.origins.extend(names.map(|(name, _)| ((*name).to_owned(), SettingOrigin::Argument)));
    }

    fn from_environment(environment: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut table = toml::Table::new();
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(ENV_PREFIX) else { continue };
            if NOT_SETTINGS.contains(&name.as_str()) || name.starts_with(TEST_PREFIX) || value.is_empty() {
                continue;
            }
            let key = key.to_ascii_lowercase();
            let number = NUMBERS.contains(&key.as_str());
            let value = match value.parse::<i64>() {
                Ok(number_value) if number => toml::Value::Integer(number_value),
                _ => toml::Value::String(value.clone()),
            };
            table.insert(key, value);
        }
        let known = table.clone();
        let read: Result<Self, SettingsError> = table.try_into().map_err(|error: toml::de::Error| {
            let unknown = known.keys().find(|key| error.message().starts_with(&format!("unknown field `{key}`")));
            match unknown {
                Some(key) => SettingsError::UnknownVariable(format!("{ENV_PREFIX}{}", key.to_ascii_uppercase())),
                None => SettingsError::File { path: PathBuf::from("the environment"), error: Box::new(error) },
            }
        });
        let origins = known.into_iter().map(|(name, _)| (name, SettingOrigin::Environment)).collect();
        read.map(|read| Self { origins, ..read })
    }

    /// These settings where they say something, `other` elsewhere.
    pub(crate) fn over(self, other: Self) -> Self {
        let mut origins = other.origins;
        origins.extend(self.origins);
        Self {
            origins,
            data_dir: self.data_dir.or(other.data_dir),
            database_url: self.database_url.or(other.database_url),
            secret_file: self.secret_file.or(other.secret_file),
            listen: self.listen.or(other.listen),
            public_url: self.public_url.or(other.public_url),
            harvest_allow: self.harvest_allow.or(other.harvest_allow),
            personal_data_gate: self.personal_data_gate.or(other.personal_data_gate),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            request_timeout_secs: self.request_timeout_secs.or(other.request_timeout_secs),
            web_threads: self.web_threads.or(other.web_threads),
            harvest_workers: self.harvest_workers.or(other.harvest_workers),
            meter_failure: self.meter_failure.or(other.meter_failure),
            security_contact: self.security_contact.or(other.security_contact),
            object_store: self.object_store.or(other.object_store),
            link_checks: self.link_checks.or(other.link_checks),
            load_workers: self.load_workers.or(other.load_workers),
            table_versions: self.table_versions.or(other.table_versions),
            table_refresh_hours: self.table_refresh_hours.or(other.table_refresh_hours),
            table_cache_mb: self.table_cache_mb.or(other.table_cache_mb),
            limits_url: self.limits_url.or(other.limits_url),
            mail_url: self.mail_url.or(other.mail_url),
            mail_password: self.mail_password.or(other.mail_password),
            mail_password_file: self.mail_password_file.or(other.mail_password_file),
            mail_from: self.mail_from.or(other.mail_from),
            second_factor: self.second_factor.or(other.second_factor),
            session_idle_minutes: self.session_idle_minutes.or(other.session_idle_minutes),
            session_hours: self.session_hours.or(other.session_hours),
            breached_passwords_file: self.breached_passwords_file.or(other.breached_passwords_file),
            identity_providers: self.identity_providers.or(other.identity_providers),
            brand: self.brand.or(other.brand),
        }
    }
}

impl TryFrom<RawSettings> for Settings {
    type Error = SettingsError;

    fn try_from(raw: RawSettings) -> Result<Self, SettingsError> {
        let value = |name: &'static str| move |problem: String| SettingsError::Value { name, problem };
        let told = overview::of(&raw);
        let data_dir = raw.data_dir.unwrap_or_else(|| PathBuf::from("fairground-data"));
        let mut place = Place::in_folder(&data_dir);
        let mut tables = TablesSettings::new(&data_dir);
        tables.object_store = raw.object_store.map(|text| object_store(&text)).transpose()?;
        if let Some(mebibytes) = raw.table_cache_mb {
            tables.answer_bytes = u64::from(mebibytes) * 1024 * 1024;
        }
        if let Some(url) = raw.database_url {
            place.database_url =
                url.parse::<DatabaseUrl>().map_err(|error: CatalogError| value("database_url")(error.to_string()))?;
        }
        if let Some(file) = raw.secret_file {
            place.secret_file = file;
        }
        let listen_text = raw.listen.unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let listen = listen_text
            .to_socket_addrs()
            .ok()
            .and_then(|mut addresses| addresses.next())
            .ok_or_else(|| value("listen")(format!("`{listen_text}` is not an address such as 127.0.0.1:8080")))?;
        let brand =
            Brand::try_from(raw.brand.unwrap_or_default()).map_err(|error| value("brand")(error.to_string()))?;
        let public_url_given = raw.public_url.is_some();
        let public_url = raw.public_url.unwrap_or_else(|| format!("http://{listen}"));
        if !(public_url.starts_with("http://") || public_url.starts_with("https://")) {
            return Err(value("public_url")("must begin with http:// or https://".to_owned()));
        }
        let harvest_allow: AllowList = raw.harvest_allow.as_deref().unwrap_or_default().parse().map_err(
            |error: fairground_harvester::fetch::InvalidAllowEntry| value("harvest_allow")(error.to_string()),
        )?;
        let (defaults, defaults_of_loads) = (ApiSettings::default(), LoadTuning::default());
        let api = ApiSettings {
            public_url: public_url.trim_end_matches('/').to_owned(),
            title: brand.name.clone(),
            language: brand.language().tongue(),
            trusted_proxies: networks(raw.trusted_proxies.as_deref().unwrap_or_default())
                .map_err(value("trusted_proxies"))?,
            request_timeout: raw.request_timeout_secs.map_or(defaults.request_timeout, Duration::from_secs),
            security_contact: raw.security_contact.unwrap_or(defaults.security_contact),
            contact_email: brand.contact_email.clone(),
            limits: raw.limits_url.map(|url| limits(&url)).transpose()?,
            table_versions: raw.table_versions.unwrap_or(defaults_of_loads.versions_kept).max(1),
            sessions: session_rules(raw.session_idle_minutes, raw.session_hours),
            second_factor_required: match raw.second_factor.as_deref() {
                None | Some("required") => true,
                Some("optional") => false,
                Some(other) => {
                    return Err(value("second_factor")(format!("`{other}` is neither `required` nor `optional`")));
                }
            },
            password_rules: match &raw.breached_passwords_file {
                Some(file) => PasswordRules::with_file(file)
                    .map_err(|error| value("breached_passwords_file")(error.to_string()))?,
                None => PasswordRules::default(),
            },
            identity_providers: read_providers(raw.identity_providers.unwrap_or_default())
                .map_err(|error| value("identity_providers")(error.to_string()))?,
            reach: harvest_allow.clone(),
            harvests_itself: public_url_given,
        };
        let mail = mail_server(raw.mail_url, raw.mail_password, raw.mail_password_file.as_deref(), raw.mail_from)?;
        Ok(Self {
            mail,
            place,
            listen,
            web_threads: raw.web_threads,
            harvest_workers: harvest_workers(raw.harvest_workers),
            harvest_allow,
            gate: match raw.personal_data_gate.as_deref() {
                None => GateMode::Hold,
                Some(text) => GateMode::parse(text)
                    .ok_or_else(|| value("personal_data_gate")(format!("`{text}` is neither `hold` nor `report`")))?,
            },
            tables,
            load_workers: raw.load_workers.unwrap_or(defaults_of_loads.parallel).clamp(1, 64),
            table_versions: api.table_versions,
            table_refresh_secs: match raw.table_refresh_hours {
                None => defaults_of_loads.refresh_secs,
                Some(0) => None,
                Some(hours) => Some(i64::from(hours) * 3600),
            },
            check_links: match raw.link_checks.as_deref() {
                None | Some("on") => true,
                Some("off") => false,
                Some(other) => return Err(value("link_checks")(format!("`{other}` is neither `on` nor `off`"))),
            },
            meter_failure: match raw.meter_failure.as_deref() {
                None | Some("serve") => MeterFailure::Serve,
                Some("refuse") => MeterFailure::Refuse,
                Some(other) => {
                    return Err(value("meter_failure")(format!("`{other}` is neither `serve` nor `refuse`")));
                }
            },
            api,
            brand,
            public_url_given,
            told,
        })
    }
}

impl Settings {
    /// The folder of the object store; `None` when it is a bucket.
    pub(crate) fn object_folder(&self) -> Option<PathBuf> {
        match self.tables.object_store.as_deref() {
            None => Some(self.tables.data_dir.join("objects")),
            Some(place) if place.starts_with("s3://") => None,
            Some(place) => Some(PathBuf::from(place.strip_prefix("file://").unwrap_or(place))),
        }
    }
}

/// Where quotas are counted. What is wrong with it is said without the text, which holds a password.
fn limits(text: &str) -> Result<RedisAddress, SettingsError> {
    let problem = |error: InvalidAddress| SettingsError::Value { name: "limits_url", problem: error.to_string() };
    text.parse::<RedisAddress>().map_err(problem)
}

/// Harvests at one time: as many as are said, within reason.
fn harvest_workers(said: Option<usize>) -> usize {
    said.unwrap_or(2).clamp(1, 64)
}

/// How long sessions last; each at least a minute, and at most a month.
fn session_rules(idle_minutes: Option<u32>, hours: Option<u32>) -> SessionRules {
    const LONGEST_HOURS: u32 = 31 * 24;
    let defaults = SessionRules::default();
    let idle = idle_minutes.map_or(defaults.idle_secs, |minutes| i64::from(minutes.clamp(1, LONGEST_HOURS * 60)) * 60);
    let absolute = hours.map_or(defaults.absolute_secs, |hours| i64::from(hours.clamp(1, LONGEST_HOURS)) * 3600);
    SessionRules { idle_secs: idle, absolute_secs: absolute }
}

/// A place for objects that means something, before anything is opened.
fn object_store(text: &str) -> Result<String, SettingsError> {
    let known = match text.split_once("://") {
        None => !text.trim().is_empty(),
        Some(("file", path)) => path.starts_with('/'),
        Some(("s3", bucket)) => !bucket.is_empty() && !bucket.starts_with('/'),
        Some(_) => false,
    };
    if known {
        return Ok(text.to_owned());
    }
    let problem = format!("`{text}` is neither a folder nor `s3://bucket/prefix`");
    Err(SettingsError::Value { name: "object_store", problem })
}

/// The mail server, if one is named; a setting about it without it is a mistake.
fn mail_server(
    url: Option<String>,
    password: Option<Hidden>,
    password_file: Option<&Path>,
    from: Option<String>,
) -> Result<Option<SmtpSettings>, SettingsError> {
    let wrong = |name, problem: &str| Err(SettingsError::Value { name, problem: problem.to_owned() });
    let Some(url) = url else {
        return match (password, password_file, from) {
            (None, None, None) => Ok(None),
            _ => wrong("mail_url", "must be set where other settings of mail are"),
        };
    };
    let password = match (password, password_file) {
        (Some(_), Some(_)) => return wrong("mail_password", "is given twice: keep mail_password_file"),
        (Some(Hidden(password)), None) => Some(password),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| SettingsError::Unreadable { path: path.to_owned(), error })?;
            Some(text.lines().next().unwrap_or_default().to_owned())
        }
        (None, None) => None,
    };
    let Some(from) = from else { return wrong("mail_from", "must be set where mail_url is") };
    SmtpSettings::parse(&url, password, &from)
        .map(Some)
        .map_err(|error| SettingsError::Value { name: error.name, problem: error.problem })
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            entry
                .parse::<IpNet>()
                .or_else(|_| entry.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| format!("`{entry}` is not a network such as 10.0.0.0/8"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn environment(pairs: &[(&str, &str)]) -> Result<RawSettings, SettingsError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        RawSettings::from_environment(&pairs)
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let file: RawSettings = toml::from_str("listen = \"127.0.0.1:1\"\nweb_threads = 3").expect("valid");
        let both = environment(&[("FAIRGROUND_LISTEN", "127.0.0.1:2"), ("PATH", "x")]).expect("valid").over(file);
        assert_eq!((both.listen.as_deref(), both.web_threads), (Some("127.0.0.1:2"), Some(3)));
    }

    #[test]
    fn unknown_keys_are_refused_in_file_and_environment() {
        assert!(toml::from_str::<RawSettings>("lisen = \"x\"").is_err());
        let refused =
            environment(&[("FAIRGROUND_LISEN", "x"), ("FAIRGROUND_HARVEST_ALLOW", "127.0.0.1")]).expect_err("unknown");
        assert_eq!(refused.to_string(), "`FAIRGROUND_LISEN` is not a setting of this program");
        assert!(environment(&[("FAIRGROUND_TEST_DATA", "x"), ("FAIRGROUND_LOG", "debug")]).is_ok());
        assert!(environment(&[("FAIRGROUND_WEB_THREADS", "many")]).is_err());
    }

    #[test]
    fn bad_values_are_named() {
        for (name, value) in [
            ("FAIRGROUND_LISTEN", "nowhere"),
            ("FAIRGROUND_DATABASE_URL", "mysql://x"),
            ("FAIRGROUND_PUBLIC_URL", "data.example.org"),
            ("FAIRGROUND_TRUSTED_PROXIES", "proxy"),
            ("FAIRGROUND_METER_FAILURE", "panic"),
            ("FAIRGROUND_LIMITS_URL", "memcached://127.0.0.1"),
            ("FAIRGROUND_LIMITS_URL", "rediss://127.0.0.1"),
            ("FAIRGROUND_MAIL_URL", "mail.example.org"),
            ("FAIRGROUND_OBJECT_STORE", "gs://bucket"),
            ("FAIRGROUND_OBJECT_STORE", "s3:///prefix"),
        ] {
            let raw = environment(&[(name, value)]).expect("a known name");
            let error = Settings::try_from(raw).expect_err(name).to_string();
            let key = name.trim_start_matches(ENV_PREFIX).to_ascii_lowercase();
            assert!(error.contains(&key), "{error}");
        }
    }

    #[test]
    fn mail_goes_by_smtp_where_a_server_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        std::fs::write(&file, "hunter2\n").expect("writes");
        let file = file.to_string_lossy().into_owned();
        let settings = |pairs: &[(&str, &str)]| Settings::try_from(environment(pairs).expect("known names"));
        let (url, from) =
            (("FAIRGROUND_MAIL_URL", "smtp://data@mail.example.org"), ("FAIRGROUND_MAIL_FROM", "d@e.org"));
        let read = settings(&[url, from, ("FAIRGROUND_MAIL_PASSWORD_FILE", &file)]).expect("sound");
        assert_eq!(read.mail.as_ref().map(|mail| mail.port), Some(587));
        assert!(!format!("{read:?}").contains("hunter2"), "a password is never shown");
        for (pairs, name) in [
            (&[url][..], "mail_from"),
            (&[from][..], "mail_url"),
            (&[url, from][..], "mail_url"),
            (
                &[url, from, ("FAIRGROUND_MAIL_PASSWORD", "x"), ("FAIRGROUND_MAIL_PASSWORD_FILE", &file)][..],
                "mail_password",
            ),
            (&[url, ("FAIRGROUND_MAIL_FROM", "nobody"), ("FAIRGROUND_MAIL_PASSWORD", "x")][..], "mail_from"),
        ] {
            let error = settings(pairs).expect_err(name).to_string();
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn defaults_stand() {
        let settings = Settings::try_from(RawSettings::default()).expect("defaults");
        assert_eq!(settings.api.public_url, "http://127.0.0.1:8080");
        assert_eq!(settings.place.data_dir, PathBuf::from("fairground-data"));
        assert_eq!(
            (settings.load_workers, settings.table_versions, settings.table_refresh_secs),
            (8, 5, Some(24 * 3600))
        );
        assert_eq!(settings.tables.object_store, None);
    }

    #[test]
    fn tables_are_kept_where_the_operator_says() {
        for place in ["/srv/objects", "objects", "file:///srv/objects", "s3://bucket/prefix", "s3://bucket"] {
            let raw = environment(&[("FAIRGROUND_OBJECT_STORE", place), ("FAIRGROUND_TABLE_REFRESH_HOURS", "0")]);
            let settings = Settings::try_from(raw.expect("known")).expect(place);
            assert_eq!(settings.tables.object_store.as_deref(), Some(place));
            assert_eq!(settings.table_refresh_secs, None);
        }
    }
}

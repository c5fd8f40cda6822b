//! The settings in force, as operators may see them: no secret is among them, in whatever place of an address it stands.

use fairground_api::ApiSettings;
use fairground_harvester::load::LoadTuning;
use fairground_tables::TablesSettings;
use fairground_web::workspace::{Setting, SettingOrigin, SettingValue};

use super::{DEFAULT_LISTEN, RawSettings, harvest_workers, session_rules};

/// What stands for a secret.
const HIDDEN: &str = "…";

/// Every setting, in the order of their documentation.
pub(super) fn of(raw: &RawSettings) -> Vec<Setting> {
    let (api, loads) = (ApiSettings::default(), LoadTuning::default());
    let data_dir = raw.data_dir.clone().unwrap_or_else(|| "fairground-data".into());
    let within = |name: &str| data_dir.join(name).display().to_string();
    let sessions = session_rules(raw.session_idle_minutes, raw.session_hours);
    let tables = TablesSettings::new(&data_dir);
    let cache_mb = raw.table_cache_mb.map_or(tables.answer_bytes / (1024 * 1024), u64::from);
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let listen = raw.listen.clone().unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
    let public_url = raw.public_url.clone().unwrap_or_else(|| format!("http://{listen}"));
    let database =
        raw.database_url.as_deref().map_or_else(|| format!("sqlite:{}", within("fairground.db")), without_secrets);
    let refresh = raw.table_refresh_hours.map(i64::from).or(loads.refresh_secs.map(|secs| secs / 3600)).unwrap_or(0);
    let providers = raw.identity_providers.as_ref().map(|all| all.len().to_string());
    let word = |said: &Option<String>, default: &str| text(said.clone().unwrap_or_else(|| default.to_owned()));
    let optional = |said: Option<String>| said.map_or(SettingValue::Nothing, text);
    let values = [
        ("data_dir", text(data_dir.display())),
        ("database_url", text(database)),
        ("secret_file", text(path(&raw.secret_file).unwrap_or_else(|| within("secret")))),
        ("listen", text(listen)),
        ("public_url", text(without_secrets(&public_url))),
        ("harvest_allow", optional(raw.harvest_allow.clone())),
        ("personal_data_gate", word(&raw.personal_data_gate, "hold")),
        ("trusted_proxies", optional(raw.trusted_proxies.clone())),
        ("request_timeout_secs", text(raw.request_timeout_secs.unwrap_or(api.request_timeout.as_secs()))),
        ("web_threads", optional(raw.web_threads.map(|threads| threads.max(1).to_string()))),
        ("harvest_workers", text(harvest_workers(raw.harvest_workers))),
        ("meter_failure", word(&raw.meter_failure, "serve")),
        ("security_contact", word(&raw.security_contact, &api.security_contact)),
        ("object_store", text(raw.object_store.as_deref().map_or_else(|| within("objects"), without_secrets))),
        ("link_checks", word(&raw.link_checks, "on")),
        ("load_workers", text(raw.load_workers.unwrap_or(loads.parallel).clamp(1, 64))),
        ("table_versions", text(raw.table_versions.unwrap_or(loads.versions_kept).max(1))),
        ("table_refresh_hours", text(refresh)),
        ("table_cache_mb", text(cache_mb)),
        ("limits_url", optional(raw.limits_url.as_deref().map(without_secrets))),
        ("mail_url", optional(raw.mail_url.as_deref().map(without_secrets))),
        ("mail_password", SettingValue::Secret(raw.mail_password.is_some())),
        ("mail_password_file", optional(path(&raw.mail_password_file))),
        ("mail_from", optional(raw.mail_from.clone())),
        ("second_factor", word(&raw.second_factor, "required")),
        ("session_idle_minutes", text(sessions.idle_secs / 60)),
        ("session_hours", text(sessions.absolute_secs / 3600)),
        ("breached_passwords_file", optional(path(&raw.breached_passwords_file))),
        ("identity_providers", optional(providers)),
        ("brand", optional(raw.brand.as_ref().map(|brand| brand.name.clone()))),
    ];
    let origin = |name: &str| raw.origins.get(name).copied().unwrap_or(SettingOrigin::Default);
    values.into_iter().map(|(name, value)| Setting { name, value, origin: origin(name) }).collect()
}

fn text(value: impl ToString) -> SettingValue {
    match value.to_string() {
        text if text.is_empty() => SettingValue::Nothing,
        text => SettingValue::Text(text),
    }
}

/// An address without its password and without its query, where passwords may stand as well.
fn without_secrets(address: &str) -> String {
    let (address, query) = match address.split_once('?') {
        Some((address, _)) => (address, format!("?{HIDDEN}")),
        None => (address, String::new()),
    };
    let Some((scheme, rest)) = address.split_once("://") else { return format!("{address}{query}") };
    // A password may hold a slash that somebody forgot to encode: the last `@` ends it.
    let shown = match rest.rsplit_once('@') {
        Some((person, host)) => match person.split_once(':') {
            Some((name, _)) => format!("{name}:{HIDDEN}@{host}"),
            None => rest.to_owned(),
        },
        None => rest.to_owned(),
    };
    format!("{scheme}://{shown}{query}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn file(text: &str) -> RawSettings {
        toml::from_str(text).expect("valid")
    }

    #[test]
    fn every_setting_is_told_with_a_sentence() {
        let told: BTreeSet<String> = of(&RawSettings::default()).into_iter().map(|one| one.name.to_owned()).collect();
        let refused = toml::from_str::<RawSettings>("nonsense = 1").expect_err("unknown").to_string();
        let names = refused.split("expected one of").nth(1).expect("the names that there are");
        let known: BTreeSet<String> = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(known.len() > 20, "{refused}");
        assert_eq!(told, known);
        for one in of(&RawSettings::default()) {
            assert!(one.about().is_some(), "nothing is said about {}", one.name);
        }
    }

    #[test]
    fn no_secret_is_told_wherever_it_stands() {
        let raw = file(
            "database_url = \"postgres://fair:hun/ter2@db.example:5432/fair?sslpassword=hunter3\"\n\
             limits_url = \"redis://:hunter4@limits.example/1\"\n\
             mail_url = \"smtp://data:hunter5@mail.example\"\nmail_password = \"hunter6\"",
        );
        let told = format!("{:?}", of(&raw));
        assert!(!told.contains("hun"), "{told}");
        for place in ["db.example:5432/fair", "limits.example/1", "mail.example"] {
            assert!(told.contains(place), "{told}");
        }
        assert!(told.contains("Secret(true)"), "{told}");
    }

    #[test]
    fn each_setting_says_where_it_was_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fairground.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\nweb_threads = 3").expect("writes");
        let mut raw = super::super::tests::environment(&[("FAIRGROUND_LISTEN", "127.0.0.1:2")])
            .expect("valid")
            .over(RawSettings::from_file(&path).expect("valid"));
        raw.say_by_argument(&[("data_dir", true), ("database_url", false)]);
        let origin = |name: &str| of(&raw).into_iter().find(|one| one.name == name).expect("told").origin;
        assert_eq!(origin("listen"), SettingOrigin::Environment);
        assert_eq!(origin("web_threads"), SettingOrigin::File);
        assert_eq!(origin("data_dir"), SettingOrigin::Argument);
        assert_eq!(origin("database_url"), SettingOrigin::Default);
    }
}

//! There is no place for a limit of somebody's own: no column, no setting, no field or parameter of the API.
//!
//! Names are searched for words that limits are made of. What is found must be in the list below, with the reason why it
//! gives nobody more than others; what is in the list and not found has to leave it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// Words that a limit, a price or a preference would be called by.
const WORDS: [&str; 25] = [
    "limit",
    "quota",
    "rate",
    "burst",
    "concurren",
    "throttle",
    "cap",
    "cost",
    "price",
    "discount",
    "weight",
    "boost",
    "priority",
    "tier",
    "exempt",
    "bypass",
    "whitelist",
    "allowlist",
    "unlimited",
    "vip",
    "multiplier",
    "factor",
    "override",
    "percent",
    "at_most",
];

/// Words that hold one of the above and have nothing to do with it.
const HARMLESS: [&str; 11] = [
    "generated",
    "operated",
    "separat",
    "accurate",
    "catalog",
    "escap",
    "capab",
    "captur",
    "confederat",
    "second_factor",
    "delimiter",
];

fn is_suspect(name: &str) -> bool {
    let mut name = name.to_lowercase();
    for harmless in HARMLESS {
        name = name.replace(harmless, "");
    }
    WORDS.iter().any(|word| name.contains(word))
}

fn source(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Names that are allowed, each with why.
type Allowed = &'static [(&'static str, &'static str)];

fn judge(what: &str, found: &BTreeSet<String>, allowed: Allowed) {
    let known: BTreeMap<&str, &str> = allowed.iter().copied().collect();
    let strange: Vec<&String> = found.iter().filter(|name| !known.contains_key(name.as_str())).collect();
    assert!(strange.is_empty(), "{what} that could express a limit outside the tariff: {strange:#?}");
    let gone: Vec<&&str> = known.keys().filter(|name| !found.contains(**name)).collect();
    assert!(gone.is_empty(), "{what} that are allowed and do not exist: {gone:?}");
}

const COLUMNS: Allowed = &[
    ("harvest_sources.brake_percent", "how much of a source may go at once; a source is no party"),
    ("quota_use", "what was used of a window; how much the window holds stands in the tariff"),
    ("quota_letters", "which letters about a window were written"),
    ("quota_letters.percent", "at which share of the tariff's quota"),
    ("alert_marks.percent", "at which share of the tariff's quota its user wants a letter"),
    ("application_alerts.error_percent", "at which share of failures its user wants a letter"),
    ("applications.quota_letters", "whether the owner wants letters"),
];

#[test]
fn no_column_can_hold_a_private_limit() {
    let text = source("catalog/src/schema.rs");
    let (mut table, mut found) = (String::new(), BTreeSet::new());
    let mut columns = 0;
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix('{').and_then(|head| head.split_once(" (")) {
            table = name.to_owned();
            if is_suspect(&table) {
                found.insert(table.clone());
            }
        } else if let Some((column, _)) = line.split_once(" -> ") {
            columns += 1;
            if is_suspect(column) {
                found.insert(format!("{table}.{column}"));
            }
        }
    }
    assert!(columns > 100, "the schema was read: {columns} columns");
    judge("columns", &found, COLUMNS);
}

const SETTINGS: Allowed = &[("limits_url", "where quota windows are counted; how much they hold stands in the tariff")];

#[test]
fn no_setting_can_express_a_limit_of_calls() {
    let text = source("src/settings.rs");
    let (_, raw) = text.split_once("pub(crate) struct RawSettings {").unwrap();
    let (raw, _) = raw.split_once("\n}").unwrap();
    let names: Vec<&str> = raw
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub(crate) "))
        .filter_map(|field| field.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 10, "{names:?}");
    judge("settings", &names.iter().filter(|name| is_suspect(name)).map(|name| (*name).to_owned()).collect(), SETTINGS);
}

const WIRE: Allowed = &[
    ("AlertsDoc.error_percent", "at which share of failures the owner wants a letter"),
    ("AlertsDoc.quota_percents", "at which shares of the tariff's quota the owner wants a letter"),
    ("/api/v1/datasets?facet_limit", "how many values of a facet are listed"),
    ("/feeds/search.atom?facet_limit", "a search's parameter, which feeds share"),
    ("ApplicationOut.quota_letters", "whether the owner wants letters"),
    ("ApplicationPatch.quota_letters", "whether the owner wants letters"),
    ("PreviewIn.limit", "how many records mapping rules are tried on"),
    ("ServiceIn.limits", "sizes and times of an agency's API, the same for every caller"),
    ("ServiceOut.limits", "sizes and times of an agency's API, the same for every caller"),
    ("SourceOut.brake_percent", "how much of a source may go at once; a source is no party"),
    ("SourcePatch.brake_percent", "how much of a source may go at once; a source is no party"),
];

/// Schemas of the tariff itself and of what is said about it: they are the public document.
const TARIFF: [&str; 11] = [
    "PlanOut",
    "RateOut",
    "QuotaOut",
    "UnitRuleOut",
    "TariffOut",
    "TariffIn",
    "TariffComparison",
    "TariffAnnouncement",
    "ChangeOut",
    "ExceptionIn",
    "Eligibility",
];

#[test]
fn no_field_and_no_parameter_of_the_api_can_express_one() {
    let document: Value = serde_json::from_str(&fairground_api::openapi()).unwrap();
    let mut found = BTreeSet::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if TARIFF.contains(&name.as_str()) {
            continue;
        }
        for property in schema["properties"].as_object().into_iter().flat_map(serde_json::Map::keys) {
            if is_suspect(property) {
                found.insert(format!("{name}.{property}"));
            }
        }
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                if is_suspect(name) && name != "limit" {
                    found.insert(format!("{path}?{name}"));
                }
            }
        }
    }
    for name in TARIFF {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is no schema");
    }
    judge("fields", &found, WIRE);
}

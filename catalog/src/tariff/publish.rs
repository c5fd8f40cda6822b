//! Publishing a version: judged by machine, refused before its notice is over.

use std::collections::BTreeMap;

use fairground_domain::{Announcement, Effect, OperationClass, Plan, Tariff, Timestamp, UnitRule, judge_announcement};
use serde::Deserialize;
use serde_json::json;

use super::store::{insert, proven};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;

/// What an operator announces: a tariff without what the portal itself decides (its number and when it was published).
///
/// A whole document, as `/.well-known/tariff.json` gives it, is a draft too: see [`Draft::read`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// From when it is to be enforced; absent: from the moment of its publication.
    #[serde(default)]
    pub valid_from: Option<Timestamp>,
    /// The version of the terms of use.
    pub terms_version: String,
    /// What a call of each class costs.
    pub unit_costs: BTreeMap<OperationClass, u32>,
    /// How costs grow with work.
    #[serde(default)]
    pub unit_rules: BTreeMap<OperationClass, UnitRule>,
    /// The plans.
    pub plans: Vec<Plan>,
}

impl From<Tariff> for Draft {
    fn from(tariff: Tariff) -> Self {
        Self {
            valid_from: Some(tariff.valid_from),
            terms_version: tariff.terms_version,
            unit_costs: tariff.unit_costs,
            unit_rules: tariff.unit_rules,
            plans: tariff.plans,
        }
    }
}

impl Draft {
    /// What the portal itself decides or adds, and leaves aside in a document that is read as a draft.
    const OF_THE_PORTAL: [&str; 7] =
        ["version", "published_at", "valid_to", "enforced", "exceptions", "rules", "links"];

    /// Reads a document; anything else in it that is not known is refused, for a misspelt limit must not pass for none.
    ///
    /// # Errors
    /// When it is no JSON, or not a tariff.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut document: serde_json::Value = serde_json::from_str(text)?;
        if let Some(fields) = document.as_object_mut() {
            Self::OF_THE_PORTAL.iter().for_each(|name| drop(fields.remove(*name)));
        }
        serde_json::from_value(document)
    }

    fn into_tariff(self, version: u32, now: Timestamp) -> Tariff {
        Tariff {
            version,
            published_at: now,
            valid_from: self.valid_from.unwrap_or(now),
            terms_version: self.terms_version,
            unit_costs: self.unit_costs,
            unit_rules: self.unit_rules,
            plans: self.plans,
        }
    }
}

fn next_version(versions: &[Tariff]) -> u32 {
    versions.iter().map(|tariff| tariff.version).max().unwrap_or(0).saturating_add(1)
}

/// What a draft would mean if it were published now, without publishing it.
///
/// The notice is not judged here: whoever asks wants to see how long it would have to be.
///
/// # Errors
/// `Tariff` when it cannot be enforced.
pub fn preview(tx: &mut Tx<'_>, draft: Draft) -> Result<(Tariff, Announcement), CatalogError> {
    let versions = proven(tx)?;
    let mut tariff = draft.into_tariff(next_version(&versions), tx.now);
    tariff.validate()?;
    let asked = tariff.valid_from;
    // Far enough ahead for any notice, and beyond everything announced: what is asked is the comparison.
    let last = versions.iter().map(|version| version.valid_from).max().unwrap_or(tx.now).max(asked).max(tx.now);
    tariff.valid_from = last.plus_secs(366 * 86_400);
    let mut announcement = judge_announcement(&versions, &tariff, tx.now)?;
    tariff.valid_from = asked;
    if let Some(before) = fairground_domain::in_force_at(&versions, asked.max(tx.now)) {
        announcement.comparison = fairground_domain::compare(before, &tariff);
    }
    Ok((tariff, announcement))
}

/// Publishes a version of the tariff. `latest` is the number of the latest version that the operator has seen: of two who
/// publish at once, one gets a conflict.
///
/// # Errors
/// `WrongState` when another version was published meanwhile; `Tariff` when it cannot be enforced; `Announcement` when its
/// notice is too short.
pub fn publish(
    tx: &mut Tx<'_>,
    draft: Draft,
    latest: u32,
    actor: &str,
) -> Result<(Tariff, Announcement), CatalogError> {
    // Whoever holds the pen reads every version that another publisher has committed.
    journal::take_pen(tx)?;
    let versions = proven(tx)?;
    let version = next_version(&versions);
    if latest.saturating_add(1) != version {
        return Err(CatalogError::WrongState {
            what: "the tariff".to_owned(),
            state: format!("at version {}", version.saturating_sub(1)),
            problem: "another version was published meanwhile; read it and announce yours again",
        });
    }
    let tariff = draft.into_tariff(version, tx.now);
    tariff.validate()?;
    let announcement = judge_announcement(&versions, &tariff, tx.now)?;
    let count = |effect| announcement.comparison.changes.iter().filter(|change| change.effect == effect).count();
    let more = json!({
        "compared_with": announcement.comparison.from,
        "better": count(Effect::Better),
        "worse": count(Effect::Worse),
        "notice_days": announcement.notice_days,
    });
    insert(tx, &tariff, actor, more)?;
    Ok((tariff, announcement))
}

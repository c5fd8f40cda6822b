//! The tariff's history: every version, and what differs between two of them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::{CatalogError, Tx, tariff};
use fairground_domain::{Comparison, Effect, Eligibility, OperationClass, QuotaUnit, Timestamp, compare, in_force_at};

use super::TariffView;
use super::register::parameter;
use crate::layout::{Frame, PageError, Place, Visit, answer_page};

/// A version in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// Its number.
    pub version: u32,
    /// When it was published.
    pub published_at: Timestamp,
    /// From when it is enforced.
    pub valid_from: Timestamp,
    /// Until when, where another version is published.
    pub valid_to: Option<Timestamp>,
    /// True for the one in force.
    pub is_current: bool,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    /// The plan; `None` for all of them.
    pub plan: Option<String>,
    /// The class; `None` for all of them.
    pub class: Option<String>,
    /// What differs.
    pub aspect: &'static str,
    /// As it was.
    pub before: String,
    /// As it is now.
    pub after: String,
    /// What that means.
    pub effect: Effect,
    /// Whether a quota falls steeply.
    pub steep: bool,
}

/// What differs between two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparisonTable {
    /// The version that was.
    pub from: u32,
    /// The version that comes.
    pub to: u32,
    /// Days of notice that the change needs.
    pub notice_days: u16,
    /// The differences.
    pub changes: Vec<ChangeLine>,
}

impl From<Comparison> for ComparisonTable {
    fn from(comparison: Comparison) -> Self {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        Self {
            from: comparison.from,
            to: comparison.to,
            notice_days: comparison.notice_days(),
            changes: comparison
                .changes
                .into_iter()
                .map(|change| ChangeLine {
                    plan: change.plan.map(|plan| plan.to_string()),
                    class: change.class.map(|class| class.as_str().to_owned()),
                    aspect: change.aspect.as_str(),
                    before: or_dash(change.before),
                    after: or_dash(change.after),
                    effect: change.effect,
                    steep: change.steep,
                })
                .collect(),
        }
    }
}

/// The history's page.
#[derive(Debug, Clone)]
pub struct HistoryPage {
    /// Every version, newest first.
    pub versions: Vec<VersionLine>,
    /// What differs; `None` while there is one version only.
    pub difference: Option<ComparisonTable>,
    /// The version that is shown in full.
    pub shown: TariffView,
}

/// The template of [`HistoryPage`].
#[derive(Debug, Template)]
#[template(path = "transparency/history.html")]
pub struct HistoryPageView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a HistoryPage,
}

/// Shows the history, with the difference between `from` and `to`.
pub(crate) async fn show_history(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Transparency, loaded, |frame, page| {
        answer_page(StatusCode::OK, &HistoryPageView { frame, page })
    })
}

async fn load(visit: &Visit) -> Result<HistoryPage, PageError> {
    let number = |name: &str| match parameter(visit, name) {
        None => Ok(None),
        Some(text) => text.parse::<u32>().map(Some).map_err(|_| PageError::NotFound),
    };
    let (from, to) = (number("from")?, number("to")?);
    visit.read(move |tx| history(tx, from, to)).await
}

fn history(tx: &mut Tx<'_>, from: Option<u32>, to: Option<u32>) -> Result<HistoryPage, CatalogError> {
    let versions = tariff::list_versions(tx)?;
    let latest = versions.first().map_or(0, |tariff| tariff.version);
    let find = |wanted: u32| {
        let found = versions.iter().find(|tariff| tariff.version == wanted);
        found.ok_or_else(|| CatalogError::not_found("tariff version", wanted))
    };
    let to = to.unwrap_or(latest);
    let from = from.unwrap_or_else(|| to.saturating_sub(1));
    let current = in_force_at(&versions, tx.now).map(|tariff| tariff.version);
    let lines = versions.iter().map(|tariff| VersionLine {
        version: tariff.version,
        published_at: tariff.published_at,
        valid_from: tariff.valid_from,
        valid_to: tariff::announced_after(&versions, tariff).map(|next| next.valid_from),
        is_current: Some(tariff.version) == current,
    });
    let difference = if from == 0 { None } else { Some(ComparisonTable::from(compare(find(from)?, find(to)?))) };
    Ok(HistoryPage { versions: lines.collect(), difference, shown: TariffView::from(find(to)?) })
}

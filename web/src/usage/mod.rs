//! What use was made: of an application, for its owner; of an agency's datasets, for its people.
//!
//! The numbers are those of `/api/v1/usage`, from the same use case. Charts are drawn on the server and repeated in a table.

mod alerts;
mod chart;
mod load;

use askama::Template;
pub use fairground_catalog::application::FEWEST_CALLS;
use fairground_catalog::usage::{Group, Period, UsageTotals};
use fairground_domain::Timestamp;

pub use alerts::{AlertEndPage, AlertEndView, AlertsForm, kind_words};
pub(crate) use alerts::{choose_alerts, end_alert, show_alert_end};
pub use chart::{Bar, Chart, HEIGHT, Lines};
pub(crate) use load::{show_agency_usage, show_application_usage};

use crate::layout::Frame;
use crate::words::Later;

/// By what the second table tells usage apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By operation.
    Operation,
    /// By dataset.
    Dataset,
    /// By status.
    Status,
    /// By operation class.
    Class,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Operation, Self::Dataset, Self::Status, Self::Class];

    /// Its name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Dataset => "dataset",
            Self::Status => "status",
            Self::Class => "class",
        }
    }

    fn label(self, group: &Group) -> String {
        let text = match self {
            Self::Operation => group.operation.clone(),
            Self::Dataset => group.dataset.clone(),
            Self::Status => group.status.map(|digit| format!("{digit}xx")),
            Self::Class => group.class.clone(),
        };
        text.unwrap_or_default()
    }
}

/// Numbers as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Answered calls.
    pub requests: u64,
    /// Cost units.
    pub units: u64,
    /// Bytes of the answers.
    pub bytes: u64,
    /// Failures of the portal.
    pub errors: u64,
    /// Refused calls.
    pub denied: u64,
    /// Answers from a cache.
    pub cached: u64,
    /// Answers that nothing has changed.
    pub not_modified: u64,
    /// How long answers took; `None` where no times are known.
    pub latency: Option<Latency>,
}

/// How long answers took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// The median.
    pub p50: u32,
    /// The 95th percentile.
    pub p95: u32,
    /// The 99th percentile.
    pub p99: u32,
}

impl Latency {
    /// Of some usage.
    #[must_use]
    pub fn of(totals: &UsageTotals) -> Option<Self> {
        let at = |per_mille| totals.latency.percentile_micros(per_mille);
        Some(Self { p50: at(500)?, p95: at(950)?, p99: at(990)? })
    }
}

impl From<&UsageTotals> for Numbers {
    fn from(totals: &UsageTotals) -> Self {
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            requests: whole(totals.requests),
            units: whole(totals.units),
            bytes: whole(totals.bytes),
            errors: whole(totals.errors),
            denied: whole(totals.denied),
            cached: whole(totals.cached),
            not_modified: whole(totals.not_modified),
            latency: Latency::of(totals),
        }
    }
}

/// A line of a table: a step or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLine {
    /// What it is of.
    pub label: Later,
    /// Where more is told, if anywhere.
    pub href: Option<String>,
    /// The numbers.
    pub numbers: Numbers,
}

/// The page of some usage.
#[derive(Debug, Clone)]
pub struct UsagePage {
    /// Of what.
    pub title: Later,
    /// Where it belongs: address and name.
    pub back: (String, Later),
    /// The page's own path.
    pub path: String,
    /// The steps.
    pub period: Period,
    /// By what the second table tells it apart.
    pub by: By,
    /// In all.
    pub total: Numbers,
    /// Calls over time.
    pub chart: Option<Chart>,
    /// Failures and refusals over time.
    pub troubles: Option<Chart>,
    /// Times to answer over time.
    pub times: Option<Lines>,
    /// Step by step, newest first.
    pub steps: Vec<UsageLine>,
    /// By group, the most calls first.
    pub groups: Vec<UsageLine>,
    /// The same as data.
    pub api: String,
    /// True for an agency: small numbers are left out.
    pub is_agency: bool,
    /// Whether numbers were left out.
    pub has_small_numbers: bool,
    /// Of what letters tell the owner who reads it.
    pub alerts: Option<AlertsForm>,
}

impl UsagePage {
    /// The page with other steps.
    #[must_use]
    pub fn with_period(&self, period: &Period) -> String {
        format!("{}?period={}&by={}", self.path, period.as_str(), self.by.as_str())
    }

    /// The page told apart otherwise.
    #[must_use]
    pub fn with_by(&self, by: &By) -> String {
        format!("{}?period={}&by={}", self.path, self.period.as_str(), by.as_str())
    }

    /// A group's calls in percent of the group with the most.
    #[must_use]
    pub fn share(&self, line: &UsageLine) -> u64 {
        let most = self.groups.iter().map(|group| group.numbers.requests).max().unwrap_or(0);
        line.numbers.requests.saturating_mul(100).checked_div(most).unwrap_or(0)
    }

    /// The same as CSV.
    #[must_use]
    pub fn csv(&self) -> String {
        format!("{}&format=csv", self.api)
    }

    /// Whether these are the page's steps.
    #[must_use]
    pub fn is_period(&self, period: &Period) -> bool {
        *period == self.period
    }

    /// Whether the page tells apart by this.
    #[must_use]
    pub fn is_by(&self, by: &By) -> bool {
        *by == self.by
    }

    /// By what usage may be told apart.
    #[must_use]
    pub fn bys(&self) -> &'static [By] {
        &By::ALL
    }

    /// The steps that may be chosen.
    #[must_use]
    pub fn periods(&self) -> &'static [Period] {
        if self.is_agency { &[Period::Hour, Period::Day] } else { &[Period::Minute, Period::Hour, Period::Day] }
    }
}

/// The template of [`UsagePage`].
#[derive(Debug, Template)]
#[template(path = "usage/page.html")]
pub struct UsagePageView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a UsagePage,
}

/// The key of a step's name.
#[must_use]
pub const fn period_words(period: &Period) -> &'static str {
    match period {
        Period::Minute => "usage-period-minute",
        Period::Hour => "usage-period-hour",
        Period::Day => "usage-period-day",
    }
}

fn moment(secs: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_secs(secs)
}

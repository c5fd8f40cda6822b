//! Usage as it is told: JSON and CSV of the same numbers.

use std::fmt::Write as _;

use fairground_catalog::usage::{Group, Period, UsageReport, UsageTotals};
use fairground_domain::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How long answers took, in microseconds; each is told at most an eighth too high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Percentiles {
    /// Half of the answers took no longer.
    pub(super) p50_micros: u32,
    /// 95 of 100 took no longer.
    pub(super) p95_micros: u32,
    /// 99 of 100 took no longer.
    pub(super) p99_micros: u32,
}

impl Percentiles {
    /// `None` where no times are known.
    pub(super) fn of(totals: &UsageTotals) -> Option<Self> {
        let at = |per_mille| totals.latency.percentile_micros(per_mille);
        Some(Self { p50_micros: at(500)?, p95_micros: at(950)?, p99_micros: at(990)? })
    }
}

/// What calls came to.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct UsageNumbers {
    /// Answered calls, refusals included.
    requests: i64,
    /// Cost units of the calls that were admitted.
    units: i64,
    /// Bytes of the answers' bodies.
    bytes: i64,
    /// Answers with a status of 500 or above.
    errors: i64,
    /// Calls that were refused before they were served; they cost nothing.
    denied: i64,
    /// Answers that came from a cache.
    cached: i64,
    /// Answers that said that nothing has changed (304).
    not_modified: i64,
    /// Calls of the portal's own pages.
    own_use: i64,
    /// Mean time to answer, in microseconds.
    mean_latency_micros: i64,
    /// How the times are spread; absent when none are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<Percentiles>,
}

impl From<&UsageTotals> for UsageNumbers {
    fn from(totals: &UsageTotals) -> Self {
        Self {
            requests: totals.requests,
            units: totals.units,
            bytes: totals.bytes,
            errors: totals.errors,
            denied: totals.denied,
            cached: totals.cached,
            not_modified: totals.not_modified,
            own_use: totals.own_use,
            mean_latency_micros: totals.mean_latency_micros(),
            latency: Percentiles::of(totals),
        }
    }
}

/// What some calls have in common; absent where they are not told apart by it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct GroupOut {
    /// The dataset's id; empty where none was concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
    /// The operation's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// The operation class.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// `2xx` to `5xx`.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The plan's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
}

impl From<Group> for GroupOut {
    fn from(group: Group) -> Self {
        let Group { dataset, operation, class, status, plan, own_use: _ } = group;
        Self { dataset, operation, class, status: status.map(|digit| format!("{digit}xx")), plan }
    }
}

/// What the calls of a group came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct UsageGroup {
    #[serde(flatten)]
    group: GroupOut,
    #[serde(flatten)]
    numbers: UsageNumbers,
}

/// What calls came to in one period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct UsageStepOut {
    /// When the period began.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[serde(flatten)]
    group: GroupOut,
    #[serde(flatten)]
    numbers: UsageNumbers,
}

/// Usage in all, by group and period by period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct UsageOut {
    /// Whose usage it is; absent for everybody's, which operators see.
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    /// `minute`, `hour` or `day`.
    period: &'static str,
    /// In all.
    total: UsageNumbers,
    /// By group, the most requests first, at most 1,000; absent when nothing is told apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<UsageGroup>,
    /// Whether there were more groups.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_more_groups: bool,
    /// Whether numbers were left out because fewer than five callers were behind them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_small_numbers: bool,
    /// Period by period, oldest first, and by group within one; periods without use are left out.
    series: Vec<UsageStepOut>,
}

impl UsageOut {
    pub(super) fn new(application: Option<String>, period: Period, report: UsageReport) -> Self {
        let groups = report.groups.into_iter();
        let series = report.series.into_iter();
        Self {
            application,
            period: period.as_str(),
            total: (&report.total).into(),
            groups: groups.map(|row| UsageGroup { numbers: (&row.totals).into(), group: row.group.into() }).collect(),
            has_more_groups: report.has_more_groups,
            has_small_numbers: false,
            series: series
                .map(|step| UsageStepOut {
                    starts_at: moment(step.starts_at),
                    numbers: (&step.totals).into(),
                    group: step.group.into(),
                })
                .collect(),
        }
    }

    /// The same, saying whether numbers were left out.
    pub(super) fn without_small_numbers(mut self, has_small_numbers: bool) -> Self {
        self.has_small_numbers = has_small_numbers;
        self
    }

    /// The series as CSV (RFC 4180): a header, then a line for each step and group. Columns stay where they are, whatever is
    /// asked; what is not told apart is empty.
    pub(super) fn to_csv(&self) -> String {
        let mut csv = String::from(
            "starts_at,dataset,operation,class,status,plan,requests,units,bytes,errors,denied,cached,not_modified,own_use,\
             mean_latency_micros,p50_micros,p95_micros,p99_micros\r\n",
        );
        for step in &self.series {
            let UsageStepOut { starts_at, group, numbers } = step;
            let text = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = write!(
                csv,
                "{starts_at},{},{},{},{},{},{},{},{},{},{},{},{},{},{},",
                text(&group.dataset),
                text(&group.operation),
                text(&group.class),
                text(&group.status),
                text(&group.plan),
                numbers.requests,
                numbers.units,
                numbers.bytes,
                numbers.errors,
                numbers.denied,
                numbers.cached,
                numbers.not_modified,
                numbers.own_use,
                numbers.mean_latency_micros,
            );
            let _ = match numbers.latency {
                Some(known) => {
                    writeln_crlf(&mut csv, &format!("{},{},{}", known.p50_micros, known.p95_micros, known.p99_micros))
                }
                None => writeln_crlf(&mut csv, ",,"),
            };
        }
        csv
    }
}

fn writeln_crlf(csv: &mut String, text: &str) -> std::fmt::Result {
    csv.write_str(text)?;
    csv.write_str("\r\n")
}

/// A field of CSV: in quotes when it must be (RFC 4180, section 2).
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A moment of so many seconds since 1970.
pub(super) fn moment(secs: i64) -> Timestamp {
    Timestamp::from_micros(0).plus_secs(secs)
}

#[cfg(test)]
mod tests {
    use fairground_catalog::usage::{UsageRow, UsageStep};

    use super::*;

    #[test]
    fn json_and_csv_tell_the_same() {
        let mut totals =
            UsageTotals { requests: 2, units: 3, bytes: 40, latency_micros: 500, ..UsageTotals::default() };
        totals.latency.add(200);
        totals.latency.add(300);
        let group = Group { operation: Some("list \"rows\", all".to_owned()), status: Some(2), ..Group::default() };
        let report = UsageReport {
            total: totals.clone(),
            groups: vec![UsageRow { group: group.clone(), totals: totals.clone() }],
            has_more_groups: false,
            series: vec![UsageStep { starts_at: 86_400, group, totals }],
        };
        let out = UsageOut::new(None, Period::Day, report);
        let json = serde_json::to_value(&out).expect("plain values");
        assert_eq!(json["series"][0]["status"], "2xx");
        assert_eq!(json["groups"][0]["requests"], 2);
        assert_eq!(json["total"]["mean_latency_micros"], 250);
        let csv = out.to_csv();
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines.len(), 3, "{csv}");
        assert!(lines[1].starts_with("1970-01-02T00:00:00"), "{csv}");
        assert!(lines[1].contains(",\"list \"\"rows\"\", all\",,2xx,,2,3,40,0,0,0,0,0,250,"), "{csv}");
        let fields = |line: &str| line.replace("\"list \"\"rows\"\", all\"", "x").split(',').count();
        assert_eq!(fields(lines[0]), fields(lines[1]));
    }
}

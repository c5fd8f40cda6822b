//! What may be asked of usage.

use actix_web::HttpRequest;
use actix_web::http::header;
use fairground_catalog::usage::{GroupBy, Period, UsageQuery, Whose};
use fairground_domain::Timestamp;
use utoipa::IntoParams;

use crate::query::{FromQuery, QueryReader};

/// Most steps of a series.
const MAX_STEPS: u64 = 1_500;
/// Steps of a series when the caller has no wish.
const DEFAULT_STEPS: usize = 100;
const PERIODS: [(&str, Period); 3] = [("minute", Period::Minute), ("hour", Period::Hour), ("day", Period::Day)];
const FORMS: [(&str, UsageForm); 2] = [("json", UsageForm::Json), ("csv", UsageForm::Csv)];

/// How usage is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsageForm {
    Json,
    Csv,
}

/// What may be asked of usage.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(super) struct UsageParams {
    /// The steps of the series: `day` (default), `hour` (kept for 90 days) or `minute` (kept for 7 days).
    period: Option<String>,
    /// From this day or moment on.
    from: Option<String>,
    /// To before this day or moment.
    to: Option<String>,
    /// The newest so many steps.
    #[param(minimum = 1, maximum = 1500, default = 100)]
    limit: Option<u64>,
    /// Told apart by `dataset`, `operation`, `class`, `status`, `plan`; several, separated by commas. Datasets not by minute.
    groupby: Option<String>,
    /// `json` (default) or `csv`; also by `Accept: text/csv`.
    format: Option<String>,
}

/// The same, read.
#[derive(Debug, Clone, Copy)]
pub(super) struct UsageAsked {
    pub(super) period: Period,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) limit: usize,
    pub(super) group_by: GroupBy,
    form: Option<UsageForm>,
}

impl FromQuery for UsageAsked {
    fn from_query(query: &mut QueryReader) -> Self {
        let asked = Self {
            period: query.choice("period", &PERIODS).unwrap_or(Period::Day),
            from: bound(query, "from"),
            to: bound(query, "to"),
            limit: query
                .number("limit", 1..=MAX_STEPS)
                .and_then(|limit| usize::try_from(limit).ok())
                .unwrap_or(DEFAULT_STEPS),
            group_by: group_by(query),
            form: query.choice("format", &FORMS),
        };
        if asked.from.zip(asked.to).is_some_and(|(from, to)| from > to) {
            query.fault("to", "Must not be before `from`.");
        }
        asked
    }
}

impl UsageAsked {
    pub(super) fn of(&self, whose: Whose) -> UsageQuery {
        let Self { period, from, to, limit, group_by, .. } = *self;
        UsageQuery { whose, from, to, period, group_by, limit }
    }

    /// As the query says, else as `Accept` prefers.
    pub(super) fn form(&self, req: &HttpRequest) -> UsageForm {
        self.form.unwrap_or_else(|| {
            let accept = req.headers().get(header::ACCEPT).and_then(|field| field.to_str().ok()).unwrap_or_default();
            if accept.trim_start().starts_with("text/csv") { UsageForm::Csv } else { UsageForm::Json }
        })
    }
}

fn group_by(query: &mut QueryReader) -> GroupBy {
    let mut by = GroupBy::default();
    for word in query.list("groupby") {
        match word.as_str() {
            "dataset" => by.dataset = true,
            "operation" => by.operation = true,
            "class" => by.class = true,
            "status" => by.status = true,
            "plan" => by.plan = true,
            _ => query.fault("groupby", "Must be of dataset, operation, class, status and plan."),
        }
    }
    by
}

fn bound(query: &mut QueryReader, name: &'static str) -> Option<i64> {
    let text = query.text(name)?;
    let moment = Timestamp::lenient(&text);
    if moment.is_none() {
        query.fault(name, "Must be a day or a moment, such as 2026-03-01 or 2026-03-01T12:00:00Z.");
    }
    moment.map(Timestamp::as_secs)
}

//! What use is made of an agency's datasets: for its own people, and never of one caller.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::usage::{self, SMALLEST_GROUP, UsageReport, UsageTotals, Whose, fold_small};
use fairground_catalog::{CatalogError, publisher};
use serde::Deserialize;
use utoipa::IntoParams;

use super::ask::{UsageAsked, UsageParams};
use super::handlers::answer;
use super::wire::UsageOut;
use crate::caller::{Caller, SeeHarvests, Then};
use crate::problem::Problem;
use crate::query::Query;
use crate::state::ApiState;

/// A publisher.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PublisherPath {
    /// The publisher's id or slug.
    publisher: String,
}

/// What use was made of a publisher's datasets: for its own people and for operators.
///
/// Groups and steps behind which there are fewer than five callers are left out, and with them the smallest of the others, so
/// that nobody finds them by subtraction; what is told in all holds them. Where fewer than five callers are behind
/// everything, all numbers are 0. `has_small_numbers` says that something was left out.
#[utoipa::path(tag = "usage", params(PublisherPath, UsageParams), security(("session" = [])),
               responses((status = OK, content((UsageOut = "application/json"), (String = "text/csv"))), Problem))]
#[get("/publishers/{publisher}/usage")]
pub(super) async fn get_publisher_usage(
    path: Path<PublisherPath>,
    caller: Then<Caller<SeeHarvests>, Query<UsageAsked>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(asked)) = caller;
    let name = path.into_inner().publisher;
    let account = caller.into_account();
    let out = state
        .read(move |tx| {
            let home = publisher::get(tx, &name)?.publisher.id;
            if !account.works_for(Some(home)) {
                return Err(CatalogError::not_found("publisher", name));
            }
            let report = usage::report(tx, &asked.of(Whose::Publisher(home)))?;
            let (report, has_small) = discreet(report);
            Ok(UsageOut::new(None, asked.period, report).without_small_numbers(has_small))
        })
        .await?;
    answer(&req, &out, asked.form(&req))
}

/// The same report without small numbers, and whether there were any.
fn discreet(report: UsageReport) -> (UsageReport, bool) {
    let UsageReport { total, groups, has_more_groups, series } = report;
    let groups = fold_small(groups, SMALLEST_GROUP, |row| &row.totals);
    let steps = fold_small(series, SMALLEST_GROUP, |step| &step.totals);
    let is_small = total.requests > 0 && total.callers_at_least() < SMALLEST_GROUP;
    let has_small = is_small || groups.folded.is_some() || steps.folded.is_some();
    let total = if is_small { UsageTotals::default() } else { total };
    (UsageReport { total, groups: groups.told, has_more_groups, series: steps.told }, has_small)
}

#[cfg(test)]
mod tests {
    use fairground_catalog::usage::{Group, UsageRow, UsageStep};

    use super::*;

    fn totals(requests: i64, parties: i64) -> UsageTotals {
        UsageTotals { requests, parties, ..UsageTotals::default() }
    }

    #[test]
    fn what_is_left_out_cannot_be_found_by_subtraction() {
        let group = |name: &str, requests, parties| UsageRow {
            group: Group { dataset: Some(name.to_owned()), ..Group::default() },
            totals: totals(requests, parties),
        };
        let step = |starts_at, requests, parties| UsageStep {
            starts_at,
            group: Group::default(),
            totals: totals(requests, parties),
        };
        let report = UsageReport {
            total: totals(111, 9),
            groups: vec![group("a", 100, 9), group("b", 10, 7), group("c", 1, 1)],
            has_more_groups: false,
            series: vec![step(0, 55, 6), step(86_400, 56, 7)],
        };
        let (told, has_small) = discreet(report);
        assert!(has_small);
        assert_eq!((told.total.requests, told.groups.len(), told.series.len()), (111, 1, 2));
        let (told, _) = discreet(UsageReport { total: totals(3, 2), ..UsageReport::default() });
        assert_eq!(told.total, UsageTotals::default());
    }
}

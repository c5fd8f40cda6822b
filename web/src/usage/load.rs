//! Showing usage.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::account::Role;
use fairground_catalog::application::{self, Application, Owner};
use fairground_catalog::usage::{
    self, GroupBy, Period, SMALLEST_GROUP, UsageQuery, UsageReport, UsageTotals, Whose, fold_small,
};
use fairground_catalog::{CatalogError, Tx, dataset, publisher};
use fairground_domain::ApplicationId;
use url::form_urlencoded;

use super::chart::step;
use super::{AlertsForm, By, Chart, Latency, Lines, Numbers, UsageLine, UsagePage, UsagePageView};
use crate::developer::Holder;
use crate::layout::{PageError, Place, Visit, answer_private_page};
use crate::words::Later;

/// Steps that a page shows.
const STEPS: usize = 100;
/// Groups that a page shows.
const GROUPS: usize = 100;

/// What the address asks for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    period: Period,
    by: By,
}

impl Asked {
    fn of(visit: &Visit) -> Self {
        let value = |name: &str| {
            form_urlencoded::parse(visit.request.query_string().as_bytes())
                .find(|(field, _)| field == name)
                .map(|(_, value)| value.into_owned())
        };
        let period = value("period").and_then(|text| Period::ALL.into_iter().find(|known| known.as_str() == text));
        let by = value("by").and_then(|text| By::ALL.into_iter().find(|known| known.as_str() == text));
        Self { period: period.unwrap_or(Period::Day), by: by.unwrap_or(By::Operation) }
    }

    /// The steps of the series, which are not told apart, and the groups, which have no steps.
    fn queries(self, whose: Whose) -> [UsageQuery; 2] {
        let group_by = GroupBy {
            dataset: self.by == By::Dataset,
            operation: self.by == By::Operation,
            status: self.by == By::Status,
            class: self.by == By::Class,
            ..GroupBy::default()
        };
        let steps =
            UsageQuery { whose, from: None, to: None, period: self.period, group_by: GroupBy::default(), limit: STEPS };
        [steps, UsageQuery { group_by, limit: 0, ..steps }]
    }
}

/// Shows what use an application made, to its owner and to operators.
pub(crate) async fn show_application_usage(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_application(&visit, &id).await;
    visit.finish(Place::Developers, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &UsagePageView { frame, page })
    })
}

async fn load_application(visit: &Visit, id: &str) -> Result<UsagePage, PageError> {
    let holder = Holder::must(visit).await?;
    let sees_all = visit.signed_in.as_ref().is_some_and(|signed_in| signed_in.account.role == Role::Operator);
    let id: ApplicationId = id.parse().map_err(|_| PageError::NotFound)?;
    let asked = Asked::of(visit);
    visit
        .read(move |tx| {
            let application = visible_application(tx, &holder.owner, sees_all, id)?;
            let (report, groups) = reports(tx, asked, Whose::Party(application.number))?;
            let mut page = page(tx, asked, report, groups)?;
            page.title = Later::key("usage-title").with("name", &application.name);
            page.path = format!("/developers/applications/{}/usage", application.id);
            if holder.owner.owns(&application) {
                let email = application.organisation_id.is_none().then(|| application.email.clone());
                let alerts = application::get_alerts(tx, &application)?;
                page.alerts = Some(AlertsForm::new(application.id, holder.csrf, alerts, email));
            }
            page.back = (format!("/developers/applications/{}", application.id), Later::plain(application.name));
            page.api = format!("/api/v1/usage?application={}&period={}", application.id, asked.period.as_str());
            Ok(page)
        })
        .await
}

/// An application of the reader's; operators see any. Others are not there.
fn visible_application(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sees_all: bool,
    id: ApplicationId,
) -> Result<Application, CatalogError> {
    let application = application::get(tx, id)?;
    if sees_all || owner.owns(&application) { Ok(application) } else { Err(CatalogError::not_found("application", id)) }
}

/// Shows what use was made of an agency's datasets, to its own people; operators name the publisher.
pub(crate) async fn show_agency_usage(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let loaded = load_agency(&visit, &slug).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &UsagePageView { frame, page })
    })
}

async fn load_agency(visit: &Visit, slug: &str) -> Result<UsagePage, PageError> {
    let account = visit.staff()?.account.clone();
    let slug = slug.to_owned();
    let mut asked = Asked::of(visit);
    if asked.period == Period::Minute {
        asked.period = Period::Hour;
    }
    visit
        .read(move |tx| {
            let home = publisher::get(tx, &slug)?.publisher;
            if !account.works_for(Some(home.id)) {
                return Err(CatalogError::not_found("publisher", slug));
            }
            let (report, groups) = reports(tx, asked, Whose::Publisher(home.id))?;
            let (report, groups, has_small_numbers) = discreet(report, groups);
            let mut page = page(tx, asked, report, groups)?;
            page.title = Later::key("usage-agency-title").with("name", &home.name);
            page.path = format!("/workspace/publishers/{}/usage", home.slug);
            page.back = ("/workspace".to_owned(), Later::key("layout-workspace"));
            page.api = format!("/api/v1/publishers/{}/usage?period={}", home.slug, asked.period.as_str());
            page.is_agency = true;
            page.has_small_numbers = has_small_numbers;
            Ok(page)
        })
        .await
}

fn reports(tx: &mut Tx<'_>, asked: Asked, whose: Whose) -> Result<(UsageReport, UsageReport), CatalogError> {
    let [steps, groups] = asked.queries(whose);
    Ok((usage::report(tx, &steps)?, usage::report(tx, &groups)?))
}

/// Without small numbers, as the API tells it; and whether there were any.
fn discreet(report: UsageReport, groups: UsageReport) -> (UsageReport, UsageReport, bool) {
    let steps = fold_small(report.series, SMALLEST_GROUP, |step| &step.totals);
    let told = fold_small(groups.groups, SMALLEST_GROUP, |row| &row.totals);
    let is_small = report.total.requests > 0 && report.total.callers_at_least() < SMALLEST_GROUP;
    let has_small = is_small || steps.folded.is_some() || told.folded.is_some();
    let total = if is_small { UsageTotals::default() } else { report.total };
    let report = UsageReport { total, series: steps.told, ..UsageReport::default() };
    (report, UsageReport { groups: told.told, ..UsageReport::default() }, has_small)
}

fn page(tx: &mut Tx<'_>, asked: Asked, report: UsageReport, groups: UsageReport) -> Result<UsagePage, CatalogError> {
    let calls: Vec<(i64, i64)> = report.series.iter().map(|step| (step.starts_at, step.totals.requests)).collect();
    let troubles: Vec<(i64, i64)> = report
        .series
        .iter()
        .map(|step| (step.starts_at, step.totals.errors.saturating_add(step.totals.denied)))
        .collect();
    let times: Vec<(i64, Latency)> =
        report.series.iter().filter_map(|step| Some((step.starts_at, Latency::of(&step.totals)?))).collect();
    let mut lines = Vec::new();
    for row in groups.groups.iter().take(GROUPS) {
        let label = asked.by.label(&row.group);
        let (label, href) =
            if asked.by == By::Dataset { dataset_label(tx, &label)? } else { (Later::plain(label), None) };
        lines.push(UsageLine { label, href, numbers: (&row.totals).into() });
    }
    Ok(UsagePage {
        title: Later::plain(""),
        back: (String::new(), Later::plain("")),
        path: String::new(),
        period: asked.period,
        by: asked.by,
        total: Numbers::from(&report.total),
        chart: Chart::of(&calls, asked.period),
        troubles: Chart::of(&troubles, asked.period),
        times: Lines::of(&times, asked.period),
        steps: report
            .series
            .iter()
            .rev()
            .map(|known| UsageLine {
                label: Later::plain(step(known.starts_at, asked.period)),
                href: None,
                numbers: (&known.totals).into(),
            })
            .collect(),
        groups: lines,
        api: String::new(),
        is_agency: false,
        has_small_numbers: false,
        alerts: None,
    })
}

/// A dataset's name and page; its bare id when it is no longer public.
fn dataset_label(tx: &mut Tx<'_>, id: &str) -> Result<(Later, Option<String>), CatalogError> {
    if id.is_empty() {
        return Ok((Later::key("usage-no-dataset"), None));
    }
    match dataset::get_public(tx, id) {
        Ok(known) => Ok((Later::plain(known.slug.to_string()), Some(format!("/datasets/{}", known.slug)))),
        Err(CatalogError::NotFound { .. } | CatalogError::Withdrawn { .. }) => Ok((Later::plain(id), None)),
        Err(error) => Err(error),
    }
}

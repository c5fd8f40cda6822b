//! What is to be mended: findings in pages and as files of any length, each record beside what it came from and what it became,
//! and the published catalogue of rules.

use std::collections::VecDeque;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::harvest::{self, HarvestRecord, Outcome, RecordFilter};
use fairground_catalog::member::Actor;
use fairground_catalog::source;
use fairground_domain::{DatasetDraft, FINDING_RULES, Finding, FindingRule, JobId, Severity, find_finding_rule};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::jobs::{JobPath, visible_job};
use super::wire::{FieldChangesOut, RecordOut};
use crate::answer::{Freshness, Rendered};
use crate::caller::{Caller, SeeHarvests};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// Records read at once for a file: what a download holds in memory.
const RECORDS_AT_ONCE: i64 = 500;
/// Bytes of a raw record that are told; longer ones are cut.
const MOST_RAW_BYTES: usize = 1024 * 1024;
/// The first line of the file.
const CSV_HEAD: &str = "record,key,title,outcome,dataset,severity,rule,path,message,what_to_do\r\n";

/// Which findings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct FindingsParams {
    /// Only of this rule; `GET /api/v1/finding-rules` lists them.
    rule: Option<String>,
    /// Only of this gravity: `error` or `warning`.
    severity: Option<String>,
    /// Only of records with this outcome.
    outcome: Option<String>,
}

/// Which findings, as a value.
#[derive(Debug, Clone, Default)]
struct Wanted {
    rule: Option<String>,
    severity: Option<Severity>,
    outcome: Option<Outcome>,
}

impl FromQuery for Wanted {
    fn from_query(query: &mut QueryReader) -> Self {
        let rule = query.text("rule");
        if rule.as_deref().is_some_and(|rule| find_finding_rule(rule).is_none()) {
            query.fault("rule", "Not one of the published rules: see /api/v1/finding-rules.");
        }
        let severities = [("error", Severity::Error), ("warning", Severity::Warning)];
        let outcomes = Outcome::ALL.map(|outcome| (outcome.as_str(), outcome));
        Self { rule, severity: query.choice("severity", &severities), outcome: query.choice("outcome", &outcomes) }
    }
}

impl Wanted {
    fn filter(&self, after: Option<i64>) -> RecordFilter {
        RecordFilter { outcome: self.outcome, after, with_findings: true, rule: self.rule.clone() }
    }

    fn takes(&self, finding: &Finding) -> bool {
        self.rule.as_ref().is_none_or(|rule| *rule == finding.rule)
            && self.severity.is_none_or(|severity| severity == finding.severity)
    }
}

/// A finding and the record that it is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RecordFindingOut {
    /// The record's place in the source, from 0.
    record: i64,
    /// Its identity within the source; empty when it has none.
    key: String,
    /// Its title, as far as there is one.
    title: String,
    /// What became of it.
    outcome: &'static str,
    /// The dataset that it became, changed or confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset_id: Option<String>,
    /// `error`: the record is refused; `warning`: it is kept.
    severity: &'static str,
    /// The rule's id.
    rule: String,
    /// Where in the source's own record.
    path: String,
    /// What is wrong.
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "str::is_empty")]
    what_to_do: &'static str,
}

fn flat(record: HarvestRecord, wanted: &Wanted) -> Vec<RecordFindingOut> {
    let mut findings = record.findings;
    findings.retain(|finding| wanted.takes(finding));
    let dataset_id = record.dataset_id.map(|id| id.to_string());
    findings
        .into_iter()
        .map(|finding| RecordFindingOut {
            record: record.seq,
            key: record.key.clone(),
            title: record.title.clone(),
            outcome: record.outcome.as_str(),
            dataset_id: dataset_id.clone(),
            severity: severity_of(finding.severity),
            what_to_do: find_finding_rule(&finding.rule).map_or("", |rule| rule.remedy),
            rule: finding.rule,
            path: finding.path,
            message: finding.message,
        })
        .collect()
}

const fn severity_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Which findings, a page at a time.
#[derive(Debug)]
pub(super) struct FindingsQuery {
    wanted: Wanted,
    page: PageQuery,
}

impl FromQuery for FindingsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { wanted: Wanted::from_query(query), page: PageQuery::from_query(query) }
    }
}

/// Findings of a job by the records' places in the source. A page holds the findings of up to `limit` records.
#[utoipa::path(tag = "harvests", params(JobPath, FindingsParams, PageParams),
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<RecordFindingOut>), Problem))]
#[get("/jobs/{job}/findings")]
pub(super) async fn list_job_findings(
    caller: Caller<SeeHarvests>,
    path: Path<JobPath>,
    query: Query<FindingsQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(FindingsQuery { wanted, page }) = query;
    let (actor, id) = (caller.worker(), path.id()?);
    let filter = wanted.filter(page.after.as_deref().and_then(|seq| seq.parse().ok()));
    let limit = page.wanted();
    let found = state
        .read(move |tx| {
            let job = visible_job(tx, &actor, id)?;
            harvest::list_records(tx, job.id, &filter, limit)
        })
        .await?;
    let (records, next) = page.cut(found, |record| record.seq.to_string());
    let items: Vec<RecordFindingOut> = records.into_iter().flat_map(|record| flat(record, &wanted)).collect();
    page::answer(items, next, Freshness::Private, &req)
}

/// A job and a form of its findings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct FindingsPath {
    /// The job's id.
    job: String,
    /// `csv` or `ndjson`.
    format: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Ndjson,
}

/// All findings of a job as a file, however many there are.
#[utoipa::path(tag = "harvests", params(FindingsPath, FindingsParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, content((String = "text/csv"), (String = "application/x-ndjson"))), Problem))]
#[get("/jobs/{job}/findings.{format}")]
pub(super) async fn export_job_findings(
    caller: Caller<SeeHarvests>,
    path: Path<FindingsPath>,
    query: Query<Wanted>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(wanted) = query;
    let actor = caller.worker();
    let path = path.into_inner();
    let form = match path.format.as_str() {
        "csv" => Form::Csv,
        "ndjson" => Form::Ndjson,
        _ => return Err(Problem::new(ProblemKind::NotFound).detail("Findings are told as csv and ndjson.")),
    };
    let id: JobId = path.job.parse().map_err(|_| Problem::not_found("job"))?;
    let mut lines = Lines { state, actor, job: id, wanted, form, after: None, over: false };
    // The first stretch is read before anything is said, so that what fails at once is told as a problem.
    let first = lines.next_stretch().await?.unwrap_or_default();
    let (content_type, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Form::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let head = if form == Form::Csv { CSV_HEAD.to_owned() + &first } else { first };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"findings-{id}.{ending}\"")))
        .streaming(stream_of(head, lines)))
}

/// A file under way: it holds one stretch of records, and where the next one begins.
struct Lines {
    state: Data<ApiState>,
    actor: Actor,
    job: JobId,
    wanted: Wanted,
    form: Form,
    after: Option<i64>,
    over: bool,
}

impl Lines {
    /// The next lines; `None` when there are no more. Each stretch is a transaction of its own, and asks anew whether the
    /// caller may see the job.
    async fn next_stretch(&mut self) -> Result<Option<String>, Problem> {
        let (actor, job, filter) = (self.actor.clone(), self.job, self.wanted.filter(self.after));
        if self.over {
            return Ok(None);
        }
        let records = self
            .state
            .read(move |tx| {
                let job = visible_job(tx, &actor, job)?;
                harvest::list_records(tx, job.id, &filter, RECORDS_AT_ONCE)
            })
            .await?;
        self.over = i64::try_from(records.len()).unwrap_or(i64::MAX) < RECORDS_AT_ONCE;
        self.after = records.last().map(|record| record.seq).or(self.after);
        let mut text = String::new();
        for finding in records.into_iter().flat_map(|record| flat(record, &self.wanted)) {
            match self.form {
                Form::Csv => csv_line(&finding, &mut text),
                Form::Ndjson => {
                    text.push_str(&serde_json::to_string(&finding).map_err(Problem::internal)?);
                    text.push('\n');
                }
            }
        }
        Ok(Some(text))
    }
}

fn stream_of(head: String, lines: Lines) -> impl Stream<Item = Result<Bytes, Problem>> {
    let ready = VecDeque::from([head]);
    stream::try_unfold((ready, lines), |(mut ready, mut lines)| async move {
        loop {
            let text = match ready.pop_front() {
                Some(text) => text,
                None => match lines.next_stretch().await? {
                    Some(text) => text,
                    None => return Ok(None),
                },
            };
            // An empty piece would end nothing, but costs a frame.
            if !text.is_empty() {
                return Ok(Some((Bytes::from(text), (ready, lines))));
            }
        }
    })
}

fn csv_line(finding: &RecordFindingOut, into: &mut String) {
    let record = (finding.record + 1).to_string();
    let cells = [
        record.as_str(),
        &finding.key,
        &finding.title,
        finding.outcome,
        finding.dataset_id.as_deref().unwrap_or_default(),
        finding.severity,
        &finding.rule,
        &finding.path,
        &finding.message,
        finding.what_to_do,
    ];
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            into.push(',');
        }
        crate::transparency::csv::push_field(cell, into);
    }
    into.push_str("\r\n");
}

/// A record of a job.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RecordPath {
    /// The job's id.
    job: String,
    /// The record's place in the source, from 0.
    record: i64,
}

/// A record beside what it came from and what it became.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RecordViewOut {
    /// The record.
    record: RecordOut,
    /// As the source gave it; absent when it is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<RawOut>,
    /// What the catalogue holds of it; absent when it became nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    mapped: Option<MappedOut>,
}

/// A record as its source gave it. RDF is told as the N-Triples of the resource.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RawOut {
    /// Bytes of it.
    bytes: usize,
    /// Its text; bytes that are no UTF-8 are shown as `�`, and what goes beyond a MiB is cut.
    text: String,
    /// Whether it was cut.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

impl From<Vec<u8>> for RawOut {
    fn from(raw: Vec<u8>) -> Self {
        let cut = raw.len() > MOST_RAW_BYTES;
        let shown = raw.get(..MOST_RAW_BYTES).unwrap_or(&raw);
        Self { bytes: raw.len(), text: String::from_utf8_lossy(shown).into_owned(), cut }
    }
}

/// What a record became.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MappedOut {
    /// The dataset's id.
    dataset_id: String,
    /// Its readable address.
    slug: String,
    /// The version that the record became or confirmed.
    version: i32,
    /// Whether it is the version of now.
    is_current: bool,
    /// The document, as it is kept.
    #[schema(value_type = Object)]
    document: DatasetDraft,
}

/// A record of a harvest beside what it came from and what it became.
#[utoipa::path(tag = "harvests", params(RecordPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = RecordViewOut), Problem))]
#[get("/jobs/{job}/records/{record}")]
pub(super) async fn get_job_record(
    caller: Caller<SeeHarvests>,
    path: Path<RecordPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<RecordViewOut> {
    let (actor, path) = (caller.worker(), path.into_inner());
    let id: JobId = path.job.parse().map_err(|_| Problem::not_found("job"))?;
    let (record, raw, mapped) = state
        .read(move |tx| {
            let job = visible_job(tx, &actor, id)?;
            let record = source::get_record(tx, job.id, path.record)?;
            let (raw, mapped) = (source::raw_of(tx, &record)?, source::mapped_of(tx, &record)?);
            Ok((record, raw, mapped))
        })
        .await?;
    Ok(Json(RecordViewOut {
        record: record.into(),
        raw: raw.map(RawOut::from),
        mapped: mapped.map(|mapped| MappedOut {
            dataset_id: mapped.dataset.to_string(),
            slug: mapped.slug,
            version: mapped.version,
            is_current: mapped.is_current,
            document: mapped.draft,
        }),
    }))
}

/// A rule that records of harvests are held to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FindingRuleOut {
    /// Its id, as findings carry it.
    id: &'static str,
    /// `error`: the record is refused; `warning`: it is kept.
    severity: &'static str,
    /// What is wrong, in a few words.
    title: &'static str,
    /// What it means, and what becomes of the record.
    meaning: &'static str,
    /// What to do about it.
    what_to_do: &'static str,
}

impl From<&FindingRule> for FindingRuleOut {
    fn from(rule: &FindingRule) -> Self {
        Self {
            id: rule.id,
            severity: severity_of(rule.severity),
            title: rule.title,
            meaning: rule.meaning,
            what_to_do: rule.remedy,
        }
    }
}

/// The rules that records of harvests are held to, by id: what each finding means and what to do about it.
#[utoipa::path(tag = "harvests", security((), ("api_key" = [])),
               responses((status = OK, body = Page<FindingRuleOut>), Problem))]
#[get("/finding-rules")]
pub(super) async fn list_finding_rules(_query: Query<NoParameters>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let items: Vec<FindingRuleOut> = FINDING_RULES.iter().map(FindingRuleOut::from).collect();
    Ok(Rendered::json(&Page { items, next: None }, Freshness::Revalidated)?.answer(&req))
}

/// What a dry run would have done, dataset by dataset and field by field.
#[utoipa::path(tag = "harvests", params(JobPath, PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<FieldChangesOut>), Problem))]
#[get("/jobs/{job}/changes")]
pub(super) async fn list_job_changes(
    caller: Caller<SeeHarvests>,
    path: Path<JobPath>,
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let (actor, id) = (caller.worker(), path.id()?);
    let (after, limit) = (page.after.as_deref().and_then(|seq| seq.parse().ok()), page.wanted());
    let found = state
        .read(move |tx| {
            let job = visible_job(tx, &actor, id)?;
            harvest::list_changes(tx, job.id, after, limit)
        })
        .await?;
    let (items, next) = page.cut(found, |(seq, _)| seq.to_string());
    let items: Vec<FieldChangesOut> = items.into_iter().map(|(_, change)| change.into()).collect();
    page::answer(items, next, Freshness::Private, &req)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_as_many_cells_as_the_head() {
        let finding = RecordFindingOut {
            record: 0,
            key: "a\"b".to_owned(),
            title: "=1+1".to_owned(),
            outcome: "refused",
            dataset_id: None,
            severity: "error",
            rule: "title-missing".to_owned(),
            path: "/title".to_owned(),
            message: "the record has no title".to_owned(),
            what_to_do: "Give it one.",
        };
        let mut line = String::new();
        csv_line(&finding, &mut line);
        let expected =
            "1,\"a\"\"b\",'=1+1,refused,,error,title-missing,/title,the record has no title,Give it one.\r\n";
        assert_eq!(line, expected);
        assert_eq!(CSV_HEAD.split(',').count(), 10);
    }
}

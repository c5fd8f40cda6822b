//! Everything that fits, at once: whole files with ranges where they are ready, streams otherwise.

use std::pin::Pin;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, get};
use fairground_domain::OperationClass;
use fairground_tables::query::plan::ExportPlan;
use fairground_tables::{
    ByteStream, ExportFormat, ExportOptions, Question as Asking, TablesError, WholeFile, WholeFormat,
};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use utoipa::IntoParams;

use super::directory::View;
use super::fields::{Fields, put_uncompressed};
use super::list::{TablePath, VersionParams, VersionQuery, find};
use super::ranges::Part;
use super::request::Question;
use super::wire::{EstimateOut, address};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::front::WasHead;
use crate::hot_path::ChargeMore;
use crate::problem::{Problem, ProblemKind};
use crate::query::Query;
use crate::state::ApiState;

/// How long the first piece is waited for, so that what fails at once is told as a problem and not as a broken file.
const FIRST_PIECE: Duration = Duration::from_secs(5);

/// A table and a format.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ExportPath {
    /// The table's id or slug.
    table: String,
    /// `csv`, `json`, `ndjson`, `geojson`, `parquet`, `arrow` or `xlsx`.
    format: String,
}

/// What may be asked of exports. Beside these, every column of the table is a parameter: `column=value`.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ExportParams {
    /// Which rows, as OGC CQL2 text.
    filter: Option<String>,
    /// Words that stand in the row's texts, all of them.
    q: Option<String>,
    /// Columns of the file, separated by commas; all when absent.
    properties: Option<String>,
    /// Columns to sort by, separated by commas; `-` before one turns it round.
    sortby: Option<String>,
    /// Rows at most; all when absent.
    limit: Option<u64>,
    /// CSV: put `'` before texts that spreadsheets take for formulas.
    safe: Option<bool>,
    /// CSV and XLSX: head columns by their titles in the source instead of their names.
    titles: Option<bool>,
    /// Answers what the export would come to, as JSON, instead of making it; costs as a call of the catalogue.
    estimate: Option<bool>,
    /// A version's number, or its snapshot's key.
    version: Option<String>,
}

/// Everything that fits, as a file.
///
/// The whole table as CSV (once it is indexed) and as Parquet is a file that is ready: it can be fetched in parts (`Range`, `If-Range`).
#[utoipa::path(tag = "tables", params(ExportPath, ExportParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, content(
                   (String = "text/csv"), (Vec<Object> = "application/json"), (String = "application/x-ndjson"),
                   (Object = "application/geo+json"), (String = "application/vnd.apache.parquet"),
                   (String = "application/vnd.apache.arrow.stream"),
                   (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
               (status = PARTIAL_CONTENT, description = "A part of the file"), (status = NOT_MODIFIED, description = "You have it"),
               (status = GONE, description = "Withdrawn"), (status = RANGE_NOT_SATISFIABLE, description = "No such part of the file"),
               (status = UNPROCESSABLE_ENTITY, description = "Not possible with this table, or too large for the format"), Problem))]
#[get("/tables/{table}/export.{format}")]
pub(super) async fn export_table(
    _caller: Anyone,
    path: Path<ExportPath>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let format = ExportFormat::from_extension(&path.format).ok_or_else(|| {
        let known: Vec<&str> = ExportFormat::ALL.into_iter().map(ExportFormat::extension).collect();
        Problem::new(ProblemKind::NotFound)
            .detail(format!("There is no such export. Formats are {}.", known.join(", ")))
    })?;
    let mut question = Question::of_query(req.query_string())?;
    let options = ExportOptions {
        safe_csv: format == ExportFormat::Csv && question.flag("safe"),
        titles: matches!(format, ExportFormat::Csv | ExportFormat::Xlsx) && question.flag("titles"),
    };
    let estimate = question.flag("estimate");
    let view = find(&state, &req, &path.table, question.asked()).await?;
    let plan = question.export(&view.snapshot)?;
    let export = Export { view: &view, plan: &plan.plan, format, options };
    if estimate {
        return export.estimate(&state, &req).await;
    }
    let flags = [u8::from(export.options.safe_csv), u8::from(export.options.titles)];
    let fields = Fields::of(
        &view,
        question.pinned(),
        &[b"export", format.extension().as_bytes(), &flags, plan.canonical.as_bytes()],
    );
    if let Some(answer) = fields.not_modified(&req) {
        return Ok(answer);
    }
    export.answer(&state, &req, fields).await
}

/// Whether an address asks for an estimate only: then it costs as a call of the catalogue.
pub(crate) fn asks_for_estimate(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "estimate" && value == "true")
}

struct Export<'a> {
    view: &'a View,
    plan: &'a ExportPlan,
    format: ExportFormat,
    options: ExportOptions,
}

impl Export<'_> {
    async fn answer(&self, state: &ApiState, req: &HttpRequest, fields: Fields) -> Result<HttpResponse, Problem> {
        let tables = state.tables()?;
        let mut answer = HttpResponse::Ok();
        answer
            .insert_header((header::CONTENT_TYPE, self.format.media_type()))
            .insert_header((header::CONTENT_DISPOSITION, self.disposition()));
        if let Some(whole) = self.whole_format()
            && let Some(file) = tables.whole_file(self.view.snapshot.key, whole).await?
        {
            return Ok(of_file(req, &file, &fields, answer, self.format));
        }
        let open = state.open_snapshot(self.view.snapshot.key).await?;
        fields.put(&mut answer);
        answer.insert_header((header::ACCEPT_RANGES, HeaderValue::from_static("none")));
        if is_packed(self.format) {
            put_uncompressed(&mut answer);
        }
        if is_head(req) {
            return Ok(answer.finish());
        }
        ChargeMore::for_work(req, self.work()).await?;
        let pieces = tables.export(&open, self.plan, self.format, &self.options).await?;
        Ok(answer.streaming(begun(pieces).await?))
    }

    /// Rows that are looked through, at most.
    fn work(&self) -> u64 {
        self.view.snapshot.rows.min(self.plan.limit.unwrap_or(u64::MAX))
    }

    /// The file that is this export, if it is a whole one.
    ///
    /// Such a file is handed out as it is, for the unit cost alone.
    fn whole_format(&self) -> Option<WholeFormat> {
        if !self.plan.is_whole(self.view.snapshot.columns.len()) || self.options != ExportOptions::default() {
            return None;
        }
        match self.format {
            ExportFormat::Csv => Some(WholeFormat::Csv),
            ExportFormat::Parquet => Some(WholeFormat::Parquet),
            _ => None,
        }
    }

    /// A file name that says what it is: the table's address and version.
    fn disposition(&self) -> String {
        let stem = &self.view.table.slug;
        format!("attachment; filename=\"{stem}-v{}.{}\"", self.view.version, self.format.extension())
    }

    async fn estimate(&self, state: &ApiState, req: &HttpRequest) -> Result<HttpResponse, Problem> {
        let open = state.open_snapshot(self.view.snapshot.key).await?;
        let found = state.tables()?.estimate(&open, Asking::Export(self.plan, self.format));
        let own = address(&self.view.table.id.to_string());
        let hint = (self.whole_format().is_none() && found.bytes > self.view.snapshot.parquet_bytes)
            .then(|| format!("{own}/export.parquet"));
        let out = EstimateOut {
            rows: found.rows,
            bytes: found.bytes,
            units: u64::from(if self.whole_format().is_some() {
                state.gate.unit_cost(OperationClass::Export)
            } else {
                state.gate.units(OperationClass::Export, self.work())
            }),
            snapshot: self.view.snapshot.key.to_string(),
            hint,
        };
        Ok(Rendered::json(&out, Freshness::Revalidated)?.answer(req))
    }
}

/// Whether the format is compressed in itself.
const fn is_packed(format: ExportFormat) -> bool {
    matches!(format, ExportFormat::Parquet | ExportFormat::Xlsx | ExportFormat::Arrow)
}

fn is_head(req: &HttpRequest) -> bool {
    req.extensions().contains::<WasHead>()
}

/// A file that is ready, whole or in part.
fn of_file(
    req: &HttpRequest,
    file: &WholeFile,
    fields: &Fields,
    mut answer: HttpResponseBuilder,
    format: ExportFormat,
) -> HttpResponse {
    fields.put(&mut answer);
    answer.insert_header((header::ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    let length = file.length();
    let range = match Part::asked(req.headers(), length, fields.etag(), fields.last_modified()) {
        Part::Whole => {
            if is_packed(format) || is_head(req) {
                put_uncompressed(&mut answer);
            }
            0..length
        }
        Part::Bytes(range) => {
            put_uncompressed(&mut answer);
            let told = format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1));
            answer.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, told));
            range
        }
        Part::Beyond => {
            let problem = Problem::new(ProblemKind::RangeNotSatisfiable);
            let told = HeaderValue::try_from(format!("bytes */{length}"));
            let problem = match told {
                Ok(told) => problem.header(header::CONTENT_RANGE, told),
                Err(_) => problem,
            };
            return HttpResponse::from_error(problem);
        }
    };
    let asked = range.end - range.start;
    if is_head(req) {
        return answer.body(SizedStream::new(asked, stream::empty::<Result<Bytes, TablesError>>()));
    }
    answer.body(SizedStream::new(asked, file.stream(range).map(said)))
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, Broken>>>>;

/// An export that broke off after its beginning: the answer is cut off, so that nobody takes it for whole.
#[derive(Debug, thiserror::Error)]
#[error("an export broke off")]
struct Broken(#[source] TablesError);

fn said(piece: Result<Bytes, TablesError>) -> Result<Bytes, Broken> {
    piece.map_err(|error| {
        tracing::warn!("An export broke off: {}", Problem::internal(error.to_string()).chain());
        Broken(error)
    })
}

/// The stream, once its first piece is there, or has been waited for long enough.
async fn begun(mut pieces: ByteStream) -> Result<Pieces, Problem> {
    match tokio::time::timeout(FIRST_PIECE, pieces.next()).await {
        Ok(Some(Ok(first))) => Ok(Box::pin(stream::iter([Ok(first)]).chain(pieces.map(said)))),
        Ok(Some(Err(error))) => Err(error.into()),
        Ok(None) => Ok(Box::pin(stream::empty())),
        Err(_) => Ok(Box::pin(pieces.map(said))),
    }
}

/// The rows of the file that could not be taken: CSV with line, reason and raw text.
#[utoipa::path(tag = "tables", params(TablePath, VersionParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "text/csv"), (status = NOT_MODIFIED, description = "You have it"),
               (status = GONE, description = "Withdrawn"), Problem))]
#[get("/tables/{table}/quarantine.csv")]
pub(super) async fn get_quarantine(
    _caller: Anyone,
    path: Path<TablePath>,
    query: Query<VersionQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(VersionQuery(asked)) = query;
    let view = find(&state, &req, &path.table, asked).await?;
    let fields = Fields::of(&view, asked, &[b"quarantine"]);
    if let Some(answer) = fields.not_modified(&req) {
        return Ok(answer);
    }
    let file = state.tables()?.whole_file(view.snapshot.key, WholeFormat::Quarantine).await?;
    let file = file.ok_or_else(|| {
        Problem::new(ProblemKind::NotFound).detail("Nothing was kept out: every row of the file is in the table.")
    })?;
    let name = format!("attachment; filename=\"{}-v{}-quarantine.csv\"", view.table.slug, view.version);
    let mut answer = HttpResponse::Ok();
    fields.put(&mut answer);
    answer
        .insert_header((header::CONTENT_TYPE, ExportFormat::Csv.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, name));
    if is_head(&req) {
        return Ok(answer.finish());
    }
    let length = file.length();
    Ok(answer.body(SizedStream::new(length, file.stream(0..length).map(said))))
}

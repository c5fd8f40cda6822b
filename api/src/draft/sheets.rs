//! A publisher's descriptions as one sheet: fetched, edited in a spreadsheet, sent back as drafts.

use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use fairground_catalog::dataset::{self, Among, Direction, Publication, Window};
use fairground_catalog::draft::{self, Draft, DraftContent};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{DatasetDraft, PublisherId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::handlers::find_publisher;
use super::sheet::{self, ROWS_MAX, Row, SHEET_BYTES_MAX};
use crate::body::RawBody;
use crate::caller::{Then, Worker};
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// Datasets that are read in one go.
const AT_ONCE: i64 = 200;

/// A publisher's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SheetPath {
    /// The publisher's id or slug.
    publisher: String,
}

/// The descriptions of a publisher's datasets that were made here, as a sheet (CSV): one row a dataset. What has an open draft shows
/// the draft. At most 2,000 rows, those changed last first.
#[utoipa::path(tag = "drafts", params(SheetPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = String, content_type = "text/csv"), Problem))]
#[get("/publishers/{publisher}/datasets.csv")]
pub(super) async fn export_sheet(
    caller: Worker,
    path: Path<SheetPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    let rows = state
        .read(move |tx| {
            let publisher = find_publisher(tx, &path.publisher)?;
            member::must_see(tx, &actor, publisher)?;
            rows_of(tx, &actor, publisher)
        })
        .await?;
    let text = sheet::write(&rows).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"datasets.csv\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(text))
}

fn rows_of(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
) -> Result<Vec<(String, String, DatasetDraft)>, CatalogError> {
    let (mut rows, mut after) = (Vec::new(), None);
    let among = Among::Publisher(publisher);
    loop {
        let page = dataset::list_by_change(tx, &among, Window::default(), Direction::NewestFirst, after, AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(last.place());
        for found in page {
            if found.provenance.is_some() || found.publication != Publication::Published {
                continue;
            }
            let open = draft::find_open(tx, actor, found.id)?;
            let seen = state_of(found.version, open.as_ref());
            let document = open.map_or(found.draft, |draft| draft.content.document);
            rows.push((found.slug.to_string(), seen, document));
            if rows.len() >= ROWS_MAX {
                return Ok(rows);
            }
        }
    }
}

/// What names the state of a dataset that a row shows: its version, and the revision of its open draft. No spreadsheet takes it
/// for a number.
fn state_of(version: i32, open: Option<&Draft>) -> String {
    match open {
        Some(draft) => format!("v{version}-r{}", draft.revision),
        None => format!("v{version}"),
    }
}

/// How a sheet is taken.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct SheetParams {
    /// Whether nothing is kept: only what would change is told.
    #[param(default = false)]
    dry_run: Option<bool>,
}

#[derive(Debug)]
pub(super) struct SheetQuery {
    dry_run: bool,
}

impl FromQuery for SheetQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { dry_run: query.choice("dry_run", &[("true", true), ("false", false)]).unwrap_or(false) }
    }
}

/// What became of a row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SheetRowOut {
    /// The line of the sheet.
    line: u64,
    /// The dataset, as the row names it.
    dataset: String,
    /// The draft that holds the changes; absent in a dry run, and where nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<String>,
    /// The columns whose fields changed.
    changed: Vec<String>,
}

/// What became of a sheet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SheetOut {
    /// Whether nothing was kept.
    dry_run: bool,
    /// Rows that change something.
    changed: usize,
    /// Rows that say what is there already.
    unchanged: usize,
    /// The rows that change something.
    items: Vec<SheetRowOut>,
}

/// Takes a sheet back: every row that changes something becomes a draft, or goes into the open one. All rows or none. Nothing is
/// public before those drafts are published. A row whose `revision` is not the dataset's any more is an `edit-conflict`, cell by cell
/// with both values; without that column the sheet writes over what is there.
#[utoipa::path(tag = "drafts", params(SheetPath, SheetParams), request_body(content = String, content_type = "text/csv"),
               security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = SheetOut), (status = UNPROCESSABLE_ENTITY, description = "Something is wrong with the sheet: `/LINE/COLUMN`"),
               (status = CONFLICT, description = "Somebody else changed what a row says, since the sheet was taken"), Problem))]
#[post("/publishers/{publisher}/datasets.csv")]
pub(super) async fn import_sheet(
    asked: Then<Worker, RawBody<SHEET_BYTES_MAX>>,
    query: Query<SheetQuery>,
    path: Path<SheetPath>,
    state: Data<ApiState>,
) -> Answer<SheetOut> {
    let Then(caller, RawBody(bytes)) = asked;
    let actor = caller.actor();
    let (writer, name) = (actor.clone(), path.into_inner().publisher);
    let publisher = state
        .read(move |tx| {
            let publisher = find_publisher(tx, &name)?;
            member::must_write(tx, &writer, publisher)?;
            Ok(publisher)
        })
        .await?;
    let invalid = |faults| Problem::new(ProblemKind::InvalidContent).errors(faults);
    let rows = sheet::read(&bytes).map_err(invalid)?;
    let dry_run = query.0.dry_run;
    let taking = Taking { actor, publisher, dry_run };
    let work = move |tx: &mut Tx<'_>| taking.take_all(tx, &rows);
    let taken = if dry_run { state.read(work).await } else { state.write(work).await };
    match taken? {
        Ok(out) => Ok(Json(out)),
        Err(Refused::Wrong(faults)) => Err(invalid(faults)),
        Err(Refused::Overtaken(faults)) => Err(Problem::new(ProblemKind::EditConflict).errors(faults)),
    }
}

/// A sheet that is taken.
struct Taking {
    actor: Actor,
    publisher: PublisherId,
    dry_run: bool,
}

/// What becomes of a sheet, or what is wrong with it.
type Taken = Result<SheetOut, Refused>;

/// Why a sheet, or a row of it, is not taken.
enum Refused {
    /// Cells cannot be read, or say what cannot be.
    Wrong(Vec<Fault>),
    /// Somebody else changed the dataset since the sheet was taken.
    Overtaken(Vec<Fault>),
}

impl Taking {
    fn take_all(&self, tx: &mut Tx<'_>, rows: &[Row]) -> Result<Taken, CatalogError> {
        let (mut items, mut faults, mut overtaken) = (Vec::new(), Vec::new(), Vec::new());
        // Looked at first and written afterwards, so that a sheet with a fault changes nothing.
        let mut planned = Vec::with_capacity(rows.len());
        for row in rows {
            match self.plan(tx, row)? {
                Ok(Some(plan)) => planned.push((row, plan)),
                Ok(None) => {}
                Err(Refused::Wrong(found)) => faults.extend(found),
                Err(Refused::Overtaken(found)) => overtaken.extend(found),
            }
        }
        if !faults.is_empty() {
            return Ok(Err(Refused::Wrong(faults)));
        }
        if !overtaken.is_empty() {
            return Ok(Err(Refused::Overtaken(overtaken)));
        }
        for (row, plan) in planned {
            let Plan { dataset, open, content, changed } = plan;
            let draft = if self.dry_run { None } else { Some(self.keep(tx, &dataset, open, content)?) };
            items.push(SheetRowOut {
                line: row.line,
                dataset: row.dataset.clone(),
                draft: draft.map(|draft| draft.id.to_string()),
                changed,
            });
        }
        let changed = items.len();
        Ok(Ok(SheetOut { dry_run: self.dry_run, changed, unchanged: rows.len() - changed, items }))
    }

    /// What a row would change; `None` when nothing.
    fn plan(&self, tx: &mut Tx<'_>, row: &Row) -> Result<Result<Option<Plan>, Refused>, CatalogError> {
        let fault = |problem: &str| Ok(Err(Refused::Wrong(vec![row.fault("dataset", problem.to_owned())])));
        let found = match dataset::get(tx, &row.dataset) {
            Ok(found) => found,
            Err(CatalogError::NotFound { .. }) => return fault("There is no such dataset of this publisher."),
            Err(other) => return Err(other),
        };
        if found.publisher.as_ref().is_none_or(|publisher| publisher.id != self.publisher) {
            return fault("There is no such dataset of this publisher.");
        }
        if found.provenance.is_some() {
            return fault("It is harvested: its source describes it.");
        }
        let open = draft::find_open(tx, &self.actor, found.id)?;
        if let Some(open) = &open
            && open.stage.must_be_open().is_err()
        {
            return fault("A draft of it is in review or approved: take that back first.");
        }
        let state = state_of(found.version, open.as_ref());
        let mut content = match &open {
            Some(open) => open.content.clone(),
            None => DraftContent { document: found.draft, ..DraftContent::default() },
        };
        if !row.seen.is_empty() && row.seen != state {
            let conflicts = row.conflicts(&content.document);
            return Ok(if conflicts.is_empty() { Ok(None) } else { Err(Refused::Overtaken(conflicts)) });
        }
        let changed = match row.apply(&mut content.document) {
            Ok(changed) => changed,
            Err(faults) => return Ok(Err(Refused::Wrong(faults))),
        };
        if changed.is_empty() {
            return Ok(Ok(None));
        }
        Ok(Ok(Some(Plan { dataset: found.slug.to_string(), open, content, changed })))
    }

    /// Saves what a row changes.
    fn keep(
        &self,
        tx: &mut Tx<'_>,
        dataset: &str,
        open: Option<Draft>,
        content: DraftContent,
    ) -> Result<Draft, CatalogError> {
        let (draft, content) = match open {
            Some(open) => (open, content),
            // A new version begins with more than the description, such as what is fetched again.
            None => {
                let begun = draft::begin_version(tx, &self.actor, dataset)?;
                let content = DraftContent { document: content.document, ..begun.content.clone() };
                (begun, content)
            }
        };
        draft::save(tx, &self.actor, draft.id, draft.revision, content)
    }
}

/// What a row changes.
struct Plan {
    dataset: String,
    open: Option<Draft>,
    content: DraftContent,
    changed: Vec<String>,
}

//! Files of drafts: uploaded, and what they suggest about themselves.
//!
//! The functions that are public here are what a page with a form calls as well: the whole way from a received file to a draft that
//! lists it, screened and judged.

use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use fairground_catalog::draft::{self, Draft, DraftContent, DraftFile, NewDraft, NewFile};
use fairground_catalog::gate::{self, Clearance, Report, Screening};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::suggest::{Suggested, Suggestions};
use fairground_domain::{
    DatasetDraft, DistributionId, DraftId, LanguageTag, PeriodOfTime, PublisherId, Slug, Snapshot,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::handlers::{DraftPath, RevisionQuery, draft_id, find_publisher};
use super::wire::DraftOut;
use crate::body::{Body, Checked};
use crate::caller::{Then, Worker};
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{self, NoParameters, Query};
use crate::state::ApiState;
use crate::upload::{Prepared, ReceivedFile, file_name, prepare, receive_body, receive_form};

/// A draft into which a file was put.
#[derive(Debug)]
pub struct UploadedTo {
    /// The draft.
    pub draft: Draft,
    /// What the file suggests about itself.
    pub suggestions: Suggestions,
    /// Whether the gate lets it pass.
    pub clearance: Clearance,
    /// What the screen found.
    pub report: Report,
}

/// A draft that was begun from a file.
#[derive(Debug)]
pub struct FromFile {
    /// The draft with the file in it.
    pub uploaded: UploadedTo,
    /// The fields that were filled from the file.
    pub filled: Vec<&'static str>,
}

/// What names the distribution of an uploaded file within its dataset.
fn distribution_of(dataset: fairground_domain::DatasetId, file_name: &str) -> DistributionId {
    DistributionId::derived(dataset, &format!("upload:{file_name}#0"))
}

/// Puts a received file into a draft: read as tables, screened, judged, listed as a distribution. The same name again takes the
/// earlier file's place.
///
/// # Errors
/// As [`draft::put_file`]; `InvalidContent` when it is no table, and as the tables say. Nothing has changed then.
pub async fn upload_to_draft(
    state: &ApiState,
    actor: &Actor,
    id: DraftId,
    revision: i32,
    received: ReceivedFile,
) -> Result<UploadedTo, Problem> {
    let (tables, reader, name) = (state.tables()?.clone(), actor.clone(), received.name.clone());
    let (language, repairs) = state
        .read(move |tx| {
            let draft = draft::get(tx, &reader, id)?;
            let distribution = distribution_of(draft.dataset, &name);
            let in_draft = gate::Subject::draft_file(id, &distribution.to_string());
            // What was ordered for the public file holds for its next version too.
            let ordered = match gate::repairs_of(tx, &in_draft)? {
                Some(ordered) => Some(ordered),
                None => gate::repairs_of(tx, &gate::Subject::file(distribution))?,
            };
            let language = draft.content.document.language.first().cloned();
            Ok((language, ordered.map(|(_, repairs)| repairs)))
        })
        .await?;
    let prepared = prepare(tables, received, language, repairs).await?;
    let actor = actor.clone();
    state.write(move |tx| put(tx, &actor, id, revision, prepared)).await
}

/// Puts a prepared file into a draft and has it judged, in one transaction.
pub(super) fn put(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    revision: i32,
    prepared: Prepared,
) -> Result<UploadedTo, CatalogError> {
    let suggestions = Suggestions::of(&prepared.received.name, &prepared.snapshots());
    let Prepared { received, tables, report, repairs } = prepared;
    let new = NewFile {
        file_name: received.name.clone(),
        bytes: received.bytes,
        source_hash: received.hash,
        media_type: received.media_type.clone(),
        tables,
    };
    let draft = draft::put_file(tx, actor, id, revision, new)?;
    let known = draft.files.iter().find(|file| file.uploaded && file.file_name == received.name);
    let file = known.ok_or_else(|| CatalogError::not_found("file", &received.name))?;
    let screening = Screening {
        subject: file.gate_subject(draft.id),
        dataset: draft.dataset,
        publisher: Some(draft.publisher.id),
        source: None,
        authors: draft.authors.clone(),
        name: file.file_name.clone(),
        whole: draft.base_version.is_none(),
        content: file.source_hash,
        report: report.clone(),
        waiting: None,
        repairs,
    };
    let clearance = gate::judge(tx, screening)?;
    Ok(UploadedTo { draft, suggestions, clearance, report })
}

/// What a draft that is begun from a file shall be.
#[derive(Debug, Clone)]
pub struct BeginFromFile {
    /// Whose it shall be.
    pub publisher: PublisherId,
    /// The address that it shall have; its title's without it.
    pub slug: Option<Slug>,
    /// The language of title, keywords and data; not said without it.
    pub language: Option<LanguageTag>,
}

/// Begins a draft from a received file: its description is filled with what the file suggests, and lists it.
///
/// # Errors
/// As [`draft::create`] and [`upload_to_draft`]. Nothing has changed then.
pub async fn begin_from_file(
    state: &ApiState,
    actor: &Actor,
    begin: BeginFromFile,
    received: ReceivedFile,
) -> Result<FromFile, Problem> {
    let (tables, writer, publisher) = (state.tables()?.clone(), actor.clone(), begin.publisher);
    state.read(move |tx| member::must_write(tx, &writer, publisher)).await?;
    let prepared = prepare(tables, received, begin.language.clone(), None).await?;
    let actor = actor.clone();
    state
        .write(move |tx| {
            let suggestions = Suggestions::of(&prepared.received.name, &prepared.snapshots());
            let mut document = DatasetDraft::default();
            document.language.extend(begin.language.clone());
            let language = begin.language.unwrap_or_else(LanguageTag::undetermined);
            let filled = suggestions.fill(&mut document, &language);
            let new = NewDraft { document: Some(document), slug: begin.slug, ..NewDraft::default() };
            let made = draft::create(tx, &actor, begin.publisher, new)?;
            let uploaded = put(tx, &actor, made.id, made.revision, prepared)?;
            Ok(FromFile { uploaded, filled })
        })
        .await
}

/// A suggested text and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SuggestedText {
    /// The text.
    value: String,
    /// Why.
    because: String,
}

impl From<Suggested<String>> for SuggestedText {
    fn from(it: Suggested<String>) -> Self {
        Self { value: it.value, because: it.because }
    }
}

/// A suggested period and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SuggestedPeriod {
    /// Its first day or moment.
    start: Option<String>,
    /// Its last.
    end: Option<String>,
    /// Why.
    because: String,
}

/// A suggested area and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SuggestedArea {
    /// West, south, east, north in degrees.
    #[schema(value_type = Vec<f64>)]
    bbox: [f64; 4],
    /// Why.
    because: String,
}

/// Suggested keywords and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SuggestedWords {
    /// The most telling first.
    value: Vec<String>,
    /// Why.
    because: String,
}

/// Words for a column of a data dictionary.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SuggestedColumnOut {
    /// The table within its file.
    table: String,
    /// The column's public name.
    name: String,
    /// Its heading as people would write it.
    title: String,
    /// What it holds.
    #[serde(rename = "type")]
    column_type: &'static str,
    /// The unit that its heading names.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

/// What files suggest about themselves, each with the reason why. Nothing of it is taken without somebody who takes it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SuggestionsOut {
    /// A title.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<SuggestedText>,
    /// The period that the rows cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    temporal: Option<SuggestedPeriod>,
    /// The area that they lie in.
    #[serde(skip_serializing_if = "Option::is_none")]
    spatial: Option<SuggestedArea>,
    /// Keywords.
    #[serde(skip_serializing_if = "Option::is_none")]
    keyword: Option<SuggestedWords>,
    /// How often new rows may be expected: an IRI of the EU's frequency table.
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency: Option<SuggestedText>,
    /// Words for columns.
    columns: Vec<SuggestedColumnOut>,
}

impl From<Suggestions> for SuggestionsOut {
    fn from(all: Suggestions) -> Self {
        let period = |it: Suggested<PeriodOfTime>| SuggestedPeriod {
            start: it.value.start,
            end: it.value.end,
            because: it.because,
        };
        Self {
            title: all.title.map(SuggestedText::from),
            temporal: all.temporal.map(period),
            spatial: all.bbox.map(|it| SuggestedArea { bbox: it.value.0, because: it.because }),
            keyword: all.keywords.map(|it| SuggestedWords { value: it.value, because: it.because }),
            frequency: all.frequency.map(SuggestedText::from),
            columns: all
                .columns
                .into_iter()
                .map(|column| SuggestedColumnOut {
                    table: column.table,
                    name: column.name,
                    title: column.title,
                    column_type: column.column_type.as_str(),
                    unit: column.unit,
                })
                .collect(),
        }
    }
}

/// What the personal-data screen says of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct FileScreenOut {
    /// `pass`, `notes` or `hold`.
    verdict: &'static str,
    /// Whether a reviewer has to look before the draft can be approved.
    held: bool,
    /// The hold's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    /// What was found, without row numbers and examples.
    #[schema(value_type = Object)]
    report: Value,
}

impl FileScreenOut {
    fn of(clearance: Clearance, report: Report) -> Self {
        let hold = match clearance {
            Clearance::Held(id) => Some(id.to_string()),
            Clearance::Clear | Clearance::Unscreened => None,
        };
        Self {
            verdict: report.verdict.as_str(),
            held: !clearance.is_clear(),
            hold,
            report: serde_json::to_value(report.public()).unwrap_or_default(),
        }
    }
}

/// A draft with a new file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct UploadOut {
    /// The draft.
    draft: DraftOut,
    /// What the file suggests about itself.
    suggestions: SuggestionsOut,
    /// The fields of the description that were filled from it.
    filled: Vec<&'static str>,
    /// What the personal-data screen says of it.
    screen: FileScreenOut,
}

impl UploadOut {
    fn of(uploaded: UploadedTo, filled: Vec<&'static str>) -> Self {
        Self {
            draft: uploaded.draft.into(),
            suggestions: uploaded.suggestions.into(),
            filled,
            screen: FileScreenOut::of(uploaded.clearance, uploaded.report),
        }
    }
}

/// A form with a file.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct FromFileForm {
    /// Whose it shall be (id or slug).
    publisher: String,
    /// The address that it shall have; its title's without it.
    slug: Option<String>,
    /// The language of title, keywords and data, such as `en`.
    language: Option<String>,
    /// The file: a table of any format, at most 2 GiB.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// Begins a draft from a file: title, period, area, keywords and update rhythm are suggested from it and filled in. The file is
/// screened for personal data; nothing of it is public before the draft is published.
#[utoipa::path(tag = "drafts", request_body(content = FromFileForm, content_type = "multipart/form-data"),
               security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = CREATED, body = UploadOut), (status = PAYLOAD_TOO_LARGE, description = "Too large"),
                         (status = UNPROCESSABLE_ENTITY, description = "The file cannot be loaded"), Problem))]
#[post("/drafts/from-file")]
pub(super) async fn create_draft_from_file(
    caller: Worker,
    _query: Query<NoParameters>,
    req: HttpRequest,
    body: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    if !req.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data")) {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType)
            .detail("Send `multipart/form-data` with `publisher` and `file`."));
    }
    let mut form = receive_form(&req, body, state.catalog.data_dir()).await?;
    let fault = |pointer: &str, detail: &str| {
        Problem::new(ProblemKind::InvalidContent).errors(vec![Fault::at(pointer, detail.to_owned())])
    };
    let name = form.text("publisher").to_owned();
    if name.is_empty() {
        return Err(fault("/publisher", "Whose is it to be?"));
    }
    let slug = match form.text("slug") {
        "" => None,
        text => Some(text.parse::<Slug>().map_err(|_| fault("/slug", "Is no readable address."))?),
    };
    let language = match form.text("language") {
        "" => None,
        text => Some(LanguageTag::lenient(text)).filter(|tag| *tag != LanguageTag::undetermined()),
    };
    let received = form.take_file("file").ok_or_else(|| fault("/file", "Which file?"))?;
    let publisher = state.read(move |tx| find_publisher(tx, &name)).await?;
    let begin = BeginFromFile { publisher, slug, language };
    let FromFile { uploaded, filled } = begin_from_file(&state, &actor, begin, received).await?;
    let location = format!("/api/v1/drafts/{}", uploaded.draft.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(UploadOut::of(uploaded, filled)))
}

/// A draft and a file's name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DraftFilePath {
    /// The draft's id.
    draft: String,
    /// The file's name with its ending: the same name again takes the earlier file's place.
    name: String,
}

/// Puts a file into a draft. The body is the file itself (a table of any format, or a zip of these), at most 2 GiB. It is screened
/// for personal data; nothing of it is public before the draft is published.
#[utoipa::path(tag = "drafts", params(DraftFilePath, ("revision" = i32, Query, description = "The revision that you saw")),
               request_body(content = String, content_type = "application/octet-stream"),
               security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = UploadOut), (status = PAYLOAD_TOO_LARGE, description = "Too large"),
                         (status = UNPROCESSABLE_ENTITY, description = "The file cannot be loaded"),
                         (status = CONFLICT, description = "Somebody else saved meanwhile"), Problem))]
#[put("/drafts/{draft}/files/{name}")]
pub(super) async fn upload_draft_file(
    caller: Worker,
    path: Path<DraftFilePath>,
    req: HttpRequest,
    body: Payload,
    state: Data<ApiState>,
) -> Answer<UploadOut> {
    // Read here and not by an extractor beside the caller's, which would take the body away.
    let RevisionQuery(revision) = query::read(req.query_string())?;
    let actor = caller.actor();
    let DraftFilePath { draft: id, name } = path.into_inner();
    let (id, name) = (draft_id(&id)?, file_name(&name)?);
    // Who may not is told so before two gigabytes have come.
    let reader = actor.clone();
    let known = state
        .read(move |tx| {
            let draft = draft::get(tx, &reader, id)?;
            member::must_write(tx, &reader, draft.publisher.id)?;
            draft.stage.must_be_open()?;
            Ok(draft.revision)
        })
        .await?;
    if known != revision {
        return Err(Problem::new(ProblemKind::EditConflict)
            .detail(format!("The draft has revision {known}, not {revision}: nothing was saved.")));
    }
    let received = receive_body(&req, body, name, state.catalog.data_dir()).await?;
    let uploaded = upload_to_draft(&state, &actor, id, revision, received).await?;
    Ok(Json(UploadOut::of(uploaded, Vec::new())))
}

/// Takes a file out of a draft, with its distribution.
#[utoipa::path(tag = "drafts", params(DraftFilePath, ("revision" = i32, Query, description = "The revision that you saw")),
               security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])), responses((status = OK, body = DraftOut), Problem))]
#[delete("/drafts/{draft}/files/{name}")]
pub(super) async fn remove_draft_file(
    asked: Then<Worker, Query<RevisionQuery>>,
    path: Path<DraftFilePath>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Query(RevisionQuery(revision))) = asked;
    let actor = caller.actor();
    let DraftFilePath { draft: id, name } = path.into_inner();
    let id = draft_id(&id)?;
    let saved = state
        .write(move |tx| {
            let known = draft::get(tx, &actor, id)?;
            let file = known.files.iter().find(|file| file.file_name == name || file.distribution.to_string() == name);
            let distribution = file.ok_or_else(|| CatalogError::not_found("file", &name))?.distribution;
            draft::remove_file(tx, &actor, id, revision, distribution)
        })
        .await?;
    Ok(Json(saved.into()))
}

/// What all files of a draft suggest together.
fn suggestions_of(files: &[DraftFile]) -> Suggestions {
    let first = files.first().map_or("", |file| file.file_name.as_str());
    let tables: Vec<Snapshot> =
        files.iter().flat_map(|file| &file.tables).map(|table| table.snapshot.clone()).collect();
    Suggestions::of(first, &tables)
}

/// What a draft's files suggest about themselves.
#[utoipa::path(tag = "drafts", params(DraftPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = SuggestionsOut), Problem))]
#[get("/drafts/{draft}/suggestions")]
pub(super) async fn list_draft_suggestions(
    caller: Worker,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<SuggestionsOut> {
    let (actor, id) = (caller.actor(), path.id()?);
    let found = state.read(move |tx| draft::get(tx, &actor, id)).await?;
    Ok(Json(suggestions_of(&found.files).into()))
}

/// Which suggestions are taken.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeSuggestionsIn {
    /// The revision that you saw.
    revision: i32,
    /// The fields to take: `title`, `temporal`, `spatial`, `keyword`, `frequency`; what is there already is written over. Without it,
    /// every field that is empty.
    #[serde(default)]
    fields: Option<Vec<String>>,
    /// The language of title and keywords; not said without it.
    #[serde(default)]
    language: Option<String>,
}

/// Fields that a file can suggest.
const FIELDS: [&str; 5] = ["title", "temporal", "spatial", "keyword", "frequency"];

impl Checked for TakeSuggestionsIn {
    fn faults(&self) -> Vec<Fault> {
        let unknown = self.fields.iter().flatten().enumerate().filter(|(_, name)| !FIELDS.contains(&name.as_str()));
        unknown
            .map(|(at, _)| Fault::at(format!("/fields/{at}"), format!("Fields are {}.", FIELDS.join(", "))))
            .collect()
    }
}

impl TakeSuggestionsIn {
    /// Writes what is taken into a description.
    fn take(&self, suggested: &Suggestions, document: &mut DatasetDraft) {
        for field in self.fields.iter().flatten() {
            // What is asked for by name is emptied first, if there is something to put there.
            match field.as_str() {
                "title" if suggested.title.is_some() => document.title = Default::default(),
                "temporal" if suggested.temporal.is_some() => document.temporal.clear(),
                "spatial" if suggested.bbox.is_some() => document.spatial.clear(),
                "keyword" if suggested.keywords.is_some() => document.keyword.clear(),
                "frequency" if suggested.frequency.is_some() => document.frequency = None,
                _ => {}
            }
        }
        let mut taken = suggested.clone();
        if let Some(fields) = &self.fields {
            let wants = |name: &str| fields.iter().any(|field| field == name);
            taken.title = taken.title.filter(|_| wants("title"));
            taken.temporal = taken.temporal.filter(|_| wants("temporal"));
            taken.bbox = taken.bbox.filter(|_| wants("spatial"));
            taken.keywords = taken.keywords.filter(|_| wants("keyword"));
            taken.frequency = taken.frequency.filter(|_| wants("frequency"));
        }
        let language = self.language.as_deref().map_or_else(LanguageTag::undetermined, LanguageTag::lenient);
        taken.fill(document, &language);
    }
}

/// Takes what a draft's files suggest into its description.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = TakeSuggestionsIn,
               security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])), responses((status = OK, body = DraftOut), Problem))]
#[post("/drafts/{draft}/suggestions")]
pub(super) async fn apply_draft_suggestions(
    asked: Then<Worker, Body<TakeSuggestionsIn>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(asked)) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let saved = state
        .write(move |tx| {
            let known = draft::get(tx, &actor, id)?;
            let mut document = known.content.document.clone();
            asked.take(&suggestions_of(&known.files), &mut document);
            let content = DraftContent { document, ..known.content };
            draft::save(tx, &actor, id, asked.revision, content)
        })
        .await?;
    Ok(Json(saved.into()))
}

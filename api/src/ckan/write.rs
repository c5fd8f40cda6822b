//! The actions that write: datasets and distributions as CKAN's clients make them.
//!
//! Whoever writes is signed in, or shows a publishing token: it, or the token of a session, stands in `Authorization` (with or without `Bearer`), or in CKAN's own
//! header. What is written goes the same way as everything written by hand: into a draft, which is submitted unless the package is
//! `private` or its `state` is `draft`, and public once it is approved. Until then the package that is answered has the state `draft`
//! and is `private`; its `extras` name the draft and where it stands.

use std::collections::HashSet;

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::draft::{self, Draft, DraftContent, DraftFilter, NewDraft, ReleaseWish};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::{
    DatasetDraft, Distribution, DistributionId, DraftId, LocalizedText, ResourceKind, Severity, Slug, Stage, StageName,
};
use fairground_standards::{Format, RawRecord, decode};
use serde_json::{Map, Value, json};

use super::envelope::{Refusal, refuse, success};
use super::licence;
use super::own_drafts;
use super::package::Packages;
use super::params::Params;
use crate::caller::find_worker;
use crate::draft::upload_to_draft;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;
use crate::upload::{ReceivedFile, receive_form};

/// What `help_show` tells of each.
pub(super) const WRITING: &[(&str, &str)] = &[
    (
        "package_create",
        "Begins a dataset. name, title, notes, owner_org, resources, tags, license_id, extras, private, state.",
    ),
    ("package_update", "Replaces a dataset's description. id, and as package_create."),
    ("package_patch", "Changes some fields of a dataset. id, and whichever fields change."),
    ("package_delete", "Withdraws a dataset, or gives up one that is not public yet. id."),
    ("resource_create", "Adds a distribution to a dataset. package_id, url or upload, name, description, format."),
    ("resource_update", "Replaces a distribution. id, package_id, url or upload, name, description, format."),
    ("resource_patch", "Changes some fields of a distribution. id, package_id, and whichever fields change."),
    ("resource_delete", "Takes a distribution away. id, package_id."),
    ("organization_list_for_user", "The publishers that whoever is signed in writes for."),
];

/// Drafts that are looked through for a file's home.
const LOOKED_THROUGH: i64 = 500;
/// Publishers that are listed for one person.
const WORKPLACES: i64 = 1_000;
/// What readers of a withdrawn dataset are told.
const DELETED: &str = "Its publisher deleted it.";

/// Whether an action writes.
pub(super) fn is_writing(name: &str) -> bool {
    WRITING.iter().any(|(known, _)| *known == name)
}

/// Carries out an action that writes.
pub(super) async fn act(req: HttpRequest, name: &str, payload: Payload, state: &Data<ApiState>) -> HttpResponse {
    match carry_out(&req, name, payload, state).await {
        Ok(result) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::CONTENT_TYPE, "application/json;charset=utf-8"))
            .body(success(state, name, &result.to_string())),
        Err(refusal) => refuse(state, name, refusal),
    }
}

async fn carry_out(req: &HttpRequest, name: &str, payload: Payload, state: &Data<ApiState>) -> Result<Value, Refusal> {
    let actor = signed_in(req, state).await?;
    let (fields, upload) = fields_of(req, payload, state).await?;
    let url = state.settings.public_url.clone();
    let writer = Writer { actor, url, fields };
    match name {
        "package_create" => writer.run(state, Writer::create).await,
        "package_update" => writer.run(state, Writer::update).await,
        "package_patch" => writer.run(state, Writer::patch).await,
        "package_delete" => writer.run(state, Writer::delete).await,
        "resource_create" | "resource_update" | "resource_patch" => writer.put_resource(state, name, upload).await,
        "resource_delete" => writer.run(state, Writer::delete_resource).await,
        "organization_list_for_user" => writer.run(state, Writer::organizations).await,
        other => Err(Refusal::BadRequest(format!("Bad request - Action name not known: {other}"))),
    }
}

/// Who writes.
async fn signed_in(req: &HttpRequest, state: &Data<ApiState>) -> Result<Actor, Refusal> {
    let found = find_worker(req, state).await?;
    let ask = "Access denied: send a publishing token, or a session's, as `Authorization`.";
    found.ok_or_else(|| Refusal::Denied(ask.to_owned()))
}

/// What was sent: JSON, or a form with a file.
async fn fields_of(
    req: &HttpRequest,
    payload: Payload,
    state: &Data<ApiState>,
) -> Result<(Map<String, Value>, Option<ReceivedFile>), Refusal> {
    let kind = req.headers().get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    if !kind.starts_with(b"multipart/form-data") {
        return Ok((Params::of_body(req, payload).await?.into_map(), None));
    }
    let mut form = receive_form(req, payload, state.catalog.data_dir()).await?;
    let upload = form.take_file("upload");
    Ok((form.fields.into_iter().map(|(name, text)| (name, Value::String(text))).collect(), upload))
}

/// One call of an action that writes.
struct Writer {
    actor: Actor,
    /// The portal's address.
    url: String,
    fields: Map<String, Value>,
}

/// What is written to: a draft, and whether it goes on to review when it was saved.
struct Target {
    draft: Draft,
    resubmit: bool,
}

type Work = fn(&Writer, &mut Tx<'_>) -> Result<Value, Refused>;

/// A refusal within a transaction: nothing is kept.
enum Refused {
    Action(Refusal),
    Catalog(CatalogError),
}

impl From<CatalogError> for Refused {
    fn from(error: CatalogError) -> Self {
        Self::Catalog(error)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Action(refusal)
    }
}

/// The refusal as CKAN's clients know it.
fn told(error: CatalogError) -> Refusal {
    match error {
        CatalogError::Forbidden(why) => Refusal::Denied(format!("Access denied: {why}.")),
        CatalogError::Invalid { field, problem } => {
            // The first fault of a description is told with its place.
            let field = match (field, problem.split_once(':')) {
                ("document", Some((pointer, _))) if pointer.starts_with("/title") => "title",
                ("document", Some((pointer, _))) if pointer.starts_with("/description") => "notes",
                ("document", Some((pointer, _))) if pointer.starts_with("/distribution") => "resources",
                (field, _) => field,
            };
            Refusal::of(field, problem)
        }
        CatalogError::Taken { .. } => Refusal::of("name", "That URL is already in use."),
        CatalogError::WrongStage(_) | CatalogError::WrongState { .. } | CatalogError::Conflict(_) => {
            Refusal::of("state", error.to_string())
        }
        other => other.into(),
    }
}

impl Writer {
    /// Does the work in one transaction; a refusal undoes it.
    async fn run(self, state: &Data<ApiState>, work: Work) -> Result<Value, Refusal> {
        // The transaction is undone by an error of the store's own kind, so the refusal is carried out beside it.
        let (refused, carried) = std::sync::mpsc::channel();
        let done = state.catalog.db.clone();
        let written = actix_web::web::block(move || {
            done.write(|tx| {
                work(&self, tx).map_err(|refusal| match refusal {
                    Refused::Catalog(error) => error,
                    Refused::Action(refusal) => {
                        // Nobody listens only when the request is gone.
                        let _ = refused.send(refusal);
                        CatalogError::Forbidden("the action was refused")
                    }
                })
            })
        })
        .await
        .map_err(Problem::from)?;
        match written {
            Ok(result) => {
                state.catalog.announce();
                Ok(result)
            }
            Err(error) => Err(carried.try_recv().unwrap_or_else(|_| told(error))),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = match self.fields.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Null => return None,
            other => other.to_string(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    fn required(&self, name: &str) -> Result<String, Refusal> {
        self.text(name).ok_or_else(|| Refusal::of(name, "Missing value"))
    }

    /// Whether the caller wants it kept as a draft.
    fn stays_draft(&self) -> bool {
        let truth = |text: String| matches!(text.to_lowercase().as_str(), "true" | "1" | "yes" | "t");
        self.text("private").is_some_and(truth) || self.text("state").is_some_and(|state| state == "draft")
    }

    /// `package_create`.
    fn create(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let organization = self.required("owner_org")?;
        let Some(owner) = publisher::find(tx, &organization)? else {
            return Err(Refusal::of("owner_org", "Organization does not exist").into());
        };
        let name = self.required("name")?.replace('_', "-");
        let slug: Slug = name.parse().map_err(|_| {
            Refusal::of("name", "Must be purely lowercase alphanumeric (ascii) characters and these symbols: -_")
        })?;
        let mut document = self.description(&self.fields, None)?;
        document.identifier.clear();
        let new = NewDraft { kind: document.kind, document: Some(document), slug: Some(slug) };
        let draft = draft::create(tx, &self.actor, owner.id, new)?;
        self.finish(tx, Target { draft, resubmit: true })
    }

    /// `package_update`.
    fn update(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let id = self.text("id").or_else(|| self.text("name")).ok_or_else(|| Refusal::of("id", "Missing value"))?;
        let target = self.open(tx, &id)?;
        self.replace(tx, target, &self.fields)
    }

    /// `package_patch`: what is there, with some fields in the place of others.
    fn patch(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let id = self.required("id")?;
        let target = self.open(tx, &id)?;
        let Value::Object(mut package) = self.package(tx, &target.draft)? else {
            return Err(Refusal::NotFound("Not found".to_owned()).into());
        };
        // What the portal itself puts there is no part of the description.
        package.remove("private");
        package.remove("state");
        package.remove("organization");
        for (name, value) in &self.fields {
            package.insert(name.clone(), value.clone());
            // What stands in two forms is taken from the one that was sent.
            package.remove(match name.as_str() {
                "title" => "title_translated",
                "notes" => "notes_translated",
                "tags" => "keywords_translated",
                _ => continue,
            });
        }
        self.replace(tx, target, &package)
    }

    fn replace(&self, tx: &mut Tx<'_>, target: Target, package: &Map<String, Value>) -> Result<Value, Refused> {
        let Target { draft, resubmit } = target;
        let before = &draft.content.document;
        let mut document = self.description(package, Some(&draft))?;
        document.identifier.clone_from(&before.identifier);
        document.publisher.clone_from(&before.publisher);
        document.issued = document.issued.or_else(|| before.issued.clone());
        let content = DraftContent { document, ..draft.content.clone() };
        let draft = draft::save(tx, &self.actor, draft.id, draft.revision, content)?;
        self.finish(tx, Target { draft, resubmit })
    }

    /// A package as a description. Distributions that are there already keep what names them.
    fn description(&self, package: &Map<String, Value>, known: Option<&Draft>) -> Result<DatasetDraft, Refusal> {
        let mut package = package.clone();
        package.remove("state");
        complete_licence(&mut package);
        let bytes = Value::Object(package.clone()).to_string().into_bytes();
        let raw = RawRecord { seq: 0, kind: ResourceKind::Dataset, bytes, whole: true };
        let decoded = decode(Format::Ckan, &raw);
        let refused = decoded.findings.iter().find(|finding| finding.severity == Severity::Error);
        let Some(mut document) = decoded.draft else {
            let (path, message) = refused.map_or(("", "is no package"), |it| (it.path.as_str(), it.message.as_str()));
            let field = path.trim_start_matches('/').split('/').next().filter(|name| !name.is_empty()).unwrap_or("id");
            return Err(Refusal::of(field, message));
        };
        // Who answers for it is the organization, whose record the portal keeps.
        document.publisher = None;
        for key in ["draft", "stage", "id", "include_plugin_data"] {
            document.extra.remove(key);
        }
        let resources = package.get("resources").and_then(Value::as_array).cloned().unwrap_or_default();
        let decoded = std::mem::take(&mut document.distribution);
        let distributions = resources.iter().zip(decoded).map(|(resource, decoded)| match resource.as_object() {
            Some(resource) => merged(resource, decoded, known),
            None => decoded,
        });
        document.distribution = distributions.collect();
        Ok(document)
    }

    /// The draft to write into: the open one, else a new version of what is public.
    fn open(&self, tx: &mut Tx<'_>, id: &str) -> Result<Target, Refused> {
        if let Some(open) = self.find_draft(tx, id)? {
            return Ok(match open.stage.name() {
                StageName::InReview | StageName::Approved => {
                    Target { draft: draft::recall(tx, &self.actor, open.id, open.revision)?, resubmit: true }
                }
                StageName::Draft | StageName::Returned | StageName::Published | StageName::Discarded => {
                    Target { resubmit: open.base_version.is_some(), draft: open }
                }
            });
        }
        Ok(Target { draft: draft::begin_version(tx, &self.actor, id)?, resubmit: true })
    }

    /// The open draft of a dataset that is named by id or address, public or not.
    fn find_draft(&self, tx: &mut Tx<'_>, id: &str) -> Result<Option<Draft>, Refused> {
        Ok(own_drafts::find(tx, &self.actor, id)?)
    }

    /// Hands the draft on, unless it is to stay one; gives the package as it is now.
    fn finish(&self, tx: &mut Tx<'_>, target: Target) -> Result<Value, Refused> {
        let Target { mut draft, resubmit } = target;
        let asked = self.text("state").is_some_and(|state| state == "active");
        let open = matches!(draft.stage, Stage::Draft | Stage::Returned(_));
        if open && (resubmit || asked) && !self.stays_draft() {
            let wish: ReleaseWish = draft.wish.clone();
            draft = draft::submit(tx, &self.actor, draft.id, draft.revision, wish)?;
        }
        Ok(self.package(tx, &draft)?)
    }

    /// A draft as a package.
    fn package(&self, tx: &mut Tx<'_>, draft: &Draft) -> Result<Value, CatalogError> {
        own_drafts::package(tx, &self.actor, &self.url, draft)
    }

    /// `package_delete`.
    fn delete(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let id = self.required("id")?;
        let public = match dataset::get(tx, &id) {
            Ok(known) => known.publication == Publication::Published,
            Err(CatalogError::NotFound { .. }) => false,
            Err(other) => return Err(other.into()),
        };
        if public {
            draft::withdraw(tx, &self.actor, &id, DELETED)?;
            return Ok(Value::Null);
        }
        let Some(open) = self.find_draft(tx, &id)? else {
            return Err(Refusal::NotFound("Not found".to_owned()).into());
        };
        draft::discard(tx, &self.actor, open.id, open.revision, None)?;
        Ok(Value::Null)
    }

    /// `organization_list_for_user`.
    fn organizations(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let places = member::list_workplaces(tx, &self.actor, "", WORKPLACES)?;
        let writes = places.into_iter().filter(|place| place.rights.writes_as().is_some());
        let listed = writes.map(|place| {
            json!({
                "id": place.publisher.id.to_string(),
                "name": place.publisher.slug.to_string(),
                "title": place.publisher.name,
                "display_name": place.publisher.name,
                "is_organization": true,
                "type": "organization",
                "state": "active",
                "capacity": if place.rights.manages_as().is_some() { "admin" } else { "editor" },
            })
        });
        Ok(Value::Array(listed.collect()))
    }

    /// `resource_create`, `resource_update`, `resource_patch`: with a file, or with an address.
    async fn put_resource(
        self,
        state: &Data<ApiState>,
        action: &str,
        upload: Option<ReceivedFile>,
    ) -> Result<Value, Refusal> {
        let Some(received) = upload else {
            let work: Work = if action == "resource_create" { Self::create_resource } else { Self::change_resource };
            return self.run(state, work).await;
        };
        let file_name = received.name.clone();
        let (actor, url, fields) = (self.actor.clone(), self.url.clone(), self.fields.clone());
        // The draft is opened first, then the file is read outside any transaction, then all of it is handed on.
        let opened = self.run(state, Self::open_for_file).await?;
        let (id, revision, resubmit): (DraftId, i32, bool) =
            serde_json::from_value(opened).map_err(Problem::internal)?;
        let uploaded = upload_to_draft(state, &actor, id, revision, received).await?;
        let mut fields = fields;
        fields.insert("file_name".to_owned(), json!(file_name));
        fields.insert("draft".to_owned(), json!((id, uploaded.draft.revision, resubmit)));
        Writer { actor, url, fields }.run(state, Self::describe_file).await
    }

    /// Opens the draft that a file goes into; gives its id, its revision, and whether it goes on to review.
    fn open_for_file(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let home = self.home(tx)?;
        let target = self.open(tx, &home)?;
        Ok(json!((target.draft.id, target.draft.revision, target.resubmit)))
    }

    /// The dataset that a resource belongs to: as it is named, else by the resource.
    fn home(&self, tx: &mut Tx<'_>) -> Result<String, Refused> {
        if let Some(package) = self.text("package_id") {
            return Ok(package);
        }
        let id = self.required("id")?;
        let wanted: DistributionId = id.parse().map_err(|_| Refusal::NotFound("Not found".to_owned()))?;
        let open = StageName::ALL.into_iter().filter(|stage| !stage.is_final()).collect();
        let filter = DraftFilter { stages: open, ..DraftFilter::default() };
        for card in draft::list(tx, &self.actor, &filter, LOOKED_THROUGH)? {
            let seen = draft::preview(tx, &self.actor, card.id)?;
            if seen.distribution_ids().contains(&wanted) {
                return Ok(seen.id.to_string());
            }
        }
        match fairground_catalog::table::list_of_distribution(tx, wanted)?.first() {
            Some(table) => Ok(table.dataset_id.to_string()),
            None => Err(Refusal::of("package_id", "Missing value").into()),
        }
    }

    /// Says of a file that was put into a draft what the call says.
    fn describe_file(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let broken = |_| Refusal::Problem(Problem::new(ProblemKind::Internal));
        let draft = self.fields.get("draft").cloned().unwrap_or_default();
        let (id, revision, resubmit): (DraftId, i32, bool) = serde_json::from_value(draft).map_err(broken)?;
        let name = format!("upload:{}", self.text("file_name").unwrap_or_default());
        let draft = draft::get(tx, &self.actor, id)?;
        let mut content = draft.content.clone();
        let listed = content.document.distribution.iter_mut().find(|it| it.iri.as_deref() == Some(name.as_str()));
        if let Some(distribution) = listed {
            describe(distribution, &self.fields);
        }
        let draft = draft::save(tx, &self.actor, id, revision, content)?;
        self.finish(tx, Target { draft: draft.clone(), resubmit })?;
        self.resource(tx, &draft, |it| it.iri.as_deref() == Some(name.as_str()))
    }

    /// A distribution of a draft as a resource.
    fn resource(
        &self,
        tx: &mut Tx<'_>,
        draft: &Draft,
        is_it: impl Fn(&Distribution) -> bool,
    ) -> Result<Value, Refused> {
        let seen = draft::preview(tx, &self.actor, draft.id)?;
        let packages = Packages { url: &self.url, searchable: HashSet::new() };
        let place = seen.draft.distribution.iter().position(is_it);
        let found = place.and_then(|place| packages.resources(&seen).into_iter().nth(place));
        found.ok_or_else(|| Refusal::NotFound("Not found".to_owned()).into())
    }

    /// `resource_create` with an address.
    fn create_resource(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let url = self.required("url")?;
        let home = self.required("package_id")?;
        let Target { draft, resubmit } = self.open(tx, &home)?;
        let mut content = draft.content.clone();
        let mut distribution = Distribution { download_url: Some(url.clone()), ..Distribution::default() };
        describe(&mut distribution, &self.fields);
        content.document.distribution.push(distribution);
        let draft = draft::save(tx, &self.actor, draft.id, draft.revision, content)?;
        self.finish(tx, Target { draft: draft.clone(), resubmit })?;
        self.resource(tx, &draft, |it| it.download_url.as_deref() == Some(url.as_str()))
    }

    /// `resource_update` and `resource_patch` without a file.
    fn change_resource(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let id = self.required("id")?;
        let home = self.home(tx)?;
        let Target { draft, resubmit } = self.open(tx, &home)?;
        let place = self.place_of(tx, &draft, &id)?;
        let mut content = draft.content.clone();
        let Some(distribution) = content.document.distribution.get_mut(place) else {
            return Err(Refusal::NotFound("Not found".to_owned()).into());
        };
        if let Some(url) = self.text("url") {
            readdress(distribution, &url);
        }
        describe(distribution, &self.fields);
        let changed = distribution.clone();
        let draft = draft::save(tx, &self.actor, draft.id, draft.revision, content)?;
        self.finish(tx, Target { draft: draft.clone(), resubmit })?;
        self.resource(tx, &draft, |it| *it == changed)
    }

    /// Where a distribution stands in a draft's description.
    fn place_of(&self, tx: &mut Tx<'_>, draft: &Draft, id: &str) -> Result<usize, Refused> {
        let seen = draft::preview(tx, &self.actor, draft.id)?;
        let iri = seen.distribution_ids().iter().position(|known| known.to_string() == id);
        let wanted = iri.and_then(|at| seen.draft.distribution.get(at));
        let place = wanted.and_then(|wanted| draft.content.document.distribution.iter().position(|it| it == wanted));
        place.ok_or_else(|| Refusal::NotFound("Not found".to_owned()).into())
    }

    /// `resource_delete`.
    fn delete_resource(&self, tx: &mut Tx<'_>) -> Result<Value, Refused> {
        let id = self.required("id")?;
        let home = self.home(tx)?;
        let Target { draft, resubmit } = self.open(tx, &home)?;
        let place = self.place_of(tx, &draft, &id)?;
        let mut content = draft.content.clone();
        if place < content.document.distribution.len() {
            content.document.distribution.remove(place);
        }
        let draft = draft::save(tx, &self.actor, draft.id, draft.revision, content)?;
        self.finish(tx, Target { draft, resubmit })?;
        Ok(Value::Null)
    }
}

/// The licence's address where only CKAN's id of it was sent.
fn complete_licence(package: &mut Map<String, Value>) {
    let text = |name: &str| package.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    if text("license_url").is_some() {
        return;
    }
    if let Some((title, url)) = text("license_id").and_then(licence::by_id) {
        if package.get("license_title").is_none_or(Value::is_null) {
            package.insert("license_title".to_owned(), json!(title));
        }
        if !url.is_empty() {
            package.insert("license_url".to_owned(), json!(url));
        }
    }
}

/// A resource as a distribution: what was there under its id keeps its name and whatever CKAN has no field for.
fn merged(resource: &Map<String, Value>, decoded: Distribution, known: Option<&Draft>) -> Distribution {
    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
    let before = known.and_then(|draft| find_distribution(draft, id));
    let Some(mut distribution) = before.cloned() else {
        // An id that a client made up names nothing here.
        return Distribution { iri: decoded.iri.filter(|iri| iri.contains("://")), ..decoded };
    };
    if let Some(url) = resource.get("url").and_then(Value::as_str) {
        readdress(&mut distribution, url.trim());
    }
    describe(&mut distribution, resource);
    distribution
}

fn find_distribution<'a>(draft: &'a Draft, id: &str) -> Option<&'a Distribution> {
    let file = draft.files.iter().find(|file| file.distribution.to_string() == id);
    let listed = &draft.content.document.distribution;
    if let Some(file) = file {
        return listed.iter().find(|it| it.iri.as_deref() == Some(file.name.as_str()));
    }
    let mut seen: Vec<&str> = Vec::new();
    for one in listed {
        let named = [&one.iri, &one.download_url, &one.access_url];
        let name = named.into_iter().flatten().next().map_or("", String::as_str);
        let repeated = seen.iter().filter(|earlier| **earlier == name).count();
        seen.push(name);
        if DistributionId::derived(draft.dataset, &format!("{name}#{repeated}")).to_string() == id {
            return Some(one);
        }
    }
    None
}

/// Another address, where it is another than what is shown.
fn readdress(distribution: &mut Distribution, url: &str) {
    let shown = distribution.download_url.as_deref().or(distribution.access_url.as_deref()).unwrap_or_default();
    if !url.is_empty() && url != shown {
        distribution.download_url = Some(url.to_owned());
        distribution.access_url = None;
        distribution.byte_size = None;
        distribution.checksum = None;
    }
}

/// Name, description and format, where they were sent.
fn describe(distribution: &mut Distribution, fields: &Map<String, Value>) {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::trim).map(str::to_owned);
    let same = |texts: &LocalizedText, text: &str| texts.any() == text;
    if let Some(name) = text("name").filter(|name| !same(&distribution.title, name)) {
        distribution.title = LocalizedText::undetermined(name);
    }
    if let Some(words) = text("description").filter(|words| !same(&distribution.description, words)) {
        distribution.description = LocalizedText::undetermined(words);
    }
    if let Some(format) = text("format").filter(|format| !format.is_empty()) {
        distribution.format = Some(format);
    }
    if let Some(media_type) = text("mimetype").filter(|kind| !kind.is_empty()) {
        distribution.media_type = Some(media_type);
    }
}

//! `publish`: a folder with a data package becomes a dataset, or a new version of it.
//!
//! Whoever sits at the machine is trusted as a harvest source is: no second person has to agree, the gate for personal data stands
//! before it all the same. Who shows a publishing token does no more than its owner may: nobody approves what they wrote, so it
//! waits for a reviewer (exit status 4 when the release was asked for). What is there already is left alone. Everything is one transaction, so a kill leaves what was before or
//! what is after.

use std::process::ExitCode;

use fairground_catalog::dataset::{self, Dataset, Publication};
use fairground_catalog::draft::{self, Approval, Draft, DraftContent, NewDraft, NewFile, ReleaseWish};
use fairground_catalog::gate::{self, Report, Screening};
use fairground_catalog::member::{self, Actor, PlainToken};
use fairground_catalog::table::{self, LoadedTable};
use fairground_catalog::{Catalog, CatalogError, Tx, publisher};
use fairground_domain::{
    Agent, Checksum, ContentHash, DatasetDraft, LocalRelease, LocalTimeRule, LocalizedText, PublisherId, Slug, Stage,
    Timestamp,
};
use fairground_harvester::{Package, PackageFile, read_package};
use fairground_screen_files::screen_file;
use fairground_tables::Tables;
use fairground_tables::intake::{LoadOptions, Unwatched, published_schema};
use serde_json::{Value, json};

use super::{Usage, say, say_json, slug, tables, while_following};
use crate::Failure;
use crate::cli::PublishArgs;
use crate::settings::Settings;

/// The publisher of packages that name none.
const LOCAL_PUBLISHER: &str = "local";
/// Exit status when the gate holds it.
const HELD: u8 = 3;
/// Exit status when a release was asked for that the caller may not decide.
const NOT_RELEASED: u8 = 4;

pub(crate) fn run(settings: &Settings, args: &PublishArgs) -> Result<ExitCode, Failure> {
    if !args.dir.is_dir() {
        return Err(Usage::of(format!("`{}` is not a folder", args.dir.display())));
    }
    let wanted = Wanted::of(args)?;
    let package = read_package(&args.dir)?;
    let catalog = Catalog::open(&settings.place)?;
    let files = load_files(&tables(settings)?, &package)?;
    let actor = actor_of(&catalog, args)?;
    let done = while_following(&catalog, || {
        let done = catalog.db.write(|tx| publish(tx, &actor, &wanted, &package, &files))?;
        catalog.announce();
        Ok(done)
    })?;
    if !args.json {
        for finding in &package.findings {
            say(&format!("Note: {} ({})", finding.message, finding.path));
        }
        say(&done.sentence());
    }
    say_json(&done.as_json())?;
    Ok(match (done.state, &done.missing) {
        ("held", _) => ExitCode::from(HELD),
        (_, Some(_)) => ExitCode::from(NOT_RELEASED),
        (_, None) => ExitCode::SUCCESS,
    })
}

/// Who publishes: whoever sits at the machine, or the owner of a token.
fn actor_of(catalog: &Catalog, args: &PublishArgs) -> Result<Actor, Failure> {
    let Some(path) = &args.token_file else { return Ok(Actor::command_line()) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Usage::of(format!("`{}` cannot be read: {error}", path.display())))?;
    let Some(token) = PlainToken::parse(text.trim()) else {
        return Err(Usage::of(format!("`{}` holds no publishing token", path.display())));
    };
    let found = catalog.db.read(|tx| member::find_bearer(tx, &catalog.secret, &token))?;
    let bearer = found.ok_or_else(|| Usage::of("the publishing token is wrong, has ended or was revoked"))?;
    catalog.db.write(|tx| member::touch_token(tx, bearer.id))?;
    Ok(bearer.actor)
}

/// What the command line asks for.
struct Wanted {
    publisher: Option<Slug>,
    dataset: Option<Slug>,
    release: ReleaseWish,
    review: bool,
    /// Whether the release was asked for in so many words.
    releases: bool,
}

impl Wanted {
    fn of(args: &PublishArgs) -> Result<Self, Failure> {
        let at = match args.at.as_deref() {
            None => None,
            Some(text) => {
                let named = args.zone.as_deref().map(|zone| (text.trim(), zone));
                let Some((local, zone)) = named.or_else(|| text.trim().split_once(char::is_whitespace)) else {
                    return Err(Usage::of("`--at` takes a local time and a zone: \"2027-03-28T09:00 Europe/Rome\""));
                };
                let plan = LocalRelease {
                    local: local.to_owned(),
                    zone: zone.trim().to_owned(),
                    rule: LocalTimeRule::default(),
                };
                plan.resolve().map_err(Usage::of)?;
                Some(plan)
            }
        };
        Ok(Self {
            publisher: slug(args.publisher.as_deref())?,
            dataset: slug(args.dataset.as_deref())?,
            release: ReleaseWish { at, embargo: None },
            review: args.review,
            releases: args.release,
        })
    }
}

/// A file of the package that was loaded.
struct LoadedFile {
    file: PackageFile,
    bytes: u64,
    hash: ContentHash,
    media_type: Option<String>,
    tables: Vec<LoadedTable>,
    report: Report,
}

/// A file of the package that cannot be taken; nothing has changed.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` was not taken")]
struct NotTaken {
    file: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

fn load_files(tables: &Tables, package: &Package) -> Result<Vec<LoadedFile>, Failure> {
    let mut loaded = Vec::with_capacity(package.files.len());
    for file in &package.files {
        let taken = load_file(tables, package, file);
        loaded.push(taken.map_err(|source| NotTaken { file: file.path.display().to_string(), source })?);
    }
    Ok(loaded)
}

fn load_file(tables: &Tables, package: &Package, file: &PackageFile) -> Result<LoadedFile, Failure> {
    let (hash, bytes) = fairground_harvester::load::digest_of(&file.path)?;
    let described = package.draft.distribution.get(file.distribution);
    let media_type = described.and_then(|distribution| distribution.media_type.clone());
    let options = LoadOptions {
        name: file.name.clone(),
        media_type: media_type.clone(),
        declared: published_schema(&package.document, &last_part(file))?,
        language: package.draft.language.first().cloned(),
        digest: Some(hash),
        ..LoadOptions::default()
    };
    let snapshots = tables.load(&file.path, &options, &Unwatched)?;
    let (report, _) = screen_file(&file.path, &file.name, Default::default(), None)?;
    let alone = snapshots.len() == 1;
    let keyed = snapshots
        .into_iter()
        .map(|snapshot| LoadedTable { key: if alone { String::new() } else { snapshot.name.clone() }, snapshot });
    Ok(LoadedFile { file: file.clone(), bytes, hash, media_type, tables: keyed.collect(), report })
}

/// What the package itself calls a file.
fn last_part(file: &PackageFile) -> String {
    file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What came of it.
struct Done {
    state: &'static str,
    slug: Slug,
    id: String,
    version: Option<i32>,
    draft: Option<String>,
    tables: Vec<Value>,
    holds: Vec<String>,
    /// What stands between it and its release.
    missing: Option<String>,
}

impl Done {
    fn as_json(&self) -> Value {
        json!({
            "state": self.state,
            "dataset": self.slug,
            "id": self.id,
            "version": self.version,
            "draft": self.draft,
            "tables": self.tables,
            "holds": self.holds,
            "missing": self.missing,
        })
    }

    fn sentence(&self) -> String {
        let name = &self.slug;
        match (self.state, self.version) {
            ("published", Some(version)) => format!("Published `{name}` as version {version}."),
            ("unchanged", _) => format!("`{name}` is as it was."),
            ("approved", _) => format!("`{name}` will be public at its time."),
            ("held", _) => {
                format!("The gate for personal data holds `{name}`: a reviewer has to look before it is public.")
            }
            (state, _) => match &self.missing {
                Some(missing) => format!("`{name}` is {state}, and not released: {missing}."),
                None => format!("`{name}` is {state}."),
            },
        }
    }

    fn of_dataset(tx: &mut Tx<'_>, state: &'static str, dataset: &Dataset) -> Result<Self, CatalogError> {
        let tables = table::list_of_dataset(tx, dataset.id)?;
        let told = tables.into_iter().map(
            |table| json!({ "table": table.id, "slug": table.slug, "version": table.version, "rows": table.rows }),
        );
        Ok(Self {
            state,
            slug: dataset.slug.clone(),
            id: dataset.id.to_string(),
            version: Some(dataset.version),
            draft: None,
            tables: told.collect(),
            holds: Vec::new(),
            missing: None,
        })
    }

    fn of_draft(state: &'static str, draft: &Draft, holds: Vec<String>) -> Self {
        Self {
            state,
            slug: draft.slug.clone(),
            id: draft.dataset.to_string(),
            version: None,
            draft: Some(draft.id.to_string()),
            tables: Vec::new(),
            holds,
            missing: None,
        }
    }
}

/// The whole way, in one transaction.
fn publish(
    tx: &mut Tx<'_>,
    actor: &Actor,
    wanted: &Wanted,
    package: &Package,
    files: &[LoadedFile],
) -> Result<Done, CatalogError> {
    let address = address_of(wanted, &package.draft)?;
    let known = match dataset::get(tx, address.as_str()) {
        Ok(known) => Some(known),
        Err(CatalogError::NotFound { .. }) => None,
        Err(other) => return Err(other),
    };
    let document = described(package, files, known.as_ref());
    if let Some(known) = &known
        && known.publication == Publication::Published
        && is_as_before(&document, &known.draft)
    {
        return Done::of_dataset(tx, "unchanged", known);
    }
    let named = package.draft.publisher.clone();
    let draft = begin(tx, actor, wanted, &address, known.as_ref(), document, named)?;
    let (draft, holds) = fill(tx, actor, draft, files)?;
    let draft = draft::submit(tx, actor, draft.id, draft.revision, wanted.release.clone())?;
    let texts = gate::judge_draft(
        tx,
        draft.id,
        draft.dataset,
        Some(draft.publisher.id),
        &draft.authors,
        &draft.content.document,
    )?;
    if !holds.is_empty() || !texts.is_clear() {
        return Ok(Done::of_draft("held", &draft, holds));
    }
    if wanted.review {
        return Ok(Done::of_draft("in-review", &draft, holds));
    }
    let draft = match approved(tx, actor, wanted, &draft)? {
        Ok(draft) => draft,
        Err(missing) => return Ok(Done { missing, ..Done::of_draft("in-review", &draft, holds) }),
    };
    match draft.stage {
        Stage::Published { .. } => {
            let published = dataset::get(tx, &draft.dataset.to_string())?;
            Done::of_dataset(tx, "published", &published)
        }
        _ => Ok(Done::of_draft("approved", &draft, holds)),
    }
}

/// The draft, approved; where whoever publishes may not approve it, what is missing if they asked for it.
fn approved(
    tx: &mut Tx<'_>,
    actor: &Actor,
    wanted: &Wanted,
    draft: &Draft,
) -> Result<Result<Draft, Option<String>>, CatalogError> {
    if actor.account().is_none() {
        return draft::approve_at_machine(tx, actor, draft.id, draft.revision, Approval::AsWished).map(Ok);
    }
    if !wanted.releases {
        return Ok(Err(None));
    }
    match draft::approve(tx, actor, draft.id, draft.revision, Approval::AsWished) {
        Ok(draft) => Ok(Ok(draft)),
        Err(CatalogError::Forbidden(why)) => Ok(Err(Some(why.to_owned()))),
        Err(other) => Err(other),
    }
}

/// Whether a description says nothing new. A day of change that lies before the one that is known is none: the portal moves it on
/// when data change under an old day.
fn is_as_before(document: &DatasetDraft, known: &DatasetDraft) -> bool {
    let day = |text: &Option<String>| text.as_deref().and_then(Timestamp::lenient);
    let mut document = document.clone();
    if day(&document.modified) <= day(&known.modified) {
        document.modified.clone_from(&known.modified);
    }
    document.normalised() == known.clone().normalised()
}

/// The dataset's address: as asked for, else the package's name, else its title's.
fn address_of(wanted: &Wanted, package: &DatasetDraft) -> Result<Slug, CatalogError> {
    let own = package.extra.get("name").and_then(Value::as_str).unwrap_or(&package.identifier);
    let named = own.parse().ok().or_else(|| Slug::from_title(own)).or_else(|| Slug::from_title(package.title.any()));
    wanted.dataset.clone().or(named).ok_or_else(|| CatalogError::Invalid {
        field: "dataset",
        problem: "the package suggests no address: name one".to_owned(),
    })
}

/// The package's description as it will stand in the catalogue: its files under the names that they are uploaded by, what the portal
/// itself puts there as it is.
fn described(package: &Package, files: &[LoadedFile], known: Option<&Dataset>) -> DatasetDraft {
    let mut document = package.draft.clone();
    for loaded in files {
        let Some(distribution) = document.distribution.get_mut(loaded.file.distribution) else { continue };
        let ending = loaded.file.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_uppercase());
        distribution.iri = Some(format!("upload:{}", loaded.file.name));
        distribution.format = ending.filter(|ending| !ending.is_empty());
        distribution.media_type.clone_from(&loaded.media_type);
        distribution.byte_size = Some(loaded.bytes);
        distribution.checksum = Some(Checksum { algorithm: "sha256".to_owned(), value: loaded.hash.to_string() });
    }
    if let Some(known) = known {
        document.identifier.clone_from(&known.draft.identifier);
        document.publisher.clone_from(&known.draft.publisher);
        document.issued = document.issued.or_else(|| known.draft.issued.clone());
        document.modified = document.modified.or_else(|| known.draft.modified.clone());
    } else {
        // The publisher's own record says who it is.
        document.publisher = None;
    }
    document
}

/// The draft to fill: a new one, or a new version.
fn begin(
    tx: &mut Tx<'_>,
    actor: &Actor,
    wanted: &Wanted,
    address: &Slug,
    known: Option<&Dataset>,
    document: DatasetDraft,
    named: Option<Agent>,
) -> Result<Draft, CatalogError> {
    if let Some(known) = known {
        if let Some(asked) = &wanted.publisher
            && known.publisher.as_ref().is_some_and(|publisher| publisher.slug != *asked)
        {
            return Err(CatalogError::Invalid {
                field: "publisher",
                problem: format!("`{address}` belongs to another publisher"),
            });
        }
        let begun = match draft::find_open(tx, actor, known.id)? {
            // What was held or left before is filled anew.
            Some(open) if open.is_by(actor.name()) && open.authors.len() == 1 => reopened(tx, actor, open)?,
            _ => draft::begin_version(tx, actor, known.slug.as_str())?,
        };
        let content = DraftContent { document, ..begun.content.clone() };
        return draft::save(tx, actor, begun.id, begun.revision, content);
    }
    if let Some(open) = open_by_address(tx, actor, address)? {
        let begun = reopened(tx, actor, open)?;
        let document = DatasetDraft {
            identifier: begun.content.document.identifier.clone(),
            publisher: begun.content.document.publisher.clone(),
            ..document
        };
        let content = DraftContent { document, ..begun.content.clone() };
        return draft::save(tx, actor, begun.id, begun.revision, content);
    }
    let owner = publisher_of(tx, actor, wanted, named)?;
    let new = NewDraft { kind: document.kind, document: Some(document), slug: Some(address.clone()) };
    draft::create(tx, actor, owner, new)
}

/// The command line's own open draft of a dataset that is not public yet.
fn open_by_address(tx: &mut Tx<'_>, actor: &Actor, address: &Slug) -> Result<Option<Draft>, CatalogError> {
    const LOOKED_THROUGH: i64 = 500;
    let filter = draft::DraftFilter { author: Some(actor.name().to_owned()), ..draft::DraftFilter::default() };
    let found = draft::list(tx, actor, &filter, LOOKED_THROUGH)?;
    let card = found.into_iter().find(|card| card.slug == *address && !card.stage.is_final());
    match card {
        Some(card) => Ok(Some(draft::get(tx, actor, card.id)?).filter(|draft| draft.authors.len() == 1)),
        None => Ok(None),
    }
}

fn reopened(tx: &mut Tx<'_>, actor: &Actor, open: Draft) -> Result<Draft, CatalogError> {
    if open.stage.must_be_open().is_ok() {
        return Ok(open);
    }
    draft::recall(tx, actor, open.id, open.revision)
}

fn publisher_of(
    tx: &mut Tx<'_>,
    actor: &Actor,
    wanted: &Wanted,
    named: Option<Agent>,
) -> Result<PublisherId, CatalogError> {
    if let Some(slug) = &wanted.publisher {
        let known = publisher::find(tx, slug.as_str())?;
        return Ok(known.ok_or_else(|| CatalogError::not_found("publisher", slug))?.id);
    }
    let named = named.filter(|agent| !agent.name.is_empty());
    let agent =
        named.unwrap_or_else(|| Agent { name: LocalizedText::undetermined(LOCAL_PUBLISHER), ..Agent::default() });
    let slug = Slug::from_title(agent.name.any()).map(|slug| slug.to_string()).unwrap_or_default();
    match publisher::find(tx, &slug)? {
        Some(known) => Ok(known.id),
        None if actor.account().is_some() => Err(CatalogError::not_found("publisher", slug)),
        None => Ok(publisher::create(tx, agent, None, "command-line")?.id),
    }
}

/// Puts every file into the draft and has it judged; gives the holds.
fn fill(
    tx: &mut Tx<'_>,
    actor: &Actor,
    mut draft: Draft,
    files: &[LoadedFile],
) -> Result<(Draft, Vec<String>), CatalogError> {
    let mut holds = Vec::new();
    for loaded in files {
        let new = NewFile {
            file_name: loaded.file.name.clone(),
            bytes: loaded.bytes,
            source_hash: loaded.hash,
            media_type: loaded.media_type.clone(),
            tables: loaded.tables.clone(),
        };
        draft = draft::put_file(tx, actor, draft.id, draft.revision, new)?;
        let Some(file) = draft.files.iter().find(|file| file.file_name == loaded.file.name) else { continue };
        let screening = Screening {
            subject: file.gate_subject(draft.id),
            dataset: draft.dataset,
            publisher: Some(draft.publisher.id),
            source: None,
            authors: draft.authors.clone(),
            name: file.file_name.clone(),
            whole: draft.base_version.is_none(),
            content: file.source_hash,
            report: loaded.report.clone(),
            waiting: None,
            repairs: None,
        };
        if let gate::Clearance::Held(hold) = gate::judge(tx, screening)? {
            holds.push(hold.to_string());
        }
    }
    Ok((draft, holds))
}

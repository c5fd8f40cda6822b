//! Publishing by hand: the cast of its stories.

mod audit;
mod correction;
mod journey;
mod moment;
mod notices;
mod publish;
mod rights;
mod sources;
mod tokens;
mod version;

use fairground_catalog::account::{self, Account, Role};
use fairground_catalog::domain::{
    AccountId, Agent, Column, ColumnStatistics, ColumnType, ContentHash, DatasetDraft, DraftId, LocalizedText,
    PublisherId, PublisherRole, QuarantineSummary, Snapshot, SourceNotes, Timestamp,
};
use fairground_catalog::draft::{self, Approval, Draft, DraftContent, LoadedTable, NewDraft, NewFile, ReleaseWish};
use fairground_catalog::gate::{self, Screening};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Db, Tx, publisher};

use crate::store::execute;

/// Makes a publisher.
pub(crate) fn publisher(db: &Db, name: &str) -> PublisherId {
    let agent = Agent { name: LocalizedText::undetermined(name), ..Agent::default() };
    db.write(|tx| publisher::create(tx, agent, None, "test")).unwrap().id
}

/// Makes an account past the room that hashes passwords: nobody signs in here.
pub(crate) fn person(db: &Db, name: &str, role: Role, publisher: Option<PublisherId>) -> Account {
    let id = AccountId::new();
    let publisher = publisher.map_or("NULL".to_owned(), |id| format!("'{id}'"));
    execute(
        db,
        &format!(
            "INSERT INTO accounts (id, email, name, role, publisher_id, password_hash, disabled, created_at) \
             VALUES ('{id}', '{name}@agency.example', '{name}', '{}', {publisher}, '', FALSE, 1)",
            role.as_str()
        ),
    );
    db.read(|tx| account::get(tx, id)).unwrap()
}

/// Everybody in the stories of one publisher.
pub(crate) struct Cast {
    pub(crate) publisher: PublisherId,
    /// Wrote the draft.
    pub(crate) author: Actor,
    pub(crate) editor: Actor,
    pub(crate) reviewer: Actor,
    pub(crate) manager: Actor,
    /// Editor and reviewer.
    pub(crate) both: Actor,
    pub(crate) operator: Actor,
    pub(crate) auditor: Actor,
    /// Editor, reviewer and manager of another publisher.
    pub(crate) stranger: Actor,
    /// By the account's own role: reviewer and manager.
    pub(crate) steward: Actor,
    /// By the account's own role: editor.
    pub(crate) staff: Actor,
}

impl Cast {
    pub(crate) fn assemble(db: &Db) -> Self {
        let here = publisher(db, "Harbour Authority");
        let elsewhere = publisher(db, "Water Board");
        let operator = Actor::of(&person(db, "olive", Role::Operator, None));
        let member = |name: &str, place: PublisherId, roles: &[PublisherRole]| {
            let account = person(db, name, Role::Developer, None);
            for role in roles {
                db.write(|tx| member::grant(tx, &operator, place, account.id, *role, None)).unwrap();
            }
            Actor::of(&account)
        };
        Self {
            publisher: here,
            author: member("ada", here, &[PublisherRole::Editor]),
            editor: member("emil", here, &[PublisherRole::Editor]),
            reviewer: member("rita", here, &[PublisherRole::Reviewer]),
            manager: member("mona", here, &[PublisherRole::Manager]),
            both: member("bert", here, &[PublisherRole::Editor, PublisherRole::Reviewer]),
            auditor: Actor::of(&person(db, "aldo", Role::Auditor, None)),
            stranger: member("stan", elsewhere, &PublisherRole::ALL),
            steward: Actor::of(&person(db, "stefan", Role::Steward, Some(here))),
            staff: Actor::of(&person(db, "petra", Role::Publisher, Some(here))),
            operator,
        }
    }
}

/// A moment.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::lenient(text).unwrap()
}

/// A description that can be submitted.
pub(crate) fn described(title: &str) -> DatasetDraft {
    DatasetDraft {
        title: LocalizedText::undetermined(title),
        description: LocalizedText::undetermined("Berths of the harbour, with their lengths and depths."),
        ..DatasetDraft::default()
    }
}

/// A draft of the author's.
pub(crate) fn begun(db: &Db, cast: &Cast, title: &str) -> Draft {
    let new = NewDraft { document: Some(described(title)), ..NewDraft::default() };
    db.write(|tx| draft::create(tx, &cast.author, cast.publisher, new)).unwrap()
}

/// The draft, submitted without a wish.
pub(crate) fn submitted(db: &Db, cast: &Cast, draft: &Draft) -> Draft {
    let wish = ReleaseWish::default();
    db.write(|tx| draft::submit(tx, &cast.author, draft.id, draft.revision, wish)).unwrap()
}

/// The draft, submitted and approved by the reviewer: public.
pub(crate) fn published(db: &Db, cast: &Cast, draft: &Draft) -> Draft {
    let waiting = submitted(db, cast, draft);
    db.write(|tx| draft::approve(tx, &cast.reviewer, waiting.id, waiting.revision, Approval::Now)).unwrap()
}

/// The content with another title.
pub(crate) fn retitled(draft: &Draft, title: &str) -> DraftContent {
    let mut content = draft.content.clone();
    content.document.title = LocalizedText::undetermined(title);
    content
}

pub(crate) fn column(name: &str, column_type: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        title: name.to_owned(),
        column_type,
        description: None,
        allowed: Vec::new(),
        statistics: ColumnStatistics::default(),
    }
}

/// A snapshot that is made of that content.
pub(crate) fn snapshot(content: &str, rows: u64, columns: &[(&str, ColumnType)]) -> Snapshot {
    Snapshot {
        key: ContentHash::of(content.as_bytes()),
        name: "berths".to_owned(),
        rows,
        columns: columns.iter().map(|(name, kind)| column(name, *kind)).collect(),
        quarantine: QuarantineSummary::default(),
        source: SourceNotes { format: "csv".to_owned(), ..SourceNotes::default() },
        parquet_bytes: 100,
    }
}

pub(crate) const COLUMNS: &[(&str, ColumnType)] = &[("berth", ColumnType::Text), ("depth", ColumnType::Float)];

/// A file of that name and content, with one table.
pub(crate) fn file(name: &str, content: &str, rows: u64) -> NewFile {
    NewFile {
        file_name: name.to_owned(),
        bytes: 1_000,
        source_hash: ContentHash::of(content.as_bytes()),
        media_type: Some("text/csv".to_owned()),
        tables: vec![LoadedTable { key: String::new(), snapshot: snapshot(content, rows, COLUMNS) }],
    }
}

/// Puts a file into a draft and has the gate pass it.
pub(crate) fn with_file(db: &Db, actor: &Actor, draft: &Draft, new: NewFile) -> Draft {
    db.write(|tx| {
        let name = new.file_name.clone();
        let draft = draft::put_file(tx, actor, draft.id, draft.revision, new)?;
        for file in draft.files.iter().filter(|file| file.file_name == name) {
            pass(tx, &draft, file)?;
        }
        Ok(draft)
    })
    .unwrap()
}

fn pass(tx: &mut Tx<'_>, draft: &Draft, file: &draft::DraftFile) -> Result<(), CatalogError> {
    let screening = Screening {
        subject: file.gate_subject(draft.id),
        dataset: draft.dataset,
        publisher: Some(draft.publisher.id),
        source: None,
        authors: draft.authors.clone(),
        name: file.file_name.clone(),
        whole: true,
        content: file.source_hash,
        report: gate::passing_report(),
        waiting: None,
        repairs: None,
    };
    gate::judge(tx, screening).map(drop)
}

/// The draft as it is now.
pub(crate) fn now(db: &Db, cast: &Cast, id: DraftId) -> Draft {
    db.read(|tx| draft::get(tx, &cast.operator, id)).unwrap()
}

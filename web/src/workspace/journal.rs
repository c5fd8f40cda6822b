//! The journal, whole: who wrote what about what and when, and whether its chain of digests holds. For operators and auditors.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::CatalogError;
use fairground_catalog::account::Role;
use fairground_catalog::journal::{self, Entry, EventKind, Head, JournalFilter};
use fairground_domain::Timestamp;
use url::form_urlencoded;

use super::load::parameter;
use super::settings::must_oversee;
use crate::layout::{Form, Frame, PageError, Place, Visit, answer_private_page};

/// Entries on a page.
const ENTRIES: i64 = 50;
/// Longest id or name that is looked for, in characters.
const LONGEST_WORD_CHARS: usize = 200;
const DAY_SECS: i64 = 86_400;

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainCheck {
    /// When it was checked.
    pub at: Timestamp,
    /// How many entries hold, or what is wrong.
    pub found: Result<i64, String>,
}

/// An entry as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub kind: &'static str,
    /// What it happened to.
    pub subject_id: String,
    /// Who did it.
    pub actor: String,
    /// The rest of it, as JSON in lines.
    pub payload: String,
    /// Its digest.
    pub hash: String,
}

impl From<Entry> for JournalLine {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            kind: entry.kind.as_str(),
            subject_id: entry.subject_id,
            actor: entry.actor,
            payload: serde_json::to_string_pretty(&entry.payload).unwrap_or_default(),
            hash: entry.hash.to_string(),
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalAsked {
    /// Only of this kind.
    pub kind: String,
    /// Only about the thing of this id.
    pub subject: String,
    /// Only by this actor.
    pub actor: String,
    /// From this day.
    pub since: String,
    /// To this day.
    pub until: String,
}

impl JournalAsked {
    fn of(visit: &Visit) -> Self {
        let value =
            |name| -> String { parameter(visit, name).unwrap_or_default().chars().take(LONGEST_WORD_CHARS).collect() };
        Self {
            kind: value("kind"),
            subject: value("subject"),
            actor: value("actor"),
            since: value("since"),
            until: value("until"),
        }
    }

    fn filter(&self, before: Option<i64>) -> JournalFilter {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        JournalFilter {
            kind: EventKind::parse(&self.kind),
            subject_id: some(&self.subject),
            actor: some(&self.actor),
            from: Timestamp::lenient(&self.since),
            to: Timestamp::lenient(&self.until).map(|midnight| midnight.plus_secs(DAY_SECS)),
            before,
        }
    }

    fn href(&self, before: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("kind", &self.kind),
            ("subject", &self.subject),
            ("actor", &self.actor),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/workspace/journal?{}", query.append_pair("before", &before.to_string()).finish())
    }
}

/// The page of the journal.
#[derive(Debug, Clone)]
pub struct JournalPage {
    /// What was asked for.
    pub asked: JournalAsked,
    /// Every kind there is.
    pub kinds: Vec<&'static str>,
    /// The entries, newest first.
    pub entries: Vec<JournalLine>,
    /// The address of the next page.
    pub next: Option<String>,
    /// Where the journal ends.
    pub head: Head,
    /// What the last check of the chain found; `None` when none was made since the program began.
    pub chain: Option<ChainCheck>,
    /// True when the reader may have the chain checked.
    pub may_check: bool,
}

/// The template of [`JournalPage`].
#[derive(Debug, Template)]
#[template(path = "workspace/operate/journal.html")]
pub struct JournalView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a JournalPage,
}

/// Shows the journal.
pub(crate) async fn show_journal(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Workspace, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &JournalView { frame, page })
    })
}

async fn load(visit: &Visit) -> Result<JournalPage, PageError> {
    let role = must_oversee(visit)?;
    let asked = JournalAsked::of(visit);
    let before = parameter(visit, "before").and_then(|text| text.parse().ok());
    let filter = asked.filter(before);
    // A kind that there is not has no entries.
    let is_unknown = !asked.kind.is_empty() && filter.kind.is_none();
    let (found, head) = visit.read(move |tx| Ok((journal::search(tx, &filter, ENTRIES)?, journal::head(tx)?))).await?;
    let (entries, next) = if is_unknown { (Vec::new(), None) } else { (found.entries, found.next) };
    let mut kinds: Vec<&'static str> = EventKind::ALL.into_iter().map(EventKind::as_str).collect();
    kinds.sort_unstable();
    Ok(JournalPage {
        next: next.map(|before| asked.href(before)),
        asked,
        kinds,
        entries: entries.into_iter().map(JournalLine::from).collect(),
        head,
        chain: visit.pages.chain(),
        may_check: role == Role::Operator,
    })
}

/// Recomputes the whole chain and keeps what was found.
pub(crate) async fn check_chain(visit: Visit, form: Form) -> HttpResponse {
    let done = check(&visit, &form).await;
    visit.follow(Place::Workspace, done)
}

async fn check(visit: &Visit, form: &Form) -> Result<String, PageError> {
    if must_oversee(visit)? != Role::Operator {
        return Err(PageError::NotFound);
    }
    visit.acting(form)?;
    let found = visit
        .read(|tx| match journal::verify(tx) {
            Ok(entries) => Ok(Ok(entries)),
            Err(broken @ CatalogError::JournalBroken { .. }) => Ok(Err(broken.to_string())),
            Err(error) => Err(error),
        })
        .await?;
    visit.pages.keep_chain(ChainCheck { at: Timestamp::now(), found });
    Ok("/workspace/journal".to_owned())
}

//! Follows on the wire.

use fairground_catalog::account::Datum;
use fairground_catalog::citizen::Done;
use fairground_catalog::watch::{Channel, Delivery, Follow, LONGEST_SEARCH_CHARS, News, Rhythm, SavedSearch, Subject};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;
use utoipa::ToSchema;

use super::act::Taken;
use crate::body::{Checked, check_text};
use crate::conversation::{DataRequestOut, QuestionOut};
use crate::problem::Fault;

/// Longest search that may be followed, as an address writes it, in bytes.
const LONGEST_QUERY_BYTES: usize = 4_000;

/// How somebody is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChannelWord {
    /// By letters.
    #[default]
    Email,
    /// By signed calls of a web address.
    Webhook,
    /// Not at all: the changes stand on the own page.
    Page,
}

/// When somebody is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RhythmWord {
    /// Soon; letters of one follow are five minutes apart at least.
    #[default]
    Immediate,
    /// Once a day, after 06:00 UTC.
    Daily,
    /// Once a week, on Mondays after 06:00 UTC.
    Weekly,
}

impl From<ChannelWord> for Channel {
    fn from(word: ChannelWord) -> Self {
        match word {
            ChannelWord::Email => Self::Email,
            ChannelWord::Webhook => Self::Webhook,
            ChannelWord::Page => Self::Page,
        }
    }
}

impl From<Channel> for ChannelWord {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Webhook => Self::Webhook,
            Channel::Page => Self::Page,
        }
    }
}

impl From<RhythmWord> for Rhythm {
    fn from(word: RhythmWord) -> Self {
        match word {
            RhythmWord::Immediate => Self::Immediate,
            RhythmWord::Daily => Self::Daily,
            RhythmWord::Weekly => Self::Weekly,
        }
    }
}

impl From<Rhythm> for RhythmWord {
    fn from(rhythm: Rhythm) -> Self {
        match rhythm {
            Rhythm::Immediate => Self::Immediate,
            Rhythm::Daily => Self::Daily,
            Rhythm::Weekly => Self::Weekly,
        }
    }
}

/// What somebody wants to follow: exactly one of `dataset`, `publisher` and `search`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowIn {
    /// A dataset's id or slug.
    #[serde(default)]
    pub(super) dataset: Option<String>,
    /// A publisher's id or slug.
    #[serde(default)]
    pub(super) publisher: Option<String>,
    /// A search as its address writes it: `q=air&theme=ENVI`; what `/api/v1/datasets` takes, without order and page.
    #[serde(default)]
    #[schema(example = "q=bathing+water&format=CSV")]
    pub(super) search: Option<String>,
    /// The address to write to, and which a letter confirms first. Not needed when you are signed in with a proved address.
    #[serde(default)]
    #[schema(example = "ada@example.org")]
    pub(super) email: Option<String>,
    /// How you are told: `email` (default), `webhook`, `page`.
    #[serde(default)]
    pub(super) channel: ChannelWord,
    /// When you are told: `immediate` (default), `daily`, `weekly`.
    #[serde(default)]
    pub(super) rhythm: RhythmWord,
    /// The https address to call; for `webhook` alone.
    #[serde(default)]
    pub(super) webhook_url: Option<String>,
}

impl Checked for FollowIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let named = [&self.dataset, &self.publisher, &self.search];
        if named.iter().filter(|one| one.is_some()).count() != 1 {
            faults.push(Fault::at("", "Name one of `dataset`, `publisher` and `search`."));
        }
        if self.search.as_ref().is_some_and(|search| search.len() > LONGEST_QUERY_BYTES) {
            faults.push(Fault::at("/search", format!("May hold up to {LONGEST_QUERY_BYTES} bytes.")));
        }
        if (self.channel == ChannelWord::Webhook) != self.webhook_url.is_some() {
            faults.push(Fault::at("/webhook_url", "Goes with the channel `webhook`, and only with it."));
        }
        faults
    }
}

/// A search as an address writes it.
pub(super) fn saved_search(query: &str) -> SavedSearch {
    SavedSearch::of_pairs(form_urlencoded::parse(query.trim_start_matches('?').as_bytes()))
}

fn query_of(search: &SavedSearch) -> String {
    let mut words = form_urlencoded::Serializer::new(String::new());
    for (name, value) in search.pairs() {
        words.append_pair(name, value);
    }
    words.finish()
}

/// What is followed, for calls.
pub(super) fn subject_json(follow: &Follow) -> Value {
    match &follow.subject {
        Subject::Dataset(id) => json!({ "kind": "dataset", "id": id, "slug": follow.slug, "title": follow.title }),
        Subject::Publisher(id) => json!({ "kind": "publisher", "id": id, "slug": follow.slug, "title": follow.title }),
        Subject::Search(search) => json!({ "kind": "search", "search": query_of(search), "title": follow.title }),
    }
}

/// Another rhythm.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowPatch {
    /// When you are told.
    pub(super) rhythm: RhythmWord,
}

impl Checked for FollowPatch {}

/// Something that you follow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FollowOut {
    /// Its id.
    id: String,
    /// `dataset`, `publisher` or `search`.
    kind: &'static str,
    /// The dataset's or publisher's id; absent for searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The dataset's or publisher's slug, while it is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    /// The search, as an address writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    /// What it is called.
    title: String,
    /// How you are told.
    channel: ChannelWord,
    /// When you are told.
    rhythm: RhythmWord,
    /// The address that is called, without what may be secret in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<String>,
    /// When you were told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    told_at: Option<Timestamp>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Follow> for FollowOut {
    fn from(follow: Follow) -> Self {
        let (subject, search) = match &follow.subject {
            Subject::Dataset(id) => (Some(id.to_string()), None),
            Subject::Publisher(id) => (Some(id.to_string()), None),
            Subject::Search(search) => (None, Some(query_of(search))),
        };
        Self {
            id: follow.id.to_string(),
            kind: follow.subject.kind(),
            subject,
            slug: follow.slug,
            search,
            title: follow.title,
            channel: follow.channel.into(),
            rhythm: follow.rhythm.into(),
            webhook: follow.shown,
            told_at: follow.told_at,
            created_at: follow.created_at,
        }
    }
}

/// What you follow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FollowList {
    /// The follows, newest first.
    pub(super) items: Vec<FollowOut>,
}

/// What became of an act: done at once, or waiting for its address to be confirmed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ActOut {
    /// `done`, or `confirmation-sent`: a letter is on its way, and its link does it.
    state: &'static str,
    /// The follow, when one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    follow: Option<FollowOut>,
    /// The question, when one was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<QuestionOut>,
    /// The request, when one was made or supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<DataRequestOut>,
    /// What calls of a webhook are signed with (Standard Webhooks); shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) webhook_secret: Option<String>,
}

impl ActOut {
    const SENT: Self =
        Self { state: "confirmation-sent", follow: None, question: None, request: None, webhook_secret: None };

    /// What was done.
    pub(crate) fn done(done: Done) -> Self {
        let mut out = Self { state: "done", ..Self::SENT };
        match done {
            Done::Followed(follow) => out.follow = Some(follow.into()),
            Done::Asked(question) => out.question = Some(question.into()),
            Done::Requested(request) | Done::Supported(request) => out.request = Some(request.into()),
        }
        out
    }
}

/// What became of an act, and whether it is done.
pub(crate) fn taken(taken: Taken) -> (ActOut, bool) {
    match taken {
        Taken::Done(done) => (ActOut::done(done.1), true),
        Taken::LetterSent => (ActOut::SENT, false),
    }
}

/// The token of a letter's link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmIn {
    /// What the link carries.
    pub(super) token: String,
}

impl Checked for ConfirmIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/token", &self.token, LONGEST_SEARCH_CHARS);
        faults
    }
}

/// A change that was news to a follow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FollowChangeOut {
    /// The follow's id.
    follow: String,
    /// The entry's number in `/api/v1/changes`.
    seq: i64,
    /// What happened, such as `dataset.updated`.
    kind: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The dataset's id.
    dataset: String,
    /// Its slug.
    slug: String,
    /// Its title; absent when it is not public any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// `waiting`, `delivered`, `failed` (the delivery says why) or `shown` (told here alone).
    state: &'static str,
}

impl From<News> for FollowChangeOut {
    fn from(news: News) -> Self {
        let change = news.change;
        Self {
            follow: news.follow.to_string(),
            seq: change.seq,
            kind: change.kind,
            at: news.at,
            dataset: change.dataset.to_string(),
            slug: change.slug,
            title: change.title,
            state: news.state.as_str(),
        }
    }
}

/// Changes of what you follow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FollowChangeList {
    /// The latest changes, newest first.
    pub(super) items: Vec<FollowChangeOut>,
}

/// A letter or a call, and what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DeliveryOut {
    /// Its id.
    id: String,
    /// The follow; absent for digests of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    follow: Option<String>,
    /// Letter or call.
    channel: ChannelWord,
    /// How many changes it tells.
    changes: i64,
    /// `waiting`, `delivered` or `failed`.
    state: &'static str,
    /// How often it was tried.
    attempts: i32,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// When it was made up.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            follow: delivery.follow.map(|id| id.to_string()),
            channel: delivery.channel.into(),
            changes: delivery.changes,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            error: delivery.error,
            created_at: delivery.created_at,
            finished_at: delivery.finished_at,
        }
    }
}

/// What was delivered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DeliveryList {
    /// The latest deliveries, newest first.
    pub(super) items: Vec<DeliveryOut>,
}

/// One thing that is kept, why and until when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct KeptOut {
    /// What it is.
    what: &'static str,
    /// The thing itself.
    #[schema(value_type = Object)]
    value: Value,
    /// Why it is kept.
    why: &'static str,
    /// Until when.
    until: String,
}

impl From<Datum> for KeptOut {
    fn from(datum: Datum) -> Self {
        Self { what: datum.what, value: datum.value, why: datum.why, until: datum.until }
    }
}

/// Everything that is kept about a citizen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CitizenOut {
    /// The portal.
    pub(super) portal: String,
    /// When it was told.
    #[schema(value_type = String, format = DateTime)]
    pub(super) exported_at: Timestamp,
    /// Each thing, with its reason and its end.
    pub(super) data: Vec<KeptOut>,
}

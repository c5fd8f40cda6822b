//! Follows: citizens who are told when a dataset, a publisher's datasets or the datasets of a search change.
//!
//! ```text
//! journal ─▶ match_news (a position of its own) ─▶ news of each follow ─▶ letters (queued with their marks in one transaction)
//!                                                                      └▶ calls (tried again, or visibly failed)
//! ```
//!
//! A change is news of a follow once: the journal's number is its key. News are handed to one delivery, which is delivered
//! once or says why it was not. Nobody's reading is noted, only what they asked to be told of.

mod call;
mod deliver;
mod journey;
mod news;
mod series;
mod store;
mod unsubscribe;

use fairground_domain::{CitizenId, DatasetId, DeliveryId, FollowId, PublisherId, Timestamp};
use fairground_search::{Facet, Filter, SearchQuery};
use serde::{Deserialize, Serialize};

pub use call::{
    CALL_HOLD_SECS, DueCall, MAX_CALL_ATTEMPTS, MOST_CALLED, call_delivered, call_failed, has_calls, hurry_calls,
    prepare_calls, put_off_call, take_due_calls,
};
pub use deliver::{
    Change, DAYS_KEPT, DueLetter, MOST_LISTED, PAUSE_SECS, due_letters, letter_queued, list_deliveries, prune, retry,
    take_letter,
};
pub use journey::{Watched, match_news};
pub use news::{News, NewsState, list_news};
pub use series::{Member, list_members};
pub(crate) use store::{check, forget};
pub use store::{count_all, end_follow, follow, get_follow, list_follows, set_rhythm};
pub use unsubscribe::{Unsubscribed, digest_token, follow_token, look_at_unsubscribe, unsubscribe};

/// Follows of one citizen.
pub const MOST_FOLLOWS: i64 = 200;
/// Webhooks of one citizen.
pub const MOST_WEBHOOKS: i64 = 10;
/// Most values that a followed search may name.
pub const MOST_SEARCH_VALUES: usize = 40;
/// Longest words of a followed search, in characters.
pub const LONGEST_SEARCH_CHARS: usize = 200;

/// What is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// One dataset, series or service.
    Dataset(DatasetId),
    /// Every dataset of a publisher.
    Publisher(PublisherId),
    /// Every dataset that a search finds.
    Search(SavedSearch),
}

impl Subject {
    /// Its kind, as it is written.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dataset(_) => "dataset",
            Self::Publisher(_) => "publisher",
            Self::Search(_) => "search",
        }
    }
}

/// A search without order and page: words, and values of facets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// The words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// Facets by their names in addresses, each with a value, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, String)>,
}

impl SavedSearch {
    /// A search from the pairs of an address; what belongs to order and page, and what is unknown, is left out.
    #[must_use]
    pub fn of_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut search = Self::default();
        for (name, value) in pairs {
            let value = value.as_ref().trim();
            match name.as_ref() {
                _ if value.is_empty() => {}
                "q" => search.words = value.split_whitespace().collect::<Vec<_>>().join(" "),
                name if Facet::parse(name).is_some() => search.values.push((name.to_owned(), value.to_owned())),
                _ => {}
            }
        }
        search.values.sort_unstable();
        search.values.dedup();
        search
    }

    /// Whether it asks for everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.values.is_empty()
    }

    /// The pairs of its address.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let words = (!self.words.is_empty()).then_some(("q", self.words.as_str()));
        words.into_iter().chain(self.values.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// What it says, in one line: the words, then the values.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words = (!self.words.is_empty()).then(|| format!("“{}”", self.words));
        let values = self.values.iter().map(|(_, value)| short_name(value).to_owned());
        words.into_iter().chain(values).collect::<Vec<_>>().join(", ")
    }

    /// The question to the index, among these datasets alone: all of the words, none respelt or left out.
    pub(crate) fn among(&self, ids: Vec<DatasetId>) -> SearchQuery {
        let mut parts = vec![Filter::Ids(ids)];
        if !self.words.is_empty() {
            parts.push(Filter::Text(self.words.clone()));
        }
        for facet in Facet::ALL {
            let own = self.values.iter().filter(|(name, _)| name == facet.as_str());
            let values: Vec<String> = own.map(|(_, value)| value.clone()).collect();
            if !values.is_empty() {
                parts.push(Filter::Value(facet, values));
            }
        }
        SearchQuery { filter: Some(Filter::All(parts)), ..SearchQuery::default() }
    }
}

/// An address by its last part, another text as it is.
fn short_name(value: &str) -> &str {
    if value.contains("://") { value.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(value) } else { value }
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// By letters.
    Email,
    /// By signed calls of a web address.
    Webhook,
    /// Not at all: the news stand on the citizen's own page.
    Page,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Email, Self::Webhook, Self::Page];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Page => "page",
        }
    }

    /// The channel that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// When somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    /// Soon: what follows within [`PAUSE_SECS`] of a letter waits for the next.
    Immediate,
    /// Once a day, after six in the morning (UTC).
    Daily,
    /// Once a week, on Mondays after six in the morning (UTC).
    Weekly,
}

impl Rhythm {
    /// Every rhythm.
    pub const ALL: [Self; 3] = [Self::Immediate, Self::Daily, Self::Weekly];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// The rhythm that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rhythm| rhythm.as_str() == text)
    }

    /// The last moment before `now` at which digests of this rhythm go out; `now` itself for immediate ones.
    #[must_use]
    pub fn last_turn(self, now: Timestamp) -> Timestamp {
        const DAY: i64 = 86_400;
        /// Digests go out at six in the morning.
        const SIX: i64 = 6 * 3_600;
        /// The first of January 1970 was a Thursday; the Monday after it began so much later.
        const MONDAY: i64 = 4 * DAY;
        let since = |first: i64, step: i64| {
            let secs = now.as_secs();
            Timestamp::from_micros((secs - (secs - first).rem_euclid(step)).saturating_mul(1_000_000))
        };
        match self {
            Self::Immediate => now,
            Self::Daily => since(SIX, DAY),
            Self::Weekly => since(MONDAY + SIX, 7 * DAY),
        }
    }
}

/// What somebody wants to follow. A web address must have been judged by whoever calls.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFollow {
    /// What.
    pub subject: Subject,
    /// How they are told.
    pub channel: Channel,
    /// When they are told.
    pub rhythm: Rhythm,
    /// The web address to call; for webhooks only.
    pub address: Option<String>,
    /// What calls are signed with; for webhooks only.
    pub secret: Option<String>,
}

/// Never with the address or the secret.
impl std::fmt::Debug for NewFollow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewFollow")
            .field("subject", &self.subject)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// What somebody follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Follow {
    /// Its id.
    pub id: FollowId,
    /// Whose it is.
    #[serde(skip)]
    pub citizen: CitizenId,
    /// What is followed.
    pub subject: Subject,
    /// What it is called: a dataset's title, a publisher's name, a search in words.
    pub title: String,
    /// Its readable address, for datasets and publishers that are public.
    pub slug: Option<String>,
    /// How they are told.
    pub channel: Channel,
    /// When they are told.
    pub rhythm: Rhythm,
    /// The web address that is called, without what may be secret in it.
    pub shown: Option<String>,
    /// When they were told last.
    pub told_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// It waits to be handed over, for the first time or again.
    Waiting,
    /// The mail server took the letter, or the receiver answered with a status of success.
    Delivered,
    /// It was tried as often as it is tried, or can never be delivered.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// A letter or a call with changes, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its id; calls carry it as `webhook-id`.
    pub id: DeliveryId,
    /// Of which follow; none for digests of several.
    pub follow: Option<FollowId>,
    /// Letter or call.
    pub channel: Channel,
    /// How many changes it tells.
    pub changes: i64,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was made up.
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::lenient(text).expect("a moment")
    }

    #[test]
    fn digests_go_out_at_six_and_weekly_ones_on_mondays() {
        for (rhythm, now, turn) in [
            (Rhythm::Daily, "2026-11-22T05:59:59Z", "2026-11-21T06:00:00Z"),
            (Rhythm::Daily, "2026-11-22T06:00:00Z", "2026-11-22T06:00:00Z"),
            (Rhythm::Weekly, "2026-11-22T12:00:00Z", "2026-11-16T06:00:00Z"),
            (Rhythm::Weekly, "2026-11-23T06:00:01Z", "2026-11-23T06:00:00Z"),
            (Rhythm::Immediate, "2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
        ] {
            assert_eq!(rhythm.last_turn(at(now)), at(turn), "{rhythm:?} {now}");
        }
    }

    #[test]
    fn a_search_is_the_same_however_its_address_is_written() {
        let one = SavedSearch::of_pairs([("q", " air  quality "), ("theme", "ENVI"), ("format", "CSV"), ("page", "3")]);
        let other =
            SavedSearch::of_pairs([("format", "CSV"), ("theme", "ENVI"), ("theme", "ENVI"), ("q", "air quality")]);
        assert_eq!(one, other);
        assert_eq!(one.pairs().collect::<Vec<_>>(), [("q", "air quality"), ("format", "CSV"), ("theme", "ENVI")]);
        assert!(SavedSearch::of_pairs([("sort", "title"), ("q", " ")]).is_empty());
        let iri = SavedSearch::of_pairs([("theme", "https://t.example/data-theme/ENVI")]);
        assert_eq!(iri.in_words(), "ENVI");
    }
}

//! Following: the form, the letter's link, one's own page, and the click that ends it.

mod act;
mod own;

use std::borrow::Borrow;

use askama::Template;
use fairground_catalog::citizen::CitizenData;
use fairground_catalog::conversation::{DataRequest, Question};
use fairground_catalog::watch::{Channel, Delivery, Follow, News, NewsState, Rhythm, Subject};

use crate::layout::{Frame, Link};

pub(crate) use act::{
    confirm, follow, is_honey_taken, must_be_of_this_reader, show_confirmation, show_follow, show_sent,
    show_unsubscribe, told, unsubscribe,
};
pub(crate) use own::{act_on_own, show_own};

/// The card on the page of what can be followed: where the form is, and where the feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowCard {
    /// The form's address.
    pub href: String,
    /// The Atom feed's address.
    pub feed: String,
}

impl FollowCard {
    /// The card of a dataset.
    #[must_use]
    pub fn of_dataset(slug: &str) -> Self {
        Self { href: format!("/follow?dataset={slug}"), feed: format!("/feeds/datasets/{slug}.atom") }
    }

    /// The card of a publisher.
    #[must_use]
    pub fn of_publisher(slug: &str) -> Self {
        Self { href: format!("/follow?publisher={slug}"), feed: format!("/feeds/publishers/{slug}.atom") }
    }
}

/// The form for following.
#[derive(Debug, Clone)]
pub struct FollowPage {
    /// `dataset`, `publisher` or `search`.
    pub kind: &'static str,
    /// What it is called, and where it is.
    pub what: Link,
    /// The feed of the same.
    pub feed: String,
    /// What names it in the form: its field and value.
    pub subject: (&'static str, String),
    /// Whether the reader's address is proved already.
    pub is_known: bool,
    /// What was typed: the address, the rhythm, the web address.
    pub email: String,
    /// The rhythm that is chosen.
    pub rhythm: Rhythm,
    /// The web address to call.
    pub webhook: String,
    /// The message for what is wrong, or its text where there is no message for it.
    pub fault: Option<Fault>,
}

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field that it is about.
    pub field: &'static str,
    /// The message's key; empty where there is none.
    pub key: &'static str,
    /// The text where there is no message.
    pub text: String,
}

/// What the reader is told after an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DonePage {
    /// The keys of heading and text.
    pub title: &'static str,
    /// The text's key.
    pub text: &'static str,
    /// What it is about.
    pub about: String,
    /// A secret that is shown this once.
    pub secret: Option<String>,
    /// Where to go on.
    pub links: Vec<(&'static str, String)>,
}

/// What the link in a letter would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmPage {
    /// The link's token.
    pub token: String,
    /// The key of what it does.
    pub key: &'static str,
    /// What it is about.
    pub about: String,
}

/// What a click would end.
#[derive(Debug, Clone)]
pub struct UnsubscribePage {
    /// The link's token.
    pub token: String,
    /// What would end, or has ended.
    pub follows: Vec<Follow>,
    /// Whether it is done.
    pub is_done: bool,
}

/// Everything that is a citizen's own.
#[derive(Debug, Clone)]
pub struct OwnPage {
    /// The page's path, to which its forms go.
    pub path: String,
    /// What is kept; nothing for who follows, asked and supports nothing.
    pub data: Option<CitizenData>,
    /// The latest changes with what they belong to.
    pub news: Vec<News>,
    /// Whether it was reached by signing in.
    pub by_session: bool,
}

impl OwnPage {
    /// The follows.
    #[must_use]
    pub fn follows(&self) -> &[Follow] {
        self.data.as_ref().map_or(&[], |data| &data.follows)
    }

    /// Deliveries that failed, which their owner should see first.
    #[must_use]
    pub fn failed(&self) -> Vec<&Delivery> {
        use fairground_catalog::watch::DeliveryState::Failed;
        self.data.iter().flat_map(|data| &data.deliveries).filter(|delivery| delivery.state == Failed).collect()
    }

    /// What was asked.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        self.data.as_ref().map_or(&[], |data| &data.questions)
    }

    /// What was asked for.
    #[must_use]
    pub fn requests(&self) -> &[DataRequest] {
        self.data.as_ref().map_or(&[], |data| &data.requests)
    }

    /// What is supported.
    #[must_use]
    pub fn supports(&self) -> &[DataRequest] {
        self.data.as_ref().map_or(&[], |data| &data.supports)
    }

    /// The address, if it can be read.
    #[must_use]
    pub fn email(&self) -> &str {
        self.data.as_ref().and_then(|data| data.email.as_deref()).unwrap_or_default()
    }
}

/// Where what is followed is shown.
#[must_use]
pub fn href_of(follow: &Follow) -> String {
    match (&follow.subject, &follow.slug) {
        (Subject::Dataset(_), Some(slug)) => format!("/datasets/{slug}"),
        (Subject::Publisher(_), Some(slug)) => format!("/publishers/{slug}"),
        (Subject::Search(search), _) => {
            let mut words = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in search.pairs() {
                words.append_pair(name, value);
            }
            format!("/datasets?{}", words.finish())
        }
        (Subject::Dataset(_) | Subject::Publisher(_), None) => String::new(),
    }
}

/// The key of what kind of thing is followed.
#[must_use]
pub const fn kind_key(follow: &Follow) -> &'static str {
    match follow.subject {
        Subject::Dataset(_) => "watch-kind-dataset",
        Subject::Publisher(_) => "watch-kind-publisher",
        Subject::Search(_) => "watch-kind-search",
    }
}

/// The key of a rhythm's words.
#[must_use]
pub fn rhythm_key(rhythm: impl Borrow<Rhythm>) -> &'static str {
    match rhythm.borrow() {
        Rhythm::Immediate => "watch-immediate",
        Rhythm::Daily => "watch-daily",
        Rhythm::Weekly => "watch-weekly",
    }
}

/// The key of a channel's words.
#[must_use]
pub fn channel_key(channel: impl Borrow<Channel>) -> &'static str {
    match channel.borrow() {
        Channel::Email => "watch-by-email",
        Channel::Webhook => "watch-by-webhook",
        Channel::Page => "watch-by-page",
    }
}

/// The key of what happened to a dataset.
#[must_use]
pub fn change_key(kind: &str) -> &'static str {
    match kind {
        "dataset.created" => "watch-change-created",
        "dataset.withdrawn" => "watch-change-withdrawn",
        "dataset.restored" => "watch-change-restored",
        "table.published" => "watch-change-data",
        _ => "watch-change-updated",
    }
}

/// The key of where a piece of news stands.
#[must_use]
pub fn state_key(state: impl Borrow<NewsState>) -> &'static str {
    match state.borrow() {
        NewsState::Waiting => "watch-state-waiting",
        NewsState::Delivered => "watch-state-delivered",
        NewsState::Failed => "watch-state-failed",
        NewsState::Shown => "watch-state-shown",
    }
}

macro_rules! views {
    ($($(#[$doc:meta])* $view:ident of $page:ty = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $view<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    /// The template of [`FollowPage`].
    FollowView of FollowPage = "watch/follow.html";
    /// The template of [`DonePage`].
    DoneView of DonePage = "watch/done.html";
    /// The template of [`ConfirmPage`].
    ConfirmView of ConfirmPage = "watch/confirm.html";
    /// The template of [`UnsubscribePage`].
    UnsubscribeView of UnsubscribePage = "watch/unsubscribe.html";
    /// The template of [`OwnPage`].
    OwnView of OwnPage = "watch/own.html";
}

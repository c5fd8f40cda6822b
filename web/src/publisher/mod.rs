//! Publishers: the list and each one's page.

mod show;

use askama::Template;
use fairground_domain::ResourceKind;

use crate::layout::{CountedLink, Frame};
use crate::prose::SafeHtml;
use crate::quality::QualityCard;
use crate::search::{Filter, ResultCard, href_for};
use crate::words::LicenceKind;

pub(crate) use show::{list_publishers, show_publisher};

/// One publisher in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherCard {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The body above it.
    pub part_of: Option<String>,
    /// How many datasets it publishes here.
    pub datasets: u64,
}

/// The list of publishers.
#[derive(Debug, Clone, Default)]
pub struct PublisherList {
    /// What the list is narrowed to.
    pub words: String,
    /// The publishers by name.
    pub publishers: Vec<PublisherCard>,
    /// How many there are in all.
    pub total: u64,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// The page of a publisher.
#[derive(Debug, Clone)]
pub struct PublisherPage {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The body above it.
    pub part_of: Option<String>,
    /// What it says about itself.
    pub about: SafeHtml,
    /// Its page.
    pub homepage: Option<String>,
    /// Its mailbox.
    pub email: Option<String>,
    /// How many datasets it publishes here.
    pub datasets: u64,
    /// The themes of its datasets.
    pub themes: Vec<CountedLink>,
    /// The formats of its datasets.
    pub formats: Vec<CountedLink>,
    /// Its latest changed datasets.
    pub newest: Vec<ResultCard>,
    /// How good their descriptions are, where they are measured.
    pub quality: Option<QualityCard>,
}

impl PublisherPage {
    /// The address of all its datasets.
    #[must_use]
    pub fn all(&self) -> String {
        href_for(Filter::Publisher, &self.slug)
    }
}

/// The template of [`PublisherList`].
#[derive(Debug, Template)]
#[template(path = "publisher/list.html")]
pub struct PublisherListView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a PublisherList,
}

/// The template of [`PublisherPage`].
#[derive(Debug, Template)]
#[template(path = "publisher/page.html")]
pub struct PublisherView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a PublisherPage,
}

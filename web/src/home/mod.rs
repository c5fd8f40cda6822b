//! The first page.

use askama::Template;
use fairground_domain::ResourceKind;

use crate::layout::{CountedLink, Frame};
use crate::search::ResultCard;
use crate::words::LicenceKind;

/// The first page.
#[derive(Debug, Clone, Default)]
pub struct HomePage {
    /// How many datasets there are.
    pub datasets: u64,
    /// How many publishers there are.
    pub publishers: u64,
    /// The themes with most datasets.
    pub themes: Vec<CountedLink>,
    /// The latest changed datasets.
    pub newest: Vec<ResultCard>,
    /// The publishers with most datasets.
    pub largest_publishers: Vec<CountedLink>,
}

/// The template of [`HomePage`].
#[derive(Debug, Template)]
#[template(path = "home/page.html")]
pub struct HomeView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a HomePage,
}

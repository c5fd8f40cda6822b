//! Finding datasets: the results page with its facets.

mod ask;
mod card;
mod load;
mod query;

use askama::Template;
use fairground_domain::ResourceKind;
use url::form_urlencoded;

use crate::layout::{Frame, Link};
use crate::words::LicenceKind;

pub(crate) use ask::{ask, show_ask};
pub use card::ResultCard;
pub(crate) use load::{cards, facet_of, links_of, search_datasets};
pub use query::{Filter, Query, Sort, href_for};

/// The results page.
#[derive(Debug, Clone, Default)]
pub struct SearchPage {
    /// What was asked for.
    pub query: Query,
    /// How many datasets match.
    pub total: u64,
    /// The datasets of this page.
    pub results: Vec<ResultCard>,
    /// The facets, in the order they are shown.
    pub facets: Vec<Facet>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// How many results a page holds.
    pub page_size: u64,
    /// Words that nothing, or next to nothing, holds, and those that were searched too.
    pub respelled: Vec<Respelt>,
    /// True when some of the results hold only some of the words.
    pub fewer_words: bool,
    /// How many datasets hold all the words.
    pub with_all_words: u64,
    /// Another spelling that finds more: its address, its words and how many datasets it finds.
    pub did_you_mean: Option<(String, String, u64)>,
    /// What comes nearest when nothing was found.
    pub nearest: Vec<ResultCard>,
    /// Themes to offer when nothing was found.
    pub ideas: Vec<Link>,
}

/// A word and the one that was searched in its place, or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respelt {
    /// As typed.
    pub typed: String,
    /// As searched.
    pub taken: String,
    /// How many datasets hold the word as typed.
    pub held: u64,
}

/// One facet: a property and its values with counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// Which filter its values set.
    pub filter: Filter,
    /// The values, most frequent first.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// How it is called in addresses: more than one where sources write the same thing differently, such as a licence's
    /// address with `http` and with `https`.
    pub values: Vec<String>,
    /// How it is called on the page.
    pub label: String,
    /// How many of the results have it.
    pub count: u64,
}

impl SearchPage {
    /// Where one asks for data that was not found.
    #[must_use]
    pub fn ask_href(&self) -> String {
        let words = form_urlencoded::Serializer::new(String::new()).append_pair("q", &self.query.words).finish();
        format!("/datasets/ask?{words}")
    }

    /// Where the form is that follows this search.
    #[must_use]
    pub fn follow_href(&self) -> String {
        let address = self.query.from_start().href();
        let words = address.split_once('?').map_or("", |(_, words)| words);
        let search = form_urlencoded::Serializer::new(String::new()).append_pair("search", words).finish();
        format!("/follow?{search}")
    }

    /// Number of the first result on this page, from 1.
    #[must_use]
    pub fn first_number(&self) -> u64 {
        u64::from(self.query.page.saturating_sub(1)) * self.page_size + 1
    }

    /// Number of the last result on this page.
    #[must_use]
    pub fn last_number(&self) -> u64 {
        (self.first_number() + u64::try_from(self.results.len()).unwrap_or(u64::MAX)).saturating_sub(1)
    }

    /// Every filter that is set: the filter, its label on the page and the address without it.
    #[must_use]
    pub fn chips(&self) -> Vec<Chip> {
        let known = |filter: Filter, value: &String| {
            let facet = self.facets.iter().find(|facet| facet.filter == filter);
            facet.and_then(|facet| facet.values.iter().find(|known| known.values.contains(value)))
        };
        let mut chips: Vec<Chip> = Vec::with_capacity(self.query.filters.len());
        for (filter, value) in &self.query.filters {
            let own = std::slice::from_ref(value);
            let (label, values) = known(*filter, value)
                .map_or((value.as_str(), own), |known| (known.label.as_str(), known.values.as_slice()));
            let chip =
                Chip { filter: *filter, label: label.to_owned(), href: self.query.without(*filter, values).href() };
            if !chips.contains(&chip) {
                chips.push(chip);
            }
        }
        chips
    }

    /// How many filters are set, for the button that opens them on phones.
    #[must_use]
    pub fn filters_set(&self) -> usize {
        self.chips().len()
    }

    /// Whether there is anything to narrow the results down by.
    #[must_use]
    pub fn has_facets(&self) -> bool {
        self.facets.iter().any(|facet| !facet.values.is_empty())
    }
}

/// A filter that is set, and the way to take it off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The filter.
    pub filter: Filter,
    /// Its value as the page calls it.
    pub label: String,
    /// The address without it.
    pub href: String,
}

/// The template of [`SearchPage`].
#[derive(Debug, Template)]
#[template(path = "search/page.html")]
pub struct SearchView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a SearchPage,
}

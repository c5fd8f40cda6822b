//! What is asked and what is answered.

use std::collections::BTreeMap;

use fairground_domain::{DatasetId, ResourceKind, Timestamp};

use crate::cursor::Cursor;
use crate::error::SearchError;
use crate::filter::Filter;

/// Most hits on one page.
pub const MAX_LIMIT: usize = 1_000;
/// Hits on a page when the caller has no wish.
pub const DEFAULT_LIMIT: usize = 20;
/// Most values listed per facet.
pub const MAX_FACET_LIMIT: usize = 1_000;
/// Hits that are passed over in one pass: what a pass holds in memory is bounded by it.
pub const MAX_SKIP_AT_ONCE: usize = 20_000;
/// Most values in one field's filter.
pub const MAX_FILTER_VALUES: usize = 200;

/// A question to the index. The default asks for everything.
///
/// Values within one field are alternatives; different fields must all agree. Letter case and accents of filter values do
/// not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// Words as a person types them: all are wanted (of many words, most), `"a phrase"`, `-without`, `title:word`. Never an
    /// error, whatever it holds; what goes beyond [`crate::MAX_TEXT_CHARS`] and [`crate::MAX_WORDS`] is passed over.
    pub text: String,
    /// Values of [`Facet::Publisher`].
    pub publisher: Vec<String>,
    /// Values of [`Facet::Theme`].
    pub theme: Vec<String>,
    /// Values of [`Facet::Keyword`].
    pub keyword: Vec<String>,
    /// Values of [`Facet::Format`].
    pub format: Vec<String>,
    /// Values of [`Facet::Licence`].
    pub licence: Vec<String>,
    /// Values of [`Facet::Language`].
    pub language: Vec<String>,
    /// Values of [`Facet::Place`].
    pub place: Vec<String>,
    /// Values of [`Facet::HighValue`].
    pub high_value: Vec<String>,
    /// Values of [`Facet::Quality`].
    pub quality: Vec<String>,
    /// Values of [`Facet::Access`].
    pub access: Vec<String>,
    /// Kinds wanted; empty means all.
    pub kinds: Vec<ResourceKind>,
    /// West, south, east, north in degrees: datasets whose box meets this one. West may exceed east.
    pub bbox: Option<[f64; 4]>,
    /// Datasets whose time coverage ends here or later.
    pub from: Option<Timestamp>,
    /// Datasets whose time coverage begins here or earlier.
    pub to: Option<Timestamp>,
    /// A condition beyond the fields above; counts of facets keep to it too.
    pub filter: Option<Filter>,
    /// The order.
    pub sort: Sort,
    /// Hits per page, at most [`MAX_LIMIT`]; more is taken as that. Zero is allowed: counts only.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// Hits to pass over from there on. A cursor costs the same at any depth; this costs one more pass for every
    /// [`MAX_SKIP_AT_ONCE`] hits.
    pub skip: usize,
    /// Facets to count.
    pub facets: Vec<Facet>,
    /// Values per facet, at most [`MAX_FACET_LIMIT`]; more is taken as that.
    pub facet_limit: usize,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            publisher: Vec::new(),
            theme: Vec::new(),
            keyword: Vec::new(),
            format: Vec::new(),
            licence: Vec::new(),
            language: Vec::new(),
            place: Vec::new(),
            high_value: Vec::new(),
            quality: Vec::new(),
            access: Vec::new(),
            kinds: Vec::new(),
            bbox: None,
            from: None,
            to: None,
            filter: None,
            sort: Sort::Relevance,
            limit: DEFAULT_LIMIT,
            cursor: None,
            skip: 0,
            facets: Vec::new(),
            facet_limit: 10,
        }
    }
}

impl SearchQuery {
    /// A question by words alone.
    #[must_use]
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The wanted values of one facet; empty means any.
    #[must_use]
    pub fn wanted(&self, facet: Facet) -> &[String] {
        match facet {
            Facet::Publisher => &self.publisher,
            Facet::Theme => &self.theme,
            Facet::Keyword => &self.keyword,
            Facet::Format => &self.format,
            Facet::Licence => &self.licence,
            Facet::Language => &self.language,
            Facet::Place => &self.place,
            Facet::HighValue => &self.high_value,
            Facet::Quality => &self.quality,
            Facet::Access => &self.access,
        }
    }

    /// Refuses what cannot be answered.
    pub(crate) fn check(&self) -> Result<(), SearchError> {
        for facet in Facet::ALL {
            if self.wanted(facet).len() > MAX_FILTER_VALUES {
                return Err(SearchError::TooManyValues { field: facet.as_str(), max: MAX_FILTER_VALUES });
            }
        }
        if let Some(filter) = &self.filter {
            filter.check()?;
        }
        match self.bbox {
            Some(bbox) if !bbox.iter().all(|degrees| degrees.is_finite()) => Err(SearchError::InvalidBox),
            Some([_, south, _, north]) if south > north => Err(SearchError::InvalidBox),
            _ => Ok(()),
        }
    }
}

/// The order of hits. Ties are broken by dataset id, so every order is total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The best match first; without words, what changed last.
    #[default]
    Relevance,
    /// The last modified first; those without a date last.
    Modified,
    /// The last issued first; those without a date last.
    Issued,
    /// By folded title, A first.
    Title,
    /// By folded title, Z first.
    TitleDescending,
    /// By slug, A first.
    Slug,
    /// By slug, Z first.
    SlugDescending,
    /// The last changed in the catalogue first.
    Updated,
    /// The last changed in the catalogue last.
    UpdatedAscending,
    /// By id, which is the order of birth.
    Id,
    /// The youngest first, to the millisecond.
    IdDescending,
}

impl Sort {
    /// Whether hits are ordered by a text.
    pub(crate) const fn is_by_text(self) -> bool {
        match self {
            Self::Title | Self::TitleDescending | Self::Slug | Self::SlugDescending => true,
            Self::Relevance
            | Self::Modified
            | Self::Issued
            | Self::Updated
            | Self::UpdatedAscending
            | Self::Id
            | Self::IdDescending => false,
        }
    }

    /// Whether a text that comes later in the alphabet comes first.
    pub(crate) const fn is_descending_text(self) -> bool {
        matches!(self, Self::TitleDescending | Self::SlugDescending)
    }
}

/// A field whose values can be counted and filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// `dct:publisher`.
    Publisher,
    /// `dcat:theme`.
    Theme,
    /// `dcat:keyword`.
    Keyword,
    /// `dct:format` of distributions.
    Format,
    /// `dct:license`.
    Licence,
    /// `dct:language`.
    Language,
    /// `dct:spatial`, by name.
    Place,
    /// Category of high-value datasets.
    HighValue,
    /// Band of quality: `excellent`, `good`, `sufficient`, `bad`.
    Quality,
    /// How its data can be had: `api`.
    Access,
}

impl Facet {
    /// Every facet.
    pub const ALL: [Self; 10] = [
        Self::Publisher,
        Self::Theme,
        Self::Keyword,
        Self::Format,
        Self::Licence,
        Self::Language,
        Self::Place,
        Self::HighValue,
        Self::Quality,
        Self::Access,
    ];

    /// The facet's name in addresses and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publisher => "publisher",
            Self::Theme => "theme",
            Self::Keyword => "keyword",
            Self::Format => "format",
            Self::Licence => "licence",
            Self::Language => "language",
            Self::Place => "place",
            Self::HighValue => "high_value",
            Self::Quality => "quality",
            Self::Access => "access",
        }
    }

    /// The facet of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.as_str() == name)
    }
}

/// One page of hits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchAnswer {
    /// The page, in order.
    pub hits: Vec<Hit>,
    /// How many datasets match in all, whatever the page.
    pub total: u64,
    /// Counts per facet asked for, the most frequent value first (ties by value).
    ///
    /// A facet's counts ignore the filter on that facet itself, so they tell what another choice there would give.
    pub facets: BTreeMap<Facet, Vec<FacetCount>>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<Cursor>,
    /// How the words were taken, when not all of them were found as typed.
    pub reading: Reading,
}

/// How the words of a query were taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Words that nothing, or next to nothing, holds, and the nearest ones that were searched too.
    pub respelled: Vec<Respelling>,
    /// True when some of the datasets found hold only some of the words.
    pub fewer_words: bool,
    /// How many datasets hold all the words, whatever the filters.
    pub with_all_words: u64,
    /// Another spelling that finds more, when little was found.
    pub did_you_mean: Option<DidYouMean>,
}

/// One word searched in place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respelling {
    /// As typed, folded.
    pub typed: String,
    /// As searched: the most frequent of the nearest words.
    pub taken: String,
    /// How many datasets hold the word as typed: 0, or very few.
    pub held: u64,
}

/// The same question in another spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DidYouMean {
    /// What to ask.
    pub text: String,
    /// How many datasets that finds, with the same filters.
    pub total: u64,
}

/// One dataset found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The dataset.
    pub id: DatasetId,
    /// Its score under [`Sort::Relevance`]; comparable within one answer only. Zero under other orders.
    pub score: f32,
    /// The card it was put in with.
    pub card: String,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// What a filter on this value uses.
    pub value: String,
    /// What people read.
    pub label: String,
    /// How many datasets have it.
    pub count: u64,
}

/// What a person may be about to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The text to show and, for keywords and titles, to search for.
    pub text: String,
    /// What it leads to.
    pub target: SuggestionTarget,
    /// How many datasets it leads to (approximately: replaced documents may still count for a while).
    pub count: u64,
}

/// What a suggestion leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuggestionTarget {
    /// One dataset.
    Dataset {
        /// Its id.
        id: DatasetId,
        /// Its slug.
        slug: String,
    },
    /// The datasets of a publisher, by the value to filter with.
    Publisher(String),
    /// The datasets with a keyword, by the value to filter with.
    Keyword(String),
    /// What many have asked for.
    Query(String),
}

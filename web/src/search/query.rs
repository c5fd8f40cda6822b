//! What a reader asks the catalogue for, as the address says it.

use std::fmt;

use url::form_urlencoded;

/// Longest query that is searched for, in characters; more is cut.
const LONGEST_QUERY_CHARS: usize = 500;
/// Most filters that one address may set.
const MOST_FILTERS: usize = 40;

/// A property that results can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// By publisher.
    Publisher,
    /// By theme.
    Theme,
    /// By keyword.
    Keyword,
    /// By format.
    Format,
    /// By licence.
    Licence,
    /// By language.
    Language,
    /// By place.
    Place,
    /// By category of high-value datasets.
    HighValue,
    /// By quality of the description.
    Quality,
    /// By how the data can be had.
    Access,
}

impl Filter {
    /// Every filter, in the order they are shown.
    pub const ALL: [Self; 10] = [
        Self::Theme,
        Self::Publisher,
        Self::Format,
        Self::Access,
        Self::Licence,
        Self::Keyword,
        Self::Place,
        Self::HighValue,
        Self::Quality,
        Self::Language,
    ];

    /// Its name in addresses.
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
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The order of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best match first; newest first where no words are given.
    #[default]
    Relevance,
    /// Latest change first.
    Modified,
    /// By title.
    Title,
}

impl Sort {
    /// Its name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Modified => "modified",
            Self::Title => "title",
        }
    }
}

/// One address of the results page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The words.
    pub words: String,
    /// The filters, each with a value.
    pub filters: Vec<(Filter, String)>,
    /// The order.
    pub sort: Sort,
    /// Where the page starts; `None` for the first one.
    pub cursor: Option<String>,
    /// The page's number, from 1. Only for people; the cursor alone decides.
    pub page: u32,
}

impl Query {
    /// Reads a query string leniently: what it does not know it leaves out.
    #[must_use]
    pub fn parse(query_string: &str) -> Self {
        let mut query = Self { page: 1, ..Self::default() };
        for (name, value) in form_urlencoded::parse(query_string.as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match name.as_ref() {
                "q" => query.words = value.chars().take(LONGEST_QUERY_CHARS).collect(),
                "sort" => {
                    query.sort = match value {
                        "modified" => Sort::Modified,
                        "title" => Sort::Title,
                        _ => Sort::Relevance,
                    }
                }
                "cursor" => query.cursor = Some(value.to_owned()),
                "page" => query.page = value.parse().unwrap_or(1).max(1),
                name => {
                    if let Some(filter) = Filter::ALL.into_iter().find(|filter| filter.as_str() == name)
                        && query.filters.len() < MOST_FILTERS
                        && !query.has(&filter, value)
                    {
                        query.filters.push((filter, value.to_owned()));
                    }
                }
            }
        }
        if query.cursor.is_none() {
            query.page = 1;
        }
        query
    }

    /// True when that filter has that value.
    #[must_use]
    pub fn has(&self, filter: &Filter, value: &str) -> bool {
        self.filters.iter().any(|(set, its)| set == filter && its == value)
    }

    /// True when that filter is set at all.
    #[must_use]
    pub fn uses(&self, filter: &Filter) -> bool {
        self.filters.iter().any(|(set, _)| set == filter)
    }

    /// True when that filter has one of those values.
    #[must_use]
    pub fn has_any(&self, filter: &Filter, values: &[String]) -> bool {
        values.iter().any(|value| self.has(filter, value))
    }

    /// The same query with a filter's values more, from its first page.
    #[must_use]
    pub fn with(&self, filter: Filter, values: &[String]) -> Self {
        let mut query = self.from_start();
        for value in values {
            if !query.has(&filter, value) {
                query.filters.push((filter, value.clone()));
            }
        }
        query
    }

    /// The same query without a filter's values, from its first page.
    #[must_use]
    pub fn without(&self, filter: Filter, values: &[String]) -> Self {
        let mut query = self.from_start();
        query.filters.retain(|(set, its)| *set != filter || !values.contains(its));
        query
    }

    /// The same query without any filter, from its first page.
    #[must_use]
    pub fn without_filters(&self) -> Self {
        Self { filters: Vec::new(), ..self.from_start() }
    }

    /// The address that sets a filter's values, or takes them off where one is set.
    #[must_use]
    pub fn toggled(&self, filter: &Filter, values: &[String]) -> String {
        let changed =
            if self.has_any(filter, values) { self.without(*filter, values) } else { self.with(*filter, values) };
        changed.href()
    }

    /// The same query from its first page.
    #[must_use]
    pub fn from_start(&self) -> Self {
        Self { cursor: None, page: 1, ..self.clone() }
    }

    /// The address of the page that starts at a cursor.
    #[must_use]
    pub fn at(&self, cursor: &str) -> String {
        Self { cursor: Some(cursor.to_owned()), page: self.page.saturating_add(1), ..self.clone() }.href()
    }

    /// The same query for other words.
    #[must_use]
    pub fn for_words(&self, words: &str) -> String {
        Self { words: words.to_owned(), ..self.from_start() }.href()
    }

    /// The page's address.
    #[must_use]
    pub fn href(&self) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        if !self.words.is_empty() {
            pairs.append_pair("q", &self.words);
        }
        for (filter, value) in &self.filters {
            pairs.append_pair(filter.as_str(), value);
        }
        if self.sort != Sort::default() {
            pairs.append_pair("sort", self.sort.as_str());
        }
        if let Some(cursor) = &self.cursor {
            pairs.append_pair("cursor", cursor).append_pair("page", &self.page.to_string());
        }
        match pairs.finish() {
            none if none.is_empty() => "/datasets".to_owned(),
            some => format!("/datasets?{some}"),
        }
    }
}

impl Query {
    /// The address of the same search as a feed, which has an order of its own.
    #[must_use]
    pub fn feed(&self) -> String {
        let whole = Self { sort: Sort::default(), cursor: None, ..self.clone() }.href();
        whole.replacen("/datasets", "/feeds/search.atom", 1)
    }
}

/// The address of the results for one filter alone.
#[must_use]
pub fn href_for(filter: Filter, value: &str) -> String {
    Query { page: 1, ..Query::default() }.with(filter, &[value.to_owned()]).href()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        for address in [
            "/datasets",
            "/datasets?q=air+quality",
            "/datasets?q=a%26b&theme=health&publisher=ministry-of-health&sort=title",
            "/datasets?q=x&cursor=abc&page=3",
        ] {
            let string = address.split_once('?').map_or("", |(_, query)| query);
            assert_eq!(Query::parse(string).href(), address);
        }
    }

    #[test]
    fn filters_are_set_and_taken_off_from_the_first_page() {
        let query = Query::parse("q=x&theme=health&cursor=abc&page=2");
        assert_eq!(query.toggled(&Filter::Theme, &["health".to_owned()]), "/datasets?q=x");
        assert_eq!(
            query.toggled(&Filter::Format, &["CSV".to_owned(), "csv".to_owned()]),
            "/datasets?q=x&theme=health&format=CSV&format=csv"
        );
        assert_eq!(query.at("def"), "/datasets?q=x&theme=health&cursor=def&page=3");
    }

    #[test]
    fn nonsense_is_left_out_and_length_is_held() {
        let many = (0..100).map(|n| format!("keyword=k{n}")).collect::<Vec<_>>().join("&");
        assert_eq!(Query::parse(&many).filters.len(), MOST_FILTERS);
        let long = format!("q={}", "ä".repeat(LONGEST_QUERY_CHARS * 2));
        assert_eq!(Query::parse(&long).words.chars().count(), LONGEST_QUERY_CHARS);
        assert_eq!(Query::parse("unknown=1&sort=price&page=-3&theme="), Query { page: 1, ..Query::default() });
    }
}

//! The parameters of a search for datasets.

use fairground_catalog::search::{Cursor, Facet, MAX_FACET_LIMIT, SearchError, SearchQuery, Sort};
use fairground_domain::{ResourceKind, Timestamp};
use utoipa::IntoParams;

use crate::page::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::problem::{Fault, Problem, ProblemKind};
use crate::query::{FromQuery, QueryReader};

const SORTS: [(&str, Sort); 4] =
    [("relevance", Sort::Relevance), ("modified", Sort::Modified), ("issued", Sort::Issued), ("title", Sort::Title)];
const KINDS: [ResourceKind; 3] = [ResourceKind::Dataset, ResourceKind::DatasetSeries, ResourceKind::DataService];

/// What may be asked of a list of datasets.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(crate) struct ListDatasetsParams {
    /// Words: all are wanted, of many words most; `"a phrase"`, `-without`, and within one field `title:`, `keyword:`,
    /// `publisher:`, `theme:`, `place:`, `column:`, `format:`, `licence:`, `language:`, `id:`. A year only moves hits up.
    q: Option<String>,
    /// Slugs of publishers; alternatives separated by commas.
    publisher: Option<String>,
    /// A theme's IRI or label; may be repeated, for alternatives.
    theme: Option<Vec<String>>,
    /// A keyword; may be repeated.
    keyword: Option<Vec<String>>,
    /// Formats such as `CSV`; alternatives separated by commas.
    format: Option<String>,
    /// A licence's IRI or words; may be repeated.
    licence: Option<Vec<String>>,
    /// Languages such as `en`; alternatives separated by commas.
    language: Option<String>,
    /// Names of places; may be repeated.
    place: Option<Vec<String>>,
    /// Categories of high-value datasets, by IRI; may be repeated.
    high_value: Option<Vec<String>>,
    /// Bands of quality: `excellent`, `good`, `sufficient`, `bad`; alternatives separated by commas.
    quality: Option<String>,
    /// `api`: datasets whose data an API gives.
    access: Option<String>,
    /// `dataset`, `dataset-series`, `data-service`; alternatives separated by commas.
    kind: Option<String>,
    /// West, south, east, north in degrees: datasets whose box meets this one.
    #[param(example = "5.8,49.4,6.6,50.2")]
    bbox: Option<String>,
    /// Datasets whose time coverage ends here or later: a year, month, day or moment.
    from: Option<String>,
    /// Datasets whose time coverage begins here or earlier.
    to: Option<String>,
    /// `relevance` (default), `modified`, `issued` or `title`.
    sort: Option<String>,
    /// Datasets on a page.
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Facets to count, separated by commas: `publisher`, `theme`, `keyword`, `format`, `licence`, `language`,
    /// `place`, `high_value`, `quality`, `access`.
    facets: Option<String>,
    /// Values per facet.
    #[param(minimum = 1, maximum = 1000, default = 10)]
    facet_limit: Option<u64>,
    /// The reader's language; before `Accept-Language`.
    lang: Option<String>,
}

/// The question, read from the query.
#[derive(Debug, Clone)]
pub(crate) struct DatasetSearch(pub(crate) SearchQuery);

impl FromQuery for DatasetSearch {
    fn from_query(query: &mut QueryReader) -> Self {
        Self(SearchQuery {
            text: query.text("q").unwrap_or_default(),
            publisher: query.list("publisher"),
            theme: query.repeated("theme"),
            keyword: query.repeated("keyword"),
            format: query.list("format"),
            licence: query.repeated("licence"),
            language: query.list("language"),
            place: query.repeated("place"),
            high_value: query.repeated("high_value"),
            quality: query.list("quality"),
            access: query.list("access"),
            kinds: words(query, "kind", |word| KINDS.into_iter().find(|kind| kind.as_str() == word)),
            bbox: bbox(query),
            from: moment(query, "from", Timestamp::lenient),
            to: moment(query, "to", end_of),
            sort: query.choice("sort", &SORTS).unwrap_or_default(),
            limit: size(query, "limit", MAX_LIMIT).unwrap_or(DEFAULT_LIMIT),
            cursor: query.parsed::<Cursor>("cursor", "a cursor that we gave"),
            facets: words(query, "facets", Facet::parse),
            facet_limit: size(query, "facet_limit", MAX_FACET_LIMIT).unwrap_or(SearchQuery::default().facet_limit),
            ..SearchQuery::default()
        })
    }
}

fn size(query: &mut QueryReader, name: &'static str, most: usize) -> Option<usize> {
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    query.number(name, 1..=most).and_then(|number| usize::try_from(number).ok())
}

fn words<V>(query: &mut QueryReader, name: &'static str, parse: impl Fn(&str) -> Option<V>) -> Vec<V> {
    let words = query.list(name);
    let mut values = Vec::with_capacity(words.len());
    for word in words {
        match parse(&word) {
            Some(value) => values.push(value),
            None => query.fault(name, format!("`{}` is not known here.", word.chars().take(60).collect::<String>())),
        }
    }
    values
}

fn bbox(query: &mut QueryReader) -> Option<[f64; 4]> {
    let text = query.text("bbox")?;
    let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    let bbox =
        numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers).ok()).filter(|b| b.iter().all(|n| n.is_finite()));
    match bbox {
        Some([_, south, _, north]) if south <= north => bbox,
        _ => {
            query.fault("bbox", "Must be west,south,east,north in degrees.");
            None
        }
    }
}

fn moment(query: &mut QueryReader, name: &'static str, read: impl Fn(&str) -> Option<Timestamp>) -> Option<Timestamp> {
    let text = query.text(name)?;
    let moment = read(&text);
    if moment.is_none() {
        query.fault(name, "Must be a year, a month, a day or a moment, such as 2024, 2024-03 or 2024-03-01.");
    }
    moment
}

/// The last moment of a year, month or day.
fn end_of(text: &str) -> Option<Timestamp> {
    const DAY_SECS: i64 = 86_400;
    let begin = Timestamp::lenient(text)?;
    let days = match text.trim().len() {
        4 => 366,
        7 => 31,
        10 => 1,
        _ => return Some(begin),
    };
    Some(begin.plus_secs(days * DAY_SECS - 1))
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        let fault = |name: &str, detail: String| {
            Self::new(ProblemKind::InvalidParameter).errors(vec![Fault::in_query(name, detail)])
        };
        match error {
            SearchError::InvalidCursor => fault("cursor", error.to_string()),
            SearchError::TooManyValues { field, .. } => fault(field, error.to_string()),
            SearchError::InvalidBox => fault("bbox", error.to_string()),
            SearchError::Locked { .. }
            | SearchError::Unusable { .. }
            | SearchError::Missing { .. }
            | SearchError::DiskFull
            | SearchError::ReadOnly
            | SearchError::RebuildRunning
            | SearchError::Io(_)
            | SearchError::Engine(_) => Self::internal(error),
        }
    }
}

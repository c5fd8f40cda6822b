//! `package_search`: words, conditions, facets, pages.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fairground_catalog::dataset::theme_slug;
use fairground_catalog::search::{Cursor, Facet, FacetCount, Filter, MAX_FACET_LIMIT, SearchQuery, Sort};
use moka::sync::Cache;
use serde_json::{Map, Value, json};

use super::action::Context;
use super::envelope::Refusal;
use super::licence;
use super::packages::{array, by_ids};
use super::params::Params;
use super::question::{Asker, Unasked};
use super::solr::{self, Clause};

/// Datasets of an answer when the caller does not say.
const ROWS_DEFAULT: u64 = 10;
/// Datasets of an answer at most; a larger number counts as this one, as in CKAN (`ckan.search.rows_max`).
pub(super) const ROWS_MAX: u64 = 1_000;
/// Values per facet when the caller does not say (`search.facets.limit`).
const FACETS_DEFAULT: usize = 50;
/// The order when the caller does not say.
const SORT_DEFAULT: &str = "score desc, metadata_modified desc";
/// Pages whose end is remembered.
const PLACES: u64 = 10_000;

/// What may be asked. What extensions of CKAN take (`ext_…`) is passed over, but for `ext_bbox`.
const KNOWN: &[&str] = &[
    "q",
    "fq",
    "fq_list",
    "rows",
    "limit",
    "start",
    "offset",
    "sort",
    "facet",
    "facet.field",
    "facet.limit",
    "facet.mincount",
    "extras",
    "include_private",
    "include_drafts",
    "include_deleted",
    "use_default_schema",
    "defType",
    "qf",
    "bf",
    "boost",
    "tie",
    "mm",
    "fl",
    "wt",
    "df",
    "q.op",
    "site_id",
    "api_key",
    "lang",
];

/// Where pages ended, by the state of the index, the question and the number of the next hit: who reads page after page is told
/// each at the cost of the first.
pub(crate) type Places = Cache<(u64, String, u64), Cursor>;

/// An empty memory for pages.
pub(crate) fn places() -> Places {
    Cache::new(PLACES)
}

/// `package_search`.
pub(super) fn search(context: &mut Context<'_, '_>, params: &Params) -> Result<String, Refusal> {
    let mut asked = Asked::read(context, params)?;
    let mut drafts = own_drafts(context, params)?;
    let (start, rows) = (asked.start, u64::try_from(asked.question.limit).unwrap_or(0));
    let before = u64::try_from(drafts.len()).unwrap_or(u64::MAX);
    // Drafts stand before everything else; where they fill the page, nothing else is read.
    drafts = drafts.into_iter().skip(index_of(start)).take(index_of(rows)).collect();
    asked.start = start.saturating_sub(before);
    asked.question.limit = asked.question.limit.saturating_sub(drafts.len());
    let mut found = asked.ask(context)?;
    found.count = found.count.saturating_add(before);
    drafts.extend(by_ids(context, &found.ids)?);
    let packages = array(&drafts);
    let mut result = format!("{{\"count\":{},\"facets\":{}", found.count, found.facets.counts);
    let _ = write!(
        result,
        ",\"results\":{packages},\"sort\":{},\"search_facets\":{}}}",
        json!(asked.sort_text),
        found.facets.items
    );
    Ok(result)
}

fn index_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The caller's own drafts that fit, when they are asked for; those who do not say who they are have none. A place on the map is
/// not looked for in drafts.
fn own_drafts(context: &mut Context<'_, '_>, params: &Params) -> Result<Vec<String>, Refusal> {
    let wanted = params.flag("include_drafts", false)? || params.flag("include_private", false)?;
    let Some(actor) = context.actor.clone().filter(|_| wanted && params.text("ext_bbox").is_none()) else {
        return Ok(Vec::new());
    };
    let mut clauses = Vec::new();
    let q = params.text("q").unwrap_or_default();
    for text in conditions(params).into_iter().chain((!q.is_empty()).then_some(q)) {
        // What people type is no query language.
        clauses.push(solr::parse(&text).unwrap_or(Clause::Field(None, solr::Value::Text { text, quoted: false })));
    }
    let found = super::own_drafts::search(context.tx, &actor, context.url, &clauses)?;
    Ok(found.iter().map(Value::to_string).collect())
}

/// What was asked.
struct Asked {
    question: SearchQuery,
    /// The question in the caller's words, by which its pages are told from others'.
    name: String,
    sort_text: String,
    start: u64,
    /// Facets by CKAN's names.
    facets: Vec<String>,
    facet_limit: usize,
    facet_least: u64,
}

/// What was found.
struct Found {
    count: u64,
    ids: Vec<String>,
    facets: Facets,
}

#[derive(Default)]
struct Facets {
    counts: Value,
    items: Value,
}

impl Asked {
    fn read(context: &mut Context<'_, '_>, params: &Params) -> Result<Self, Refusal> {
        let unknown: Vec<&str> = params
            .keys()
            .filter(|key| !KNOWN.contains(key) && !key.starts_with("ext_") && !key.starts_with('_'))
            .collect();
        if !unknown.is_empty() {
            return Err(Refusal::SearchQuery(format!("Invalid search parameters: {unknown:?}")));
        }
        let q = params.text("q").unwrap_or_default();
        let fq = conditions(params);
        let mut asker = Asker { tx: context.tx, index: context.index };
        let (text, mut filters) = match (q.as_str(), solr::parse(&q)) {
            ("", _) => (String::new(), Vec::new()),
            // What people type is no query language: what cannot be read as one is words.
            (_, Err(_)) => (q.clone(), Vec::new()),
            (_, Ok(clause)) => match asker.question(clause) {
                Err(Unasked::Field(_)) => (q.clone(), Vec::new()),
                understood => understood?,
            },
        };
        for condition in &fq {
            let clause = solr::parse(condition).map_err(|why| invalid(&format!("{why} in `{condition}`")))?;
            if clause != Clause::All(Vec::new()) {
                filters.push(asker.filter(&clause)?);
            }
        }
        let sort_text = params.text("sort").unwrap_or_else(|| SORT_DEFAULT.to_owned());
        let facets =
            if params.flag("facet", true)? { params.names("facet.field").unwrap_or_default() } else { Vec::new() };
        let facet_limit = match params.text("facet.limit").map(|limit| limit.parse::<i64>()) {
            None => FACETS_DEFAULT,
            Some(Ok(limit)) => usize::try_from(limit).unwrap_or(MAX_FACET_LIMIT),
            Some(Err(_)) => return Err(Refusal::of("facet.limit", "Invalid integer")),
        };
        let rows = params.number("rows")?.or(params.number("limit")?).unwrap_or(ROWS_DEFAULT).min(ROWS_MAX);
        let bbox = params.text("ext_bbox");
        let question = SearchQuery {
            sort: sort(&sort_text, !text.is_empty())?,
            text,
            filter: (!filters.is_empty()).then_some(Filter::All(filters)),
            bbox: bbox.as_deref().map(bbox_of).transpose()?,
            limit: usize::try_from(rows).unwrap_or(0),
            facets: facets.iter().filter_map(|name| facet(name)).collect(),
            facet_limit: MAX_FACET_LIMIT,
            ..SearchQuery::default()
        };
        Ok(Self {
            question,
            name: json!([q, fq, sort_text, bbox]).to_string(),
            sort_text,
            start: params.number("start")?.or(params.number("offset")?).unwrap_or(0),
            facets,
            facet_limit,
            facet_least: params.number("facet.mincount")?.unwrap_or(1),
        })
    }

    fn ask(&self, context: &Context<'_, '_>) -> Result<Found, Refusal> {
        let position = context.index.position();
        let known = context.places.get(&(position, self.name.clone(), self.start)).filter(|_| self.start > 0);
        let skip = if known.is_some() { 0 } else { usize::try_from(self.start).unwrap_or(usize::MAX) };
        let answer = context.index.search(&SearchQuery { cursor: known, skip, ..self.question.clone() })?;
        if let Some(next) = answer.next {
            let end = self.start.saturating_add(u64::try_from(answer.hits.len()).unwrap_or(0));
            context.places.insert((position, self.name.clone(), end), next);
        }
        Ok(Found {
            count: answer.total,
            ids: answer.hits.iter().map(|hit| hit.id.to_string()).collect(),
            facets: self.told(&answer.facets),
        })
    }

    /// Counts under the names that filters take.
    fn told(&self, counted: &BTreeMap<Facet, Vec<FacetCount>>) -> Facets {
        let (mut counts, mut items) = (Map::new(), Map::new());
        for name in &self.facets {
            let values = facet(name).and_then(|facet| Some((facet, counted.get(&facet)?)));
            let mut named: Vec<(String, String, u64)> = Vec::new();
            for (facet, count) in
                values.into_iter().flat_map(|(facet, counts)| counts.iter().map(move |it| (facet, it)))
            {
                let (value, label) = match facet {
                    Facet::Theme => (theme_slug(&count.label), count.label.clone()),
                    Facet::Licence => licence::of_count(count),
                    _ => (count.value.clone(), count.label.clone()),
                };
                match named.iter_mut().find(|(known, _, _)| *known == value) {
                    Some((_, _, sum)) => *sum += count.count,
                    None => named.push((value, label, count.count)),
                }
            }
            named.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
            named.retain(|(_, _, count)| *count >= self.facet_least);
            named.truncate(self.facet_limit);
            let all: Map<String, Value> = named.iter().map(|(value, _, count)| (value.clone(), json!(count))).collect();
            let list: Vec<Value> = named
                .into_iter()
                .map(|(value, label, count)| json!({ "name": value, "display_name": label, "count": count }))
                .collect();
            counts.insert(name.clone(), all.into());
            items.insert(name.clone(), json!({ "title": name, "items": list }));
        }
        Facets { counts: counts.into(), items: items.into() }
    }
}

impl From<Unasked> for Refusal {
    fn from(unasked: Unasked) -> Self {
        match unasked {
            Unasked::Query(why) | Unasked::Field(why) => invalid(&why),
            Unasked::Store(error) => error.into(),
        }
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::SearchQuery(format!("Search Query is invalid: {why}"))
}

/// Every condition: `fq`, as one text or several, and `fq_list`.
fn conditions(params: &Params) -> Vec<String> {
    let mut all = params.texts("fq");
    all.extend(params.texts("fq_list"));
    all
}

/// The facet that CKAN calls so.
fn facet(name: &str) -> Option<Facet> {
    match name {
        "organization" => Some(Facet::Publisher),
        "groups" => Some(Facet::Theme),
        "tags" => Some(Facet::Keyword),
        "res_format" => Some(Facet::Format),
        "license_id" => Some(Facet::Licence),
        "language" => Some(Facet::Language),
        _ => None,
    }
}

/// The first order of `field direction, …` that we know; the rest only settles ties, which ids settle here.
fn sort(text: &str, has_words: bool) -> Result<Sort, Refusal> {
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (field, direction) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let descending = match direction.trim().to_ascii_lowercase().as_str() {
            "" | "asc" => false,
            "desc" => true,
            _ => return Err(invalid(&format!("`{part}` is no order"))),
        };
        let pair = |ascending, descending_sort| if descending { descending_sort } else { ascending };
        match field {
            // Without words, everything matches equally well.
            "score" | "rank" if !has_words => {}
            "score" | "rank" | "relevance" => return Ok(Sort::Relevance),
            "views_recent" | "views_total" => {}
            "metadata_modified" | "last_modified" => return Ok(pair(Sort::UpdatedAscending, Sort::Updated)),
            "metadata_created" | "id" => return Ok(pair(Sort::Id, Sort::IdDescending)),
            "name" => return Ok(pair(Sort::Slug, Sort::SlugDescending)),
            "title" | "title_string" => return Ok(pair(Sort::Title, Sort::TitleDescending)),
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(invalid(&format!("sort field `{other}` is not known")));
            }
        }
    }
    Ok(Sort::Updated)
}

/// `west,south,east,north`, as CKAN's spatial extension takes it.
fn bbox_of(text: &str) -> Result<[f64; 4], Refusal> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    let bbox = numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers).ok());
    let bbox = bbox.filter(|bbox| bbox.iter().all(|degrees| degrees.is_finite()));
    bbox.ok_or_else(|| Refusal::of("ext_bbox", "Must be west,south,east,north in degrees"))
}

//! Conditions joined by and, or and not: what the query languages of others can say beyond one list of values per field.

use std::collections::HashSet;

use fairground_domain::{DatasetId, ResourceKind, Timestamp};
use tantivy::DocId;
use tantivy::query::EnableScoring;

use crate::bits::Bits;
use crate::error::SearchError;
use crate::facets::Set;
use crate::generation::Snapshot;
use crate::plan::plan;
use crate::query::Facet;
use crate::schema::kind_number;
use crate::score::Scores;
use crate::segment::Segment;
use crate::vocabulary::Vocabulary;
use crate::words::Words;

/// Most conditions in one filter, whatever joins them.
pub const MAX_FILTER_PARTS: usize = 200;
/// Most values that one beginning stands for.
const MAX_BEGUN: usize = 10_000;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these; none at all is true of everything.
    All(Vec<Filter>),
    /// At least one of these; none at all is true of nothing.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// One of these values; letter case and accents do not matter.
    Value(Facet, Vec<String>),
    /// A value that begins so (folded, see [`fairground_domain::fold`]).
    Begins(Facet, String),
    /// Any value.
    Known(Facet),
    /// One of these datasets.
    Ids(Vec<DatasetId>),
    /// Of this kind.
    Kind(ResourceKind),
    /// A moment from the first to the second, both included; open where none is given.
    Between(Moment, Option<Timestamp>, Option<Timestamp>),
    /// All of these words, as [`crate::SearchQuery::text`] takes them; none is respelt or left out.
    Text(String),
}

/// A moment of a dataset's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When the catalogue last changed it.
    Updated,
    /// When it came into the catalogue, to the millisecond.
    Created,
    /// `dct:modified`.
    Modified,
    /// `dct:issued`.
    Issued,
}

impl Filter {
    /// How many conditions it has.
    fn parts(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => 1 + parts.iter().map(Self::parts).sum::<usize>(),
            Self::Not(part) => 1 + part.parts(),
            Self::Value(_, values) => values.len().max(1),
            Self::Ids(_) | Self::Begins(..) | Self::Known(_) | Self::Kind(_) | Self::Between(..) | Self::Text(_) => 1,
        }
    }

    /// Refuses what is too much.
    pub(crate) fn check(&self) -> Result<(), SearchError> {
        if self.parts() > MAX_FILTER_PARTS {
            return Err(SearchError::TooManyValues { field: "filter", max: MAX_FILTER_PARTS });
        }
        Ok(())
    }
}

/// A filter, made ready for the documents of one commit.
#[derive(Debug)]
pub(crate) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Value(usize, Set),
    Known(usize),
    Ids(HashSet<u128>),
    Kind(u64),
    Between(Moment, i64, i64),
    /// The documents that pass, by segment.
    Documents(Vec<Bits>),
}

impl Test {
    pub(crate) fn new(filter: &Filter, snapshot: &Snapshot) -> Result<Self, SearchError> {
        let each = |parts: &[Filter]| parts.iter().map(|part| Self::new(part, snapshot)).collect::<Result<_, _>>();
        Ok(match filter {
            Filter::All(parts) => Self::All(each(parts)?),
            Filter::Any(parts) => Self::Any(each(parts)?),
            Filter::Not(part) => Self::Not(Box::new(Self::new(part, snapshot)?)),
            Filter::Value(facet, values) => Self::of_values(*facet, values, snapshot),
            Filter::Begins(facet, prefix) => {
                let mut values = Vec::new();
                if let Some(names) = snapshot.names_of(*facet) {
                    names.each_with_prefix(prefix, MAX_BEGUN, |_, value| values.push(value.to_owned()));
                }
                Self::of_values(*facet, &values, snapshot)
            }
            Filter::Known(facet) => Self::Known(slot(*facet)),
            Filter::Ids(ids) => Self::Ids(ids.iter().map(|id| id.as_uuid().as_u128()).collect()),
            Filter::Kind(kind) => Self::Kind(kind_number(*kind)),
            Filter::Between(moment, from, to) => {
                let (from, to) = (from.map(Timestamp::as_micros), to.map(Timestamp::as_micros));
                Self::Between(*moment, from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX))
            }
            Filter::Text(text) => Self::Documents(documents(text, snapshot)?),
        })
    }

    fn of_values(facet: Facet, values: &[String], snapshot: &Snapshot) -> Self {
        Self::Value(slot(facet), snapshot.names_of(facet).map(|names| names.set(values)).unwrap_or_default())
    }

    /// Whether a document of a segment passes; `number` is the segment's place among all.
    pub(crate) fn lets_pass(&self, number: u32, segment: &Segment, doc: DocId) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.lets_pass(number, segment, doc)),
            Self::Any(tests) => tests.iter().any(|test| test.lets_pass(number, segment, doc)),
            Self::Not(test) => !test.lets_pass(number, segment, doc),
            Self::Value(slot, wanted) => segment.facets.get(*slot).is_some_and(|values| values.any_in(doc, wanted)),
            Self::Known(slot) => segment.facets.get(*slot).is_some_and(|values| values.any(doc)),
            Self::Ids(ids) => ids.contains(&segment.id(doc)),
            Self::Kind(kind) => segment.kind.first(doc) == Some(*kind),
            Self::Between(moment, from, to) => {
                moment_of(*moment, segment, doc).is_some_and(|at| *from <= at && at <= *to)
            }
            Self::Documents(sets) => {
                usize::try_from(number).ok().and_then(|number| sets.get(number)).is_some_and(|set| set.contains(doc))
            }
        }
    }
}

fn slot(facet: Facet) -> usize {
    Facet::ALL.into_iter().position(|other| other == facet).unwrap_or(usize::MAX)
}

fn moment_of(moment: Moment, segment: &Segment, doc: DocId) -> Option<i64> {
    match moment {
        Moment::Updated => segment.updated.first(doc),
        Moment::Modified => segment.modified.first(doc),
        Moment::Issued => segment.issued.first(doc),
        Moment::Created => i64::try_from(segment.born_millis(doc)).ok()?.checked_mul(1_000),
    }
}

/// The documents that hold all the words, by segment.
fn documents(text: &str, snapshot: &Snapshot) -> Result<Vec<Bits>, SearchError> {
    let searcher = &snapshot.searcher.0;
    let plan = plan(&Words::read(text), snapshot, &Vocabulary::default())?;
    let nothing = plan.unknown > 0 || plan.respelled.iter().any(|respelling| respelling.held == 0);
    let unscored = EnableScoring::disabled_from_searcher(searcher);
    let unwanted = plan.without().map(|query| query.weight(unscored)).transpose()?;
    let scores = if nothing || plan.groups.is_empty() { None } else { Some(Scores::of(&plan, snapshot)?) };
    let mut sets = Vec::with_capacity(searcher.segment_readers().len());
    for (number, reader) in searcher.segment_readers().iter().enumerate() {
        let mut set = match &scores {
            Some(scores) => scores.holding(number, plan.groups.len()),
            None if nothing => Bits::none(reader.max_doc()),
            None => Bits::all(reader.max_doc()),
        };
        if let Some(unwanted) = &unwanted {
            unwanted.for_each_no_score(reader, &mut |docs| {
                for doc in docs {
                    set.remove(*doc);
                }
            })?;
        }
        sets.push(set);
    }
    Ok(sets)
}

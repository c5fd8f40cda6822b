//! Answering a question: one pass over the matching documents gives hits, total and the counts of all facets.

use fairground_domain::ResourceKind;
use tantivy::query::{EnableScoring, Weight};
use tantivy::schema::Value as _;
use tantivy::{BitSet, DocAddress, DocId, SegmentReader, TantivyDocument};

use crate::cursor::{Cursor, Key};
use crate::error::SearchError;
use crate::facets::{Counter, Set};
use crate::filter::Test;
use crate::generation::{Facets, Snapshot};
use crate::plan::{Plan, plan};
use crate::query::{Facet, Hit, MAX_FACET_LIMIT, MAX_LIMIT, MAX_SKIP_AT_ONCE, Reading, SearchAnswer, SearchQuery, Sort};
use crate::ranking::{Freshness, NO_DAY};
use crate::schema::kind_number;
use crate::segment::{Segment, dataset_id, today};
use crate::top::{Place, Top, rank_of_moment, rank_of_score};
use crate::words::Words;

/// Answers from one commit.
pub(crate) fn answer(snapshot: &Snapshot, query: &SearchQuery) -> Result<SearchAnswer, SearchError> {
    query.check()?;
    if query.skip <= MAX_SKIP_AT_ONCE {
        return answer_at_once(snapshot, query);
    }
    let mut step = SearchQuery { skip: MAX_SKIP_AT_ONCE, limit: 0, facets: Vec::new(), ..query.clone() };
    let mut left = query.skip;
    while left > MAX_SKIP_AT_ONCE {
        let Some(reached) = answer_at_once(snapshot, &step)?.next else {
            // There are not so many: what is left to tell are counts.
            return answer_at_once(snapshot, &SearchQuery { skip: MAX_SKIP_AT_ONCE, limit: 0, ..query.clone() })
                .map(|counts| SearchAnswer { next: None, ..counts });
        };
        step.cursor = Some(reached);
        left -= MAX_SKIP_AT_ONCE;
    }
    answer_at_once(snapshot, &SearchQuery { skip: left, cursor: step.cursor, ..query.clone() })
}

fn answer_at_once(snapshot: &Snapshot, query: &SearchQuery) -> Result<SearchAnswer, SearchError> {
    let cursor = query.cursor.as_ref();
    if cursor.is_some_and(|cursor| cursor.sort != query.sort) {
        return Err(SearchError::InvalidCursor);
    }
    let plan = plan(&Words::read(&query.text), &snapshot.searcher.0, &snapshot.generation.fields)?;
    let day = cursor.map_or_else(today, |cursor| cursor.day);
    let question = Question::new(snapshot, query, day)?;
    let mut required = cursor.map_or(0, |cursor| usize::from(cursor.required));
    let mut pass = question.run(&plan, required)?;
    if cursor.is_none() {
        for fewer in fewer(&plan) {
            if pass.seen > 0 {
                break;
            }
            required = fewer;
            pass = question.run(&plan, required)?;
        }
    }
    let lost = plan.unknown > 0 && pass.seen > 0;
    let reading = Reading { fewer_words: required > 0 || lost, respelled: plan.respelled.clone() };
    question.finish(pass, &plan, required, reading)
}

/// How many groups to ask for when nothing holds all: one less, half of them, one.
fn fewer(plan: &Plan) -> impl Iterator<Item = usize> + use<> {
    let groups = plan.groups();
    let mut last = groups;
    [groups.saturating_sub(1), groups / 2, 1].into_iter().filter(move |fewer| {
        let useful = *fewer > 0 && *fewer < last;
        last = if useful { *fewer } else { last };
        useful
    })
}

/// A question, made ready for the documents of one commit.
struct Question<'a> {
    snapshot: &'a Snapshot,
    query: &'a SearchQuery,
    limit: usize,
    skip: usize,
    day: u16,
    freshness: Freshness,
    filters: Vec<(usize, Set)>,
    rest: Rest,
    test: Option<Test>,
}

/// What one pass found.
struct Pass {
    /// Documents that match the words, whatever the filters.
    seen: u64,
    total: u64,
    counters: Vec<Counter>,
    places: Vec<(Place, Option<String>)>,
    /// Counts that were there already.
    known: Option<Facets>,
}

impl<'a> Question<'a> {
    fn new(snapshot: &'a Snapshot, query: &'a SearchQuery, day: u16) -> Result<Self, SearchError> {
        let filters = Facet::ALL.into_iter().zip(&snapshot.names).enumerate().filter_map(|(slot, (facet, names))| {
            let wanted = query.wanted(facet);
            (!wanted.is_empty()).then(|| (slot, names.set(wanted)))
        });
        Ok(Self {
            snapshot,
            query,
            limit: query.limit.min(MAX_LIMIT),
            skip: query.skip,
            day,
            freshness: Freshness::on(day),
            filters: filters.collect(),
            rest: Rest::of(query),
            test: query.filter.as_ref().map(|filter| Test::new(filter, snapshot)).transpose()?,
        })
    }

    fn facet_limit(&self) -> usize {
        self.query.facet_limit.min(MAX_FACET_LIMIT)
    }

    /// True when nothing narrows the question.
    fn is_everything(&self, plan: &Plan) -> bool {
        plan.is_everything() && self.filters.is_empty() && self.rest.none && self.test.is_none()
    }

    fn counters(&self) -> Vec<Counter> {
        let all = Facet::ALL.into_iter().zip(&self.snapshot.names).enumerate();
        all.filter(|(_, (facet, _))| self.query.facets.contains(facet))
            .map(|(slot, (facet, names))| Counter::new(facet, slot, names))
            .collect()
    }

    fn run(&self, plan: &Plan, required: usize) -> Result<Pass, SearchError> {
        let mut pass = Pass { seen: 0, total: 0, counters: Vec::new(), places: Vec::new(), known: None };
        if self.is_everything(plan) {
            pass.known = self.snapshot.of_everything(&self.query.facets, self.facet_limit());
        }
        if pass.known.is_none() {
            pass.counters = self.counters();
        }
        if plan.groups() == 0 && plan.unknown > 0 {
            return Ok(pass);
        }
        let searcher = &self.snapshot.searcher.0;
        let scoring = self.query.sort == Sort::Relevance && plan.groups() > 0;
        let query = plan.query(required);
        let unscored = EnableScoring::disabled_from_searcher(searcher);
        let without = plan.without().map(|query| query.weight(unscored)).transpose()?;
        let statistics = plan.statistics(searcher);
        let weight = if scoring {
            query.weight(EnableScoring::enabled_from_statistics_provider(&statistics, searcher))?
        } else {
            query.weight(unscored)?
        };
        let mut top = Top::new(self.skip + self.limit + 1, self.after_rank());
        for (number, (reader, segment)) in (0..).zip(searcher.segment_readers().iter().zip(&self.snapshot.segments)) {
            if self.query.sort.is_by_text() {
                top = Top::new(self.skip + self.limit + 1, self.after_title(segment)?);
            }
            let excluded = without.as_ref().map(|without| matching(without.as_ref(), reader)).transpose()?;
            let alive = reader.alive_bitset();
            let counts = |doc| {
                alive.is_none_or(|alive| alive.is_alive(doc)) && excluded.as_ref().is_none_or(|set| !set.contains(doc))
            };
            let mut visit = Visit { question: self, segment, number, scoring, pass: &mut pass, top: &mut top };
            if scoring {
                weight.for_each(reader, &mut |doc, score| {
                    if counts(doc) {
                        visit.document(doc, score);
                    }
                })?;
            } else {
                weight.for_each_no_score(reader, &mut |docs| {
                    docs.iter().filter(|doc| counts(**doc)).for_each(|doc| visit.document(*doc, 0.0));
                })?;
            }
            if self.query.sort.is_by_text() {
                let found = std::mem::replace(&mut top, Top::new(0, None));
                pass.places.extend(titled(segment, self.query.sort, found.into_places())?);
            }
        }
        if self.query.sort.is_by_text() {
            let descending = self.query.sort.is_descending_text();
            pass.places.sort_by(|(a, a_text), (b, b_text)| {
                let by_text = if descending { b_text.cmp(a_text) } else { a_text.cmp(b_text) };
                by_text.then(a.id.cmp(&b.id))
            });
            pass.places.truncate(self.skip + self.limit + 1);
        } else {
            pass.places = top.into_places().into_iter().map(|place| (place, None)).collect();
        }
        Ok(pass)
    }

    /// Where the page begins, for orders that have ranks of their own.
    fn after_rank(&self) -> Option<(u64, u128)> {
        let cursor = self.query.cursor.as_ref()?;
        match cursor.key {
            Key::Rank(rank) => Some((rank, cursor.id.as_uuid().as_u128())),
            Key::Title(_) => None,
        }
    }

    /// Where the page begins among the titles of a segment, whose ranks are the segment's own.
    fn after_title(&self, segment: &Segment) -> Result<Option<(u64, u128)>, SearchError> {
        let Some(Cursor { key: Key::Title(title), id, .. }) = &self.query.cursor else { return Ok(None) };
        let Some(titles) = segment.texts(self.query.sort) else { return Ok(None) };
        let descending = self.query.sort.is_descending_text();
        let dictionary = titles.dictionary();
        if let Some(ord) = dictionary.term_ord(title)? {
            return Ok(Some((rank_of_ord(ord, descending), id.as_uuid().as_u128())));
        }
        let mut later = dictionary.range().ge(title).limit(1).into_stream()?;
        let first = if later.advance() { later.term_ord() } else { u64::MAX };
        if descending {
            return Ok(Some((rank_of_ord(first, true), u128::MAX)));
        }
        Ok(first.checked_sub(1).map(|before| (before, u128::MAX)))
    }

    /// The documents of the page, and everything that was counted.
    fn finish(&self, pass: Pass, plan: &Plan, required: usize, reading: Reading) -> Result<SearchAnswer, SearchError> {
        let mut answer = SearchAnswer { total: pass.total, reading, ..SearchAnswer::default() };
        let end = self.skip + self.limit;
        let more = pass.places.len() > end;
        for (place, _) in pass.places.iter().skip(self.skip).take(self.limit) {
            let address = DocAddress::new(place.segment, place.doc);
            let document: TantivyDocument = self.snapshot.searcher.0.doc(address)?;
            let card = document.get_first(self.snapshot.generation.fields.card).and_then(|card| card.as_str());
            answer.hits.push(Hit {
                id: dataset_id(place.id),
                score: f32::from_bits(place.score),
                card: card.unwrap_or_default().to_owned(),
            });
        }
        if more && let Some((last, title)) = end.checked_sub(1).and_then(|last| pass.places.get(last)) {
            answer.next = Some(Cursor {
                sort: self.query.sort,
                required: u8::try_from(required).unwrap_or(u8::MAX),
                day: self.day,
                key: title.clone().map_or(Key::Rank(last.rank), Key::Title),
                id: dataset_id(last.id),
            });
        }
        if let Some(known) = pass.known {
            answer.facets = known;
            return Ok(answer);
        }
        for counter in pass.counters {
            if let Some(names) = self.snapshot.names.get(counter.slot) {
                answer.facets.insert(counter.facet, counter.top(names, self.facet_limit()));
            }
        }
        if self.is_everything(plan) {
            self.snapshot.keep_of_everything(self.facet_limit(), &answer.facets);
        }
        Ok(answer)
    }
}

/// The rank of a text's place in its segment's dictionary, and the other way round.
const fn rank_of_ord(ord: u64, descending: bool) -> u64 {
    if descending { u64::MAX - ord } else { ord }
}

/// The documents of a segment that a query matches.
fn matching(weight: &dyn Weight, reader: &SegmentReader) -> Result<BitSet, SearchError> {
    let mut set = BitSet::with_max_value(reader.max_doc());
    weight.for_each_no_score(reader, &mut |docs| {
        for doc in docs {
            set.insert(*doc);
        }
    })?;
    Ok(set)
}

/// Resolves the titles of a segment's places.
fn titled(segment: &Segment, sort: Sort, places: Vec<Place>) -> Result<Vec<(Place, Option<String>)>, SearchError> {
    let mut named = Vec::with_capacity(places.len());
    for place in places {
        let mut title = String::new();
        if let Some(titles) = segment.texts(sort) {
            titles.ord_to_str(rank_of_ord(place.rank, sort.is_descending_text()), &mut title)?;
        }
        named.push((place, Some(title)));
    }
    Ok(named)
}

/// One segment's part of a pass.
struct Visit<'q, 'a> {
    question: &'q Question<'a>,
    segment: &'q Segment,
    number: u32,
    scoring: bool,
    pass: &'q mut Pass,
    top: &'q mut Top,
}

impl Visit<'_, '_> {
    /// Takes one document that matches the words.
    ///
    /// A document that fails the filter of one facet alone still counts for that facet: those are the datasets that another
    /// choice there would give.
    #[inline]
    fn document(&mut self, doc: DocId, score: f32) {
        self.pass.seen += 1;
        if !self.question.rest.lets_pass(self.segment, doc) {
            return;
        }
        if self.question.test.as_ref().is_some_and(|test| !test.lets_pass(self.number, self.segment, doc)) {
            return;
        }
        let mut failed = None;
        for (slot, wanted) in &self.question.filters {
            let passes = self.segment.facets.get(*slot).is_some_and(|values| values.any_in(doc, wanted));
            if !passes {
                if failed.is_some() {
                    return;
                }
                failed = Some(*slot);
            }
        }
        for counter in &mut self.pass.counters {
            if failed.is_none_or(|slot| slot == counter.slot)
                && let Some(values) = self.segment.facets.get(counter.slot)
            {
                counter.add(values, doc);
            }
        }
        if failed.is_none() {
            self.pass.total += 1;
            let (rank, score) = self.rank(doc, score);
            let segment = self.segment;
            self.top.offer(rank, score, self.number, doc, || segment.id(doc));
        }
    }

    #[inline]
    fn rank(&self, doc: DocId, score: f32) -> (u64, f32) {
        let day = || self.segment.days.get(doc as usize).copied().unwrap_or(NO_DAY);
        match self.question.query.sort {
            Sort::Relevance if self.scoring => {
                let score = score * self.question.freshness.factor(day());
                (rank_of_score(score), score)
            }
            // Without words, what changed last comes first; days to come count as today.
            Sort::Relevance => {
                let day = day().min(self.question.day);
                (u64::from(u16::MAX - day), self.question.freshness.factor(day))
            }
            Sort::Modified => (rank_of_moment(self.segment.modified.first(doc)), 0.0),
            Sort::Issued => (rank_of_moment(self.segment.issued.first(doc)), 0.0),
            sort @ (Sort::Title | Sort::TitleDescending | Sort::Slug | Sort::SlugDescending) => {
                let ord = self.segment.texts(sort).and_then(|texts| texts.ords().first(doc)).unwrap_or(0);
                (rank_of_ord(ord, sort.is_descending_text()), 0.0)
            }
            Sort::Updated => (rank_of_moment(self.segment.updated.first(doc)), 0.0),
            Sort::UpdatedAscending => (self.segment.updated.first(doc).map_or(u64::MAX, tantivy::i64_to_u64), 0.0),
            Sort::Id => (self.segment.id_half(doc), 0.0),
            Sort::IdDescending => (!self.segment.id_half(doc), 0.0),
        }
    }
}

/// The filters that are no facets.
struct Rest {
    none: bool,
    kinds: Vec<u64>,
    boxes: Vec<[f64; 4]>,
    from: Option<i64>,
    to: Option<i64>,
}

impl Rest {
    fn of(query: &SearchQuery) -> Self {
        let kinds: Vec<u64> = query.kinds.iter().copied().map(|kind: ResourceKind| kind_number(kind)).collect();
        let (from, to) = (query.from.map(|t| t.as_micros()), query.to.map(|t| t.as_micros()));
        let boxes = query.bbox.map(unfold).unwrap_or_default();
        Self { none: kinds.is_empty() && boxes.is_empty() && from.is_none() && to.is_none(), kinds, boxes, from, to }
    }

    #[inline]
    fn lets_pass(&self, segment: &Segment, doc: DocId) -> bool {
        self.none || self.kind(segment, doc) && self.time(segment, doc) && self.place(segment, doc)
    }

    fn kind(&self, segment: &Segment, doc: DocId) -> bool {
        self.kinds.is_empty() || segment.kind.first(doc).is_some_and(|kind| self.kinds.contains(&kind))
    }

    fn time(&self, segment: &Segment, doc: DocId) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        let (from, to) = (segment.from.first(doc), segment.to.first(doc));
        (from.is_some() || to.is_some())
            && self.to.is_none_or(|wanted| from.is_none_or(|from| from <= wanted))
            && self.from.is_none_or(|wanted| to.is_none_or(|to| to >= wanted))
    }

    fn place(&self, segment: &Segment, doc: DocId) -> bool {
        if self.boxes.is_empty() {
            return true;
        }
        let [west, south, east, north] = &segment.bbox;
        let sides = (west.first(doc), south.first(doc), east.first(doc), north.first(doc));
        let (Some(west), Some(south), Some(east), Some(north)) = sides else { return false };
        unfold([west, south, east, north]).iter().any(|there| self.boxes.iter().any(|here| meet(here, there)))
    }
}

/// A box that crosses the 180th meridian as the two boxes that it is.
fn unfold([west, south, east, north]: [f64; 4]) -> Vec<[f64; 4]> {
    if west <= east {
        vec![[west, south, east, north]]
    } else {
        vec![[west, south, 180.0, north], [-180.0, south, east, north]]
    }
}

/// Boxes that share an edge or a corner meet.
fn meet(a: &[f64; 4], b: &[f64; 4]) -> bool {
    let ([a_west, a_south, a_east, a_north], [b_west, b_south, b_east, b_north]) = (a, b);
    a_west <= b_east && b_west <= a_east && a_south <= b_north && b_south <= a_north
}

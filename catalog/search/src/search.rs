//! Answering a question: one pass over the matching documents gives hits, total and the counts of all facets.

use fairground_domain::{ResourceKind, fold};
use tantivy::query::{EnableScoring, Weight};
use tantivy::schema::Value as _;
use tantivy::{BitSet, DocAddress, DocId, SegmentReader, TantivyDocument};

use crate::cursor::{Cursor, Key};
use crate::error::SearchError;
use crate::facets::{Counter, Set};
use crate::feedback::shared_words;
use crate::filter::Test;
use crate::generation::{Facets, Snapshot};
use crate::plan::{Plan, nearest_more_frequent, plan};
use crate::query::{
    DidYouMean, Facet, Hit, MAX_FACET_LIMIT, MAX_LIMIT, MAX_SKIP_AT_ONCE, Reading, SearchAnswer, SearchQuery, Sort,
};
use crate::ranking::{FEEDBACK_FROM_WORDS, FEEDBACK_HITS, Freshness, NO_DAY};
use crate::schema::kind_number;
use crate::score::Scores;
use crate::segment::{Segment, dataset_id, today};
use crate::top::{Place, Top, rank_of_moment, rank_of_score};
use crate::vocabulary::Vocabulary;
use crate::words::Words;

/// Hits that are enough: when fewer hold all of three or more words, those that hold most of them are shown too.
const ENOUGH_HITS: u64 = 20;
/// From so many words on it is a sentence: nobody expects a dataset to hold them all, and more hits are wanted to choose from.
const MANY_WORDS: usize = 5;
const ENOUGH_HITS_OF_MANY: u64 = 100;
/// Hits below which another spelling is looked for.
const LITTLE_FOUND: u64 = 3;

/// Answers from one commit.
pub(crate) fn answer(
    snapshot: &Snapshot,
    query: &SearchQuery,
    vocabulary: &Vocabulary,
) -> Result<SearchAnswer, SearchError> {
    query.check()?;
    if query.skip <= MAX_SKIP_AT_ONCE {
        return answer_at_once(snapshot, query, vocabulary);
    }
    let mut step = SearchQuery { skip: MAX_SKIP_AT_ONCE, limit: 0, facets: Vec::new(), ..query.clone() };
    let mut left = query.skip;
    while left > MAX_SKIP_AT_ONCE {
        let Some(reached) = answer_at_once(snapshot, &step, vocabulary)?.next else {
            // There are not so many: what is left to tell are counts.
            return answer_at_once(
                snapshot,
                &SearchQuery { skip: MAX_SKIP_AT_ONCE, limit: 0, ..query.clone() },
                vocabulary,
            )
            .map(|counts| SearchAnswer { next: None, ..counts });
        };
        step.cursor = Some(reached);
        left -= MAX_SKIP_AT_ONCE;
    }
    answer_at_once(snapshot, &SearchQuery { skip: left, cursor: step.cursor, ..query.clone() }, vocabulary)
}

fn answer_at_once(
    snapshot: &Snapshot,
    query: &SearchQuery,
    vocabulary: &Vocabulary,
) -> Result<SearchAnswer, SearchError> {
    let cursor = query.cursor.as_ref();
    if cursor.is_some_and(|cursor| cursor.sort != query.sort) {
        return Err(SearchError::InvalidCursor);
    }
    let words = Words::read(&query.text);
    let plan = plan(&words, snapshot, vocabulary)?;
    let day = cursor.map_or_else(today, |cursor| cursor.day);
    let question = Question::new(snapshot, query, day)?;
    let asked = Asked::of(&plan, snapshot, query, cursor)?;
    let pass = question.run(&plan, &asked)?;
    let mut reading = Reading {
        fewer_words: asked.required < plan.groups.len() && asked.some_lack(&plan) || plan.unknown > 0 && pass.seen > 0,
        with_all_words: if plan.unknown > 0 { 0 } else { asked.with_all() },
        respelled: plan.respelled.clone(),
        did_you_mean: None,
    };
    if pass.total < LITTLE_FOUND && plan.plain && plan.respelled.is_empty() && cursor.is_none() && plan.unknown == 0 {
        reading.did_you_mean = another_spelling(snapshot, query, vocabulary, &words, pass.total)?;
    }
    question.finish(pass, &plan, asked.required, reading)
}

/// The question with one word spelt as another, far more frequent one, when that finds more.
fn another_spelling(
    snapshot: &Snapshot,
    query: &SearchQuery,
    vocabulary: &Vocabulary,
    words: &Words,
    found: u64,
) -> Result<Option<DidYouMean>, SearchError> {
    let Some((typed, near)) = nearest_more_frequent(words, snapshot, vocabulary)? else { return Ok(None) };
    let respelt = |word: &str| if word == typed { near.clone() } else { word.to_owned() };
    let text: Vec<String> = fold(&query.text).split_whitespace().map(respelt).collect();
    let text = text.join(" ");
    let plan = plan(&Words::read(&text), snapshot, vocabulary)?;
    let again =
        SearchQuery { text: text.clone(), limit: 0, skip: 0, facets: Vec::new(), cursor: None, ..query.clone() };
    let asked = Asked::of(&plan, snapshot, &again, None)?;
    let total = Question::new(snapshot, &again, today())?.run(&plan, &asked)?.total;
    Ok((total > found && plan.unknown == 0).then_some(DidYouMean { text, total }))
}

/// What the words score, and how many of them a hit must hold.
struct Asked {
    scores: Option<Scores>,
    /// How many documents hold so many words.
    by_words: Vec<u64>,
    required: usize,
}

impl Asked {
    fn of(plan: &Plan, snapshot: &Snapshot, query: &SearchQuery, cursor: Option<&Cursor>) -> Result<Self, SearchError> {
        let wanted = plan.groups.len();
        if wanted == 0 {
            return Ok(Self { scores: None, by_words: Vec::new(), required: 0 });
        }
        let mut scores = Scores::of(plan, snapshot)?;
        let by_words = scores.by_words_held(snapshot);
        let required = match cursor.map(|cursor| usize::from(cursor.required)).filter(|required| *required > 0) {
            Some(required) => required.min(wanted),
            None => required(&by_words, wanted),
        };
        if plan.plain && wanted >= FEEDBACK_FROM_WORDS && query.sort == Sort::Relevance && query.limit > 0 {
            let best = best_hits(&scores, snapshot, required);
            scores.add(&shared_words(plan, &best, snapshot)?, snapshot)?;
        }
        Ok(Self { scores: Some(scores), by_words, required })
    }

    fn with_all(&self) -> u64 {
        self.by_words.last().copied().unwrap_or(0)
    }

    /// True when some hits lack a word.
    fn some_lack(&self, plan: &Plan) -> bool {
        self.by_words.get(self.required..plan.groups.len()).is_some_and(|counts| counts.iter().any(|count| *count > 0))
    }
}

/// How many of the wanted words a hit must hold: all, where enough do; of three words or more, fewer where few do, but half
/// of them; of many words a quarter.
fn required(by_words: &[u64], wanted: usize) -> usize {
    let holding = |least: usize| -> u64 { by_words.get(least..).unwrap_or_default().iter().sum() };
    let most = (1..=wanted).rev().find(|least| holding(*least) > 0).unwrap_or(wanted);
    if wanted < 3 {
        return most;
    }
    let (least, enough) = if wanted < MANY_WORDS {
        (wanted.div_ceil(2), ENOUGH_HITS)
    } else {
        ((wanted / 4).max(1), ENOUGH_HITS_OF_MANY)
    };
    (least..=wanted).rev().find(|least| holding(*least) >= enough).unwrap_or(least).min(most)
}

/// The best hits of a first look, which tell what else belongs to the question.
fn best_hits(scores: &Scores, snapshot: &Snapshot, required: usize) -> Vec<(DocAddress, f32)> {
    let mut top = Top::new(FEEDBACK_HITS, None);
    for (number, (reader, segment)) in (0..).zip(snapshot.searcher.0.segment_readers().iter().zip(&snapshot.segments)) {
        let alive = reader.alive_bitset();
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        for (doc, held) in scores.documents(place) {
            if usize::from(held) >= required && alive.is_none_or(|alive| alive.is_alive(doc)) {
                let score = scores.score(place, doc, held);
                top.offer(rank_of_score(score), score, number, doc, || segment.id(doc));
            }
        }
    }
    let address = |place: Place| (DocAddress::new(place.segment, place.doc), f32::from_bits(place.score));
    top.into_places().into_iter().map(address).collect()
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

    fn run(&self, plan: &Plan, asked: &Asked) -> Result<Pass, SearchError> {
        let mut pass = Pass { seen: 0, total: 0, counters: Vec::new(), places: Vec::new(), known: None };
        if self.is_everything(plan) {
            pass.known = self.snapshot.of_everything(&self.query.facets, self.facet_limit());
        }
        if pass.known.is_none() {
            pass.counters = self.counters();
        }
        if plan.groups.is_empty() && plan.unknown > 0 {
            return Ok(pass);
        }
        let searcher = &self.snapshot.searcher.0;
        let unscored = EnableScoring::disabled_from_searcher(searcher);
        let without = plan.without().map(|query| query.weight(unscored)).transpose()?;
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
            let scored = asked.scores.is_some() && self.query.sort == Sort::Relevance;
            let mut visit =
                Visit { question: self, segment, number, scored, pass: &mut pass, top: &mut top, counted: Vec::new() };
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            match &asked.scores {
                Some(scores) => {
                    for (doc, held) in scores.documents(place) {
                        if usize::from(held) >= asked.required && counts(doc) {
                            visit.document(doc, || scores.score(place, doc, held));
                        }
                    }
                }
                None => (0..reader.max_doc()).filter(|doc| counts(*doc)).for_each(|doc| visit.document(doc, || 0.0)),
            }
            visit.count(reader.max_doc(), alive.is_none());
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
            let card = card_of(self.snapshot, DocAddress::new(place.segment, place.doc))?;
            answer.hits.push(Hit { id: dataset_id(place.id), score: f32::from_bits(place.score), card });
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

/// The card of a document.
pub(crate) fn card_of(snapshot: &Snapshot, address: DocAddress) -> Result<String, SearchError> {
    let document: TantivyDocument = snapshot.searcher.0.doc(address)?;
    let card = document.get_first(snapshot.generation.fields.card).and_then(|card| card.as_str());
    Ok(card.unwrap_or_default().to_owned())
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
    scored: bool,
    pass: &'q mut Pass,
    top: &'q mut Top,
    /// Documents that all facets count: facet by facet, when all are known, which is kinder to memory.
    counted: Vec<DocId>,
}

impl Visit<'_, '_> {
    /// Takes one document that matches the words.
    ///
    /// A document that fails the filter of one facet alone still counts for that facet: those are the datasets that another
    /// choice there would give.
    #[inline]
    fn document(&mut self, doc: DocId, score: impl FnOnce() -> f32) {
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
        if let Some(slot) = failed {
            if let Some(counter) = self.pass.counters.iter_mut().find(|counter| counter.slot == slot)
                && let Some(values) = self.segment.facets.get(slot)
            {
                counter.add(values, &[doc]);
            }
            return;
        }
        if !self.pass.counters.is_empty() {
            self.counted.push(doc);
        }
        self.pass.total += 1;
        let (rank, score) = self.rank(doc, score);
        let segment = self.segment;
        self.top.offer(rank, score, self.number, doc, || segment.id(doc));
    }

    /// Counts the facets of the documents taken. Where most of a segment were, those that were not are taken off its totals.
    fn count(&mut self, documents: DocId, none_deleted: bool) {
        if none_deleted && self.counted.len() > documents as usize / 2 {
            let mut taken = BitSet::with_max_value(documents);
            self.counted.iter().for_each(|doc| {
                taken.insert(*doc);
            });
            let others: Vec<DocId> = (0..documents).filter(|doc| !taken.contains(*doc)).collect();
            for counter in &mut self.pass.counters {
                let (values, totals) =
                    (self.segment.facets.get(counter.slot), self.segment.facet_totals.get(counter.slot));
                if let (Some(values), Some(totals)) = (values, totals) {
                    counter.add_all_but(totals, values, &others);
                }
            }
            self.counted.clear();
            return;
        }
        for counter in &mut self.pass.counters {
            if let Some(values) = self.segment.facets.get(counter.slot) {
                counter.add(values, &self.counted);
            }
        }
        self.counted.clear();
    }

    #[inline]
    fn rank(&self, doc: DocId, score: impl FnOnce() -> f32) -> (u64, f32) {
        let day = || self.segment.days.get(doc as usize).copied().unwrap_or(NO_DAY);
        match self.question.query.sort {
            Sort::Relevance if self.scored => {
                let score = score() * self.question.freshness.factor(day()) * self.segment.prior(doc);
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

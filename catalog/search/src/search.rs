//! Answering a question: what the words, the filters and the facets' values have in common are sets of documents, a bit each;
//! the hits among them are ranked one by one.

use fairground_domain::{ResourceKind, fold};
use tantivy::query::{EnableScoring, Weight};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocId, SegmentReader, TantivyDocument};

use crate::bits::Bits;
use crate::cursor::{Cursor, Key};
use crate::error::SearchError;
use crate::facets::Set;
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
use crate::tally;
use crate::top::{Place, Top, rank_of_ord, rank_of_score};
use crate::vocabulary::Vocabulary;
use crate::words::Words;

/// Hits that are enough: when fewer hold all of three or more words, those that hold most of them are shown too.
const ENOUGH_HITS: u64 = 20;
/// From so many words on it is a sentence: nobody expects a dataset to hold them all, and more hits are wanted to choose from.
const MANY_WORDS: usize = 5;
const ENOUGH_HITS_OF_MANY: u64 = 100;
/// Hits below which another spelling is looked for.
const LITTLE_FOUND: u64 = 3;
/// So few hits of a segment are all ranked, whatever the order.
const FEW_HITS: u64 = 1_000;
/// A segment is gone through in the order wanted when its hits are so many times more than those that are shown.
const ORDER_SHARE: u64 = 8;

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
    question.finish(&pass, &plan, asked.required, reading)
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
        let scored = scores.scored(place);
        scores.holding(place, required).each(|doc| {
            if alive.is_none_or(|alive| alive.is_alive(doc)) {
                let score = scored.score(doc);
                top.offer(rank_of_score(score), score, number, doc, || segment.id(doc));
            }
        });
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
    /// By the facet's place in [`Facet::ALL`].
    filters: Vec<(usize, Set)>,
    rest: Rest,
    test: Option<Test>,
}

/// What was found.
#[derive(Default)]
struct Pass {
    /// Documents that match the words, whatever the filters.
    seen: u64,
    total: u64,
    chosen: Vec<Chosen>,
    places: Vec<(Place, Option<String>)>,
    /// Counts that were there already.
    known: Option<Facets>,
}

/// The documents of one segment that were found.
struct Chosen {
    hits: Bits,
    /// In the order of the question's filters: those that pass all others. These are the datasets that another choice there
    /// would give, so that facet counts these.
    but_for: Vec<Bits>,
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

    fn run(&self, plan: &Plan, asked: &Asked) -> Result<Pass, SearchError> {
        let mut pass = Pass::default();
        if self.is_everything(plan) {
            pass.known = self.snapshot.of_everything(&self.query.facets, self.facet_limit());
        }
        let searcher = &self.snapshot.searcher.0;
        if plan.groups.is_empty() && plan.unknown > 0 {
            pass.chosen
                .extend(searcher.segment_readers().iter().map(|reader| self.chosen(Bits::none(reader.max_doc()))));
            return Ok(pass);
        }
        let unscored = EnableScoring::disabled_from_searcher(searcher);
        let without = plan.without().map(|query| query.weight(unscored)).transpose()?;
        let mut top = Top::new(self.skip + self.limit + 1, self.after_rank());
        for (number, (reader, segment)) in (0..).zip(searcher.segment_readers().iter().zip(&self.snapshot.segments)) {
            if self.query.sort.is_by_text() {
                top = Top::new(self.skip + self.limit + 1, self.after_title(segment)?);
            }
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            let mut found = match &asked.scores {
                Some(scores) => scores.holding(place, asked.required),
                None => Bits::all(reader.max_doc()),
            };
            if let Some(alive) = reader.alive_bitset() {
                found.retain(|doc| alive.is_alive(doc));
            }
            if let Some(without) = &without {
                exclude(without.as_ref(), reader, &mut found)?;
            }
            pass.seen += found.count();
            if !self.rest.none {
                found.retain(|doc| self.rest.lets_pass(segment, doc));
            }
            if let Some(test) = &self.test {
                found.retain(|doc| test.lets_pass(number, segment, doc));
            }
            let chosen = self.filtered(found, segment);
            let hits = chosen.hits.count();
            pass.total += hits;
            match &asked.scores {
                Some(scores) if self.query.sort == Sort::Relevance => {
                    let (scored, gains) = (scores.scored(place), segment.gains(self.day));
                    chosen.hits.each(|doc| {
                        let score = scored.score(doc) * gains.get(doc as usize).copied().unwrap_or(1.0);
                        top.offer(rank_of_score(score), score, number, doc, || segment.id(doc));
                    });
                }
                _ => self.unscored(segment, number, &chosen.hits, hits, &mut top),
            }
            pass.chosen.push(chosen);
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

    /// Documents as they are, when no filter on a facet narrows them.
    fn chosen(&self, hits: Bits) -> Chosen {
        Chosen { but_for: self.filters.iter().map(|_| hits.clone()).collect(), hits }
    }

    /// Those of the found documents of a segment that pass the filters on facets.
    fn filtered(&self, found: Bits, segment: &Segment) -> Chosen {
        let mut chosen = self.chosen(found);
        for (filter, (slot, wanted)) in self.filters.iter().enumerate() {
            let passing = passing(segment, *slot, wanted, &chosen);
            chosen.hits.and(&passing);
            let others = chosen.but_for.iter_mut().enumerate().filter(|(other, _)| *other != filter);
            others.for_each(|(_, bits)| bits.and(&passing));
        }
        chosen
    }

    /// Offers hits in an order that knows no words. Where hits are many, those that come first are found by going through all
    /// documents in that order.
    fn unscored(&self, segment: &Segment, number: u32, hits: &Bits, count: u64, top: &mut Top) {
        let (sort, freshness) = (self.query.sort, Freshness::on(self.day));
        let offer = |doc, rank, top: &mut Top| {
            let score = if sort == Sort::Relevance { freshness.factor(day_of(rank)) } else { 0.0 };
            top.offer(rank, score, number, doc, || segment.id(doc));
        };
        let wanted = u64::try_from(self.skip + self.limit + 1).unwrap_or(u64::MAX);
        if count < FEW_HITS || wanted.saturating_mul(ORDER_SHARE) > count {
            return hits.each(|doc| offer(doc, segment.rank(sort, doc, self.day), top));
        }
        let (mut taken, mut last) = (0, None);
        for doc in segment.order(sort).iter().copied().filter(|doc| hits.contains(*doc)) {
            let rank = segment.rank(sort, doc, self.day);
            if taken >= wanted && last != Some(rank) {
                break;
            }
            offer(doc, rank, top);
            if top.is_after(rank) {
                (taken, last) = (taken + 1, Some(rank));
            }
        }
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
    fn finish<'p>(
        &self,
        pass: &'p Pass,
        plan: &Plan,
        required: usize,
        reading: Reading,
    ) -> Result<SearchAnswer, SearchError> {
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
        if let Some(known) = &pass.known {
            answer.facets.clone_from(known);
            return Ok(answer);
        }
        for (slot, facet) in Facet::ALL.into_iter().enumerate().filter(|(_, facet)| self.query.facets.contains(facet)) {
            let filter = self.filters.iter().position(|(filtered, _)| *filtered == slot);
            let set = |chosen: &'p Chosen| filter.and_then(|at| chosen.but_for.get(at)).unwrap_or(&chosen.hits);
            let sets: Vec<&Bits> = pass.chosen.iter().map(set).collect();
            answer.facets.insert(facet, tally::count(self.snapshot, slot, &sets, self.facet_limit()));
        }
        if self.is_everything(plan) {
            self.snapshot.keep_of_everything(self.facet_limit(), &answer.facets);
        }
        Ok(answer)
    }
}

/// The day that a rank of [`Sort::Relevance`] without words stands for.
fn day_of(rank: u64) -> u16 {
    u16::try_from(rank).map_or(NO_DAY, |rank| u16::MAX - rank)
}

/// The card of a document.
pub(crate) fn card_of(snapshot: &Snapshot, address: DocAddress) -> Result<String, SearchError> {
    let document: TantivyDocument = snapshot.searcher.0.doc(address)?;
    let card = document.get_first(snapshot.generation.fields.card).and_then(|card| card.as_str());
    Ok(card.unwrap_or_default().to_owned())
}

/// Takes off what a query matches.
fn exclude(weight: &dyn Weight, reader: &SegmentReader, found: &mut Bits) -> Result<(), SearchError> {
    weight.for_each_no_score(reader, &mut |docs| docs.iter().for_each(|doc| found.remove(*doc)))?;
    Ok(())
}

/// The documents of a segment that have one of the wanted values of a facet, among those that may matter.
fn passing(segment: &Segment, slot: usize, wanted: &Set, chosen: &Chosen) -> Bits {
    if let Some(listed) = segment.posted(slot).and_then(|posted| posted.any_of(&wanted.numbers())) {
        return listed;
    }
    let mut passing = chosen.hits.clone();
    chosen.but_for.iter().for_each(|bits| passing.or(bits));
    let values = segment.facets.get(slot);
    passing.retain(|doc| values.is_some_and(|values| values.any_in(doc, wanted)));
    passing
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

//! Datasets that are about the same.

use fairground_domain::DatasetId;
use tantivy::query::{EnableScoring, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Term};

use crate::error::SearchError;
use crate::feedback::gist;
use crate::generation::Snapshot;
use crate::plan::{Group, Plan, What};
use crate::query::Hit;
use crate::score::{Scores, as_float, rarity};
use crate::search::card_of;
use crate::segment::dataset_id;
use crate::top::{Top, rank_of_score};

/// Most like datasets in one answer.
pub const MAX_SIMILAR: usize = 50;
/// Words of a dataset that are weighed, those of its title and keywords first, and that like ones are sought by.
const MAX_WEIGHED: usize = 40;
const SOUGHT: usize = 12;
/// Words in a greater share of all documents tell nothing.
const MAX_SHARE: f32 = 0.1;
/// Words that a like dataset shares at least.
const MIN_SHARED: usize = 2;

/// The datasets that share the most telling words with one, best first; none when it is not in the index.
pub(crate) fn similar(snapshot: &Snapshot, id: DatasetId, limit: usize) -> Result<Vec<Hit>, SearchError> {
    let limit = limit.min(MAX_SIMILAR);
    let Some(address) = find(snapshot, id)? else { return Ok(Vec::new()) };
    let documents = as_float(snapshot.searcher.0.num_docs()).max(1.0);
    let mut telling = Vec::new();
    for (place, word) in
        gist(snapshot, address)?.split(' ').filter(|word| !word.is_empty()).take(MAX_WEIGHED).enumerate()
    {
        let term = Term::from_field_text(snapshot.generation.fields.words, word);
        let frequency = snapshot.frequency(&term)?;
        if frequency > 1 && (documents < 100.0 || as_float(frequency) <= documents * MAX_SHARE) {
            // What comes first in a dataset's gist tells more.
            let early = 1.0 / (1.0 + as_float(u64::try_from(place).unwrap_or(u64::MAX)) / 20.0);
            telling.push((early * rarity(frequency, documents), frequency, term));
        }
    }
    telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.2.cmp(&b.2)));
    telling.truncate(SOUGHT);
    let least = MIN_SHARED.min(telling.len());
    let groups = telling.into_iter().map(|(_, frequency, term)| Group::of(What::Word(term), 1.0, frequency));
    let plan = Plan { groups: groups.collect(), ..Plan::default() };
    if plan.groups.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let scores = Scores::of(&plan, snapshot)?;
    let mut top = Top::new(limit, None);
    for (number, (reader, segment)) in (0..).zip(snapshot.searcher.0.segment_readers().iter().zip(&snapshot.segments)) {
        let alive = reader.alive_bitset();
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let scored = scores.scored(place);
        scores.holding(place, least).each(|doc| {
            let is_it = number == address.segment_ord && doc == address.doc_id;
            if !is_it && alive.is_none_or(|alive| alive.is_alive(doc)) {
                let score = scored.score(doc) * segment.prior(doc);
                top.offer(rank_of_score(score), score, number, doc, || segment.id(doc));
            }
        });
    }
    top.into_places()
        .into_iter()
        .map(|place| {
            let card = card_of(snapshot, DocAddress::new(place.segment, place.doc))?;
            Ok(Hit { id: dataset_id(place.id), score: f32::from_bits(place.score), card })
        })
        .collect()
}

/// Where a dataset lies.
fn find(snapshot: &Snapshot, id: DatasetId) -> Result<Option<DocAddress>, SearchError> {
    let term = Term::from_field_bytes(snapshot.generation.fields.id, id.as_uuid().as_bytes());
    let searcher = &snapshot.searcher.0;
    let weight =
        TermQuery::new(term, IndexRecordOption::Basic).weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut found = None;
    for (number, reader) in (0..).zip(searcher.segment_readers()) {
        let alive = reader.alive_bitset();
        weight.for_each_no_score(reader, &mut |docs| {
            let living = docs.iter().find(|doc| alive.is_none_or(|alive| alive.is_alive(**doc)));
            found = living.map(|doc| DocAddress::new(number, *doc)).or(found);
        })?;
    }
    Ok(found)
}

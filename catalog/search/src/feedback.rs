//! Widening a question of several words by words that its best hits share (pseudo-relevance feedback).
//!
//! A word counts when two of the best hits have it at least, the more the better those hits are and the rarer it is
//! elsewhere. The words only move hits up: what is found, and how much, stays as it was asked.

use std::collections::HashMap;

use tantivy::schema::Value as _;
use tantivy::{DocAddress, TantivyDocument, TantivyError, Term};

use crate::generation::Snapshot;
use crate::plan::{Alternative, Group, Plan, What};
use crate::ranking::{FEEDBACK_SHARE, FEEDBACK_WORDS};
use crate::score::{as_float, rarity};

/// Words that are weighed at most, those of most hits first.
const MAX_WEIGHED: usize = 80;
/// Words in a greater share of all documents tell nothing.
const MAX_SHARE: f32 = 0.1;
/// Hits that must share a word.
const MIN_HITS: usize = 2;

/// The words that tell what a document is about.
pub(crate) fn gist(snapshot: &Snapshot, address: DocAddress) -> Result<String, TantivyError> {
    let document: TantivyDocument = snapshot.searcher.0.doc(address)?;
    let gist = document.get_first(snapshot.generation.fields.gist).and_then(|gist| gist.as_str());
    Ok(gist.unwrap_or_default().to_owned())
}

/// The words that the best hits share, as groups that are not required.
pub(crate) fn shared_words(
    plan: &Plan,
    best: &[(DocAddress, f32)],
    snapshot: &Snapshot,
) -> Result<Vec<Group>, TantivyError> {
    let total: f32 = best.iter().map(|(_, score)| score).sum();
    if best.len() < MIN_HITS || total <= 0.0 {
        return Ok(Vec::new());
    }
    let mut shared: HashMap<String, (usize, f32)> = HashMap::new();
    for (address, score) in best {
        for word in gist(snapshot, *address)?.split(' ').filter(|word| !word.is_empty()) {
            let (hits, share) = shared.entry(word.to_owned()).or_default();
            *hits += 1;
            *share += score / total;
        }
    }
    let field = snapshot.generation.fields.words;
    let asked: Vec<&Term> = plan.groups.iter().flat_map(|group| &group.alternatives).filter_map(word_of).collect();
    let mut weighed: Vec<(f32, Term)> = shared
        .into_iter()
        .filter(|(_, (hits, _))| *hits >= MIN_HITS)
        .map(|(word, (_, share))| (share, Term::from_field_text(field, &word)))
        .filter(|(_, term)| !asked.contains(&term))
        .collect();
    weighed.sort_by(|(a, a_term), (b, b_term)| b.total_cmp(a).then_with(|| a_term.cmp(b_term)));
    weighed.truncate(MAX_WEIGHED);
    let documents = as_float(snapshot.searcher.0.num_docs()).max(1.0);
    let mut telling = Vec::with_capacity(weighed.len());
    for (share, term) in weighed {
        let frequency = snapshot.frequency(&term)?;
        if documents < 100.0 || as_float(frequency) <= documents * MAX_SHARE {
            telling.push((share * rarity(frequency, documents), share, frequency, term));
        }
    }
    telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.3.cmp(&b.3)));
    telling.truncate(FEEDBACK_WORDS);
    let sum: f32 = telling.iter().map(|(_, share, _, _)| share).sum();
    let scale = FEEDBACK_SHARE * as_float(u64::try_from(plan.groups.len()).unwrap_or(u64::MAX)) / sum.max(f32::EPSILON);
    let group = |(_, share, frequency, term): (f32, f32, u64, Term)| Group {
        alternatives: vec![Alternative { what: What::Word(term), boost: share * scale }],
        frequency,
    };
    Ok(telling.into_iter().map(group).collect())
}

fn word_of(alternative: &Alternative) -> Option<&Term> {
    match &alternative.what {
        What::Word(term) => Some(term),
        What::Scoped(_) | What::Phrase(_) | What::Year(_) => None,
    }
}

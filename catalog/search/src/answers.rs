//! Answers given from one commit, kept for those who ask the same again. A new commit begins with none.

use std::collections::HashMap;
use std::sync::Arc;

use fairground_domain::DatasetId;
use parking_lot::Mutex;

use crate::query::{SearchAnswer, SearchQuery};

/// Memory that kept answers may take, in bytes, as far as it is counted: their cards and facet values.
pub const ANSWER_MEMORY_BYTES: usize = 24 << 20;
/// Longest question whose answer is kept, in bytes as written down.
const MAX_KEY_BYTES: usize = 2_000;
/// What an entry takes beside its texts, in bytes.
const ENTRY_BYTES: usize = 400;

/// The kept answers: those used of late, and those from before, which are let go when memory is needed.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    young: HashMap<String, Arc<SearchAnswer>>,
    young_bytes: usize,
    old: HashMap<String, Arc<SearchAnswer>>,
}

/// How a question is known: its words with single spaces, and everything else that it asks.
pub(crate) fn key(query: &SearchQuery, day: u16) -> Option<String> {
    let words: Vec<&str> = query.text.split_whitespace().collect();
    let rest = SearchQuery { text: String::new(), ..query.clone() };
    let key = format!("{day} {} \u{0} {rest:?}", words.join(" ").to_lowercase());
    (key.len() <= MAX_KEY_BYTES).then_some(key)
}

/// How the question for the datasets like one is known, which no question in words can be.
pub(crate) fn key_of_like(id: DatasetId, limit: usize) -> String {
    format!("\u{0}like {id} {limit}")
}

impl Answers {
    pub(crate) fn get(&self, key: &str) -> Option<Arc<SearchAnswer>> {
        let mut kept = self.0.lock();
        if let Some(answer) = kept.young.get(key) {
            return Some(answer.clone());
        }
        let (key, answer) = kept.old.remove_entry(key)?;
        kept.put(key, answer.clone());
        Some(answer)
    }

    pub(crate) fn put(&self, key: String, answer: Arc<SearchAnswer>) {
        self.0.lock().put(key, answer);
    }
}

impl Kept {
    fn put(&mut self, key: String, answer: Arc<SearchAnswer>) {
        let bytes = weight(&key, &answer);
        if bytes > ANSWER_MEMORY_BYTES / 20 {
            return;
        }
        if self.young_bytes + bytes > ANSWER_MEMORY_BYTES / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(key, answer);
    }
}

fn weight(key: &str, answer: &SearchAnswer) -> usize {
    let cards: usize = answer.hits.iter().map(|hit| hit.card.len() + 64).sum();
    let values = answer.facets.values().flatten().map(|count| count.value.len() + count.label.len() + 64);
    key.len() + cards + values.sum::<usize>() + ENTRY_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Hit;

    fn answer(bytes: usize) -> Arc<SearchAnswer> {
        let hit = Hit { id: fairground_domain::DatasetId::new(), score: 1.0, card: "x".repeat(bytes) };
        Arc::new(SearchAnswer { hits: vec![hit], ..SearchAnswer::default() })
    }

    #[test]
    fn memory_is_held_and_what_is_used_stays() {
        let answers = Answers::default();
        for n in 0..2_000 {
            answers.put(n.to_string(), answer(50_000));
            assert!(answers.get("0").is_some(), "{n}");
        }
        let kept = answers.0.lock();
        let bytes: usize = kept.young.iter().chain(&kept.old).map(|(key, answer)| weight(key, answer)).sum();
        assert!(bytes <= ANSWER_MEMORY_BYTES, "{bytes}");
        drop(kept);
        answers.put("huge".to_owned(), answer(ANSWER_MEMORY_BYTES));
        assert!(answers.get("huge").is_none());
    }

    #[test]
    fn the_same_question_is_known_in_other_spacing_and_case() {
        let asked = |text: &str| key(&SearchQuery::words(text), 1);
        assert_eq!(asked("  Air   quality"), asked("air quality"));
        assert_ne!(asked("air quality"), asked("quality air"));
        assert_eq!(asked(&"x".repeat(MAX_KEY_BYTES)), None);
    }
}

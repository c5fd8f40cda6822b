//! Questions in memory, until they are written down.

use std::collections::HashMap;

use fairground_domain::{Timestamp, fold};
use parking_lot::Mutex;

use super::{Asked, note, prune};
use crate::db::Db;
use crate::error::CatalogError;

/// Longest question that is counted, in bytes; longer ones are nobody's but their author's.
pub const MAX_WORDS_BYTES: usize = 120;
/// Different questions that are counted between two times of writing down; others are answered and not counted.
const MAX_QUESTIONS: usize = 50_000;
/// Lots that callers fall into: three bits of a party's number, the lowest.
const LOTS: u64 = 8;

/// Where questions are gathered.
#[derive(Debug, Default)]
pub struct Desk(Mutex<Today>);

#[derive(Debug, Default)]
struct Today {
    day: String,
    questions: HashMap<String, Question>,
}

#[derive(Debug, Default)]
struct Question {
    asked: i64,
    wished: i64,
    found: i64,
    lots: u8,
}

/// The words as they are counted; none when there are none, or too many.
fn counted(words: &str) -> Option<String> {
    let folded = fold(words);
    let words: Vec<&str> =
        folded.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let words = words.join(" ");
    (!words.is_empty() && words.len() <= MAX_WORDS_BYTES).then_some(words)
}

impl Desk {
    /// Notes a question and how many datasets it found. `caller` is the number of a party, as limits count it: of it, only
    /// the lot is kept.
    pub fn note(&self, words: &str, found: u64, caller: u64) {
        self.count(words, caller, |question| {
            question.asked = question.asked.saturating_add(1);
            question.found = i64::try_from(found).unwrap_or(i64::MAX);
        });
    }

    /// Notes that somebody asked for data that was not found.
    pub fn wish(&self, words: &str, caller: u64) {
        self.count(words, caller, |question| question.wished = question.wished.saturating_add(1));
    }

    fn count(&self, words: &str, caller: u64, change: impl FnOnce(&mut Question)) {
        let Some(words) = counted(words) else { return };
        let mut today = self.0.lock();
        if today.questions.is_empty() {
            today.day = Timestamp::now().day();
        }
        if today.questions.len() >= MAX_QUESTIONS && !today.questions.contains_key(&words) {
            return;
        }
        let question = today.questions.entry(words).or_default();
        change(question);
        question.lots |= 1 << (caller % LOTS);
    }

    /// Takes what has been counted since the last time, and the day on which that began.
    fn take(&self) -> (String, Vec<Asked>) {
        let Today { day, questions } = std::mem::take(&mut *self.0.lock());
        let sum = |(words, question): (String, Question)| {
            let Question { asked, wished, found, lots } = question;
            Asked { words, asked, lots, found, wished }
        };
        (day, questions.into_iter().map(sum).collect())
    }

    /// Writes down what has been counted, and forgets what is to be forgotten.
    ///
    /// # Errors
    /// `Storage` when the database fails; what was not written is lost, which costs a count and nothing else.
    pub fn write_down(&self, db: &Db) -> Result<(), CatalogError> {
        let (day, sums) = self.take();
        if sums.is_empty() {
            return Ok(());
        }
        db.write(|tx| {
            note(tx, &day, &sums)?;
            prune(tx)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_summed_with_their_lots_and_nothing_is_taken_twice() {
        let desk = Desk::default();
        for caller in [1, 2, 2, 10, u64::MAX] {
            desk.note("  Air  QUALITÉ ", 7, caller);
        }
        desk.wish("air qualite", 3);
        let (day, taken) = desk.take();
        let words = "air qualite".to_owned();
        assert_eq!(taken, [Asked { words, asked: 5, lots: 0b1000_1110, found: 7, wished: 1 }]);
        assert_eq!(day, Timestamp::now().day());
        assert!(desk.take().1.is_empty());
    }

    #[test]
    fn what_says_nothing_or_too_much_is_not_counted() {
        let desk = Desk::default();
        for words in ["", " \u{0} ", &"x".repeat(MAX_WORDS_BYTES + 1)] {
            desk.note(words, 0, 1);
        }
        for number in 0..MAX_QUESTIONS + 10 {
            desk.note(&format!("w{number}"), 0, 1);
        }
        assert_eq!(desk.take().1.len(), MAX_QUESTIONS);
    }
}

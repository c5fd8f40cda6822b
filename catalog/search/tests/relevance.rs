//! The floors below which relevance must not fall. `make bench-search` prints the measures themselves.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop at a surprise, and says when it is skipped"
)]

#[path = "furniture/judge.rs"]
mod judge;

use judge::{Ours, Plain, measure};

/// Our own questions: nDCG@10 of all, and of those that are misspelt, joined or in another language than the data.
const CIVIC_FLOOR: f64 = 0.83;
const HARD_FLOOR: f64 = 0.88;
/// How much better than plain BM25 dataset search must be, as a factor of nDCG@10.
const FACTOR: f64 = 1.25;

#[test]
fn our_own_questions_are_answered_as_well_as_before() {
    let Some(data) = judge::test_data() else {
        println!("skipped: no test data");
        return;
    };
    let collection = judge::civic(&data);
    assert!(collection.questions.len() >= 60);
    let ours = Ours::over(&collection);
    let all = measure(&collection.questions, |question| ours.rank(question));
    assert!(all.ndcg_at_10 >= CIVIC_FLOOR, "{all:?}");
    let hard = ["typo", "compound", "cross", "spelling"];
    let hard = collection.questions.iter().filter(|question| hard.contains(&question.kind.as_str()));
    let hard = measure(hard, |question| ours.rank(question));
    assert!(hard.ndcg_at_10 >= HARD_FLOOR, "{hard:?}");
}

#[test]
fn dataset_search_is_a_quarter_better_than_plain_words() {
    let Some(data) = judge::test_data() else {
        println!("skipped: no test data");
        return;
    };
    let collection = judge::datafinder(&data, false);
    let (ours, plain) = (Ours::over(&collection), Plain::over(&collection));
    for questions in [&collection.questions, &judge::datafinder(&data, true).questions] {
        let found = measure(questions, |question| ours.rank(question)).ndcg_at_10;
        let plainly = measure(questions, |question| plain.rank(question)).ndcg_at_10;
        assert!(found >= plainly * FACTOR, "{}: ours {found:.4}, plain {plainly:.4}", questions[0].kind);
    }
}

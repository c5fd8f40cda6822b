//! Relevance beside plain BM25 over the same fields.
//!
//! ```text
//! cargo run --release -p fairground-search --example relevance FOLDER [--each]
//! ```
//! `FOLDER` holds `search/datafinder` and `harvest/dcat-us-federal`. `--each` lists our own questions, the worst first.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "the report is what it is for")]

#[path = "../tests/furniture/judge.rs"]
mod judge;

use std::collections::BTreeSet;
use std::path::Path;

use judge::{Collection, Measures, Ours, Plain, measure};

fn line(name: &str, questions: usize, measures: Measures) {
    let Measures { ndcg_at_10, recall_at_100, reciprocal_rank } = measures;
    println!("{name:<34} {questions:>5} {ndcg_at_10:>9.4} {recall_at_100:>11.4} {reciprocal_rank:>8.4}");
}

fn report(name: &str, collection: &Collection) {
    let (ours, plain) = (Ours::over(collection), Plain::over(collection));
    let count = collection.questions.len();
    let plain = measure(&collection.questions, |question| plain.rank(question));
    let measured = measure(&collection.questions, |question| ours.rank(question));
    line(&format!("{name}: plain BM25"), count, plain);
    line(&format!("{name}: ours"), count, measured);
    println!("{:<34} nDCG@10 {:+.1} %", "", (measured.ndcg_at_10 / plain.ndcg_at_10 - 1.0) * 100.0);
}

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "tests/data".to_owned());
    let data = Path::new(&folder);
    println!("{:<34} {:>5} {:>9} {:>11} {:>8}", "", "asked", "nDCG@10", "recall@100", "MRR");
    report("datafinder, sentences", &judge::datafinder(data, false));
    report("datafinder, key phrases", &judge::datafinder(data, true));
    let civic = judge::civic(data);
    report("our own questions", &civic);
    let ours = Ours::over(&civic);
    let kinds: BTreeSet<&str> = civic.questions.iter().map(|question| question.kind.as_str()).collect();
    for kind in kinds {
        let of_kind = || civic.questions.iter().filter(move |question| question.kind == kind);
        line(&format!("  of them: {kind}"), of_kind().count(), measure(of_kind(), |question| ours.rank(question)));
    }
    if std::env::args().any(|argument| argument == "--each") {
        let mut each: Vec<_> = civic
            .questions
            .iter()
            .map(|question| (measure([question], |question| ours.rank(question)).ndcg_at_10, question))
            .collect();
        each.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (ndcg, question) in each {
            println!("{ndcg:.3}  {:<40} {:>3} answers", question.text, question.answers.len());
            if ndcg < 0.3 {
                ours.rank(question).iter().take(4).for_each(|name| println!("         {name}"));
            }
        }
    }
}

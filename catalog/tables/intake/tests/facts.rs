//! Every file of the shared test data against what independent readers make of it.
//!
//! `facts/tabular.json` is written by `facts/generate.py` with readers that share no code with ours. `facts/ours.json` holds
//! what is ours on purpose where we differ, each with the reason in words; an entry there that is no longer needed fails
//! the test too. `FAIRGROUND_FACTS_FOUND=<file>` has the differences written to a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use fairground_tables_intake::{IntakeError, LoadOptions, Unwatched, load};
use serde::{Deserialize, Serialize};

/// A table as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Table {
    #[serde(default)]
    name: String,
    rows: u64,
    types: Vec<String>,
}

/// What a reader makes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Tables(Vec<Table>),
    Refused(String),
}

#[derive(Debug, Deserialize)]
struct Fact {
    file: String,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Deserialize)]
struct Ours {
    why: String,
    #[serde(flatten)]
    outcome: Outcome,
}

fn facts<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts").join(name);
    serde_json::from_slice(&std::fs::read(&path).expect("the facts are there")).expect("the facts are JSON")
}

fn test_data() -> Option<PathBuf> {
    let root = std::env::var("FAIRGROUND_TEST_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join(root);
    root.join("tabular").is_dir().then_some(root)
}

fn of_ours(path: &Path) -> Outcome {
    let folder = tempfile::TempDir::new().expect("a folder");
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let options = LoadOptions { name, threads: 1, ..LoadOptions::default() };
    match load(path, &options, folder.path(), &Unwatched) {
        Ok(tables) => Outcome::Tables(
            tables
                .into_iter()
                .map(|table| Table {
                    name: table.snapshot.name,
                    rows: table.snapshot.rows,
                    types: table
                        .snapshot
                        .columns
                        .iter()
                        .map(|column| {
                            let kind = if column.statistics.count == 0 { "null" } else { column.column_type.as_str() };
                            if kind == "point" { "geometry" } else { kind }.to_owned()
                        })
                        .collect(),
                })
                .collect(),
        ),
        Err(error) => Outcome::Refused(
            match error {
                IntakeError::NotTabular { .. } => "not-tabular",
                IntakeError::Broken { .. } => "broken",
                IntakeError::Protected { .. } => "protected",
                IntakeError::TooLarge { .. } => "too-large",
                IntakeError::TooManyFaults { .. } => "too-many-faults",
                IntakeError::Io(_) | IntakeError::Cancelled | IntakeError::Write(_) => "failed",
            }
            .to_owned(),
        ),
    }
}

/// Loads the files, several at a time.
fn load_all(root: &Path, facts: &[Fact]) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let found: Vec<OnceLock<Outcome>> = facts.iter().map(|_| OnceLock::new()).collect();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).max(2) {
            scope.spawn(|| {
                while let Some((fact, slot)) = take_next(&next, facts, &found) {
                    slot.get_or_init(|| of_ours(&root.join(&fact.file)));
                }
            });
        }
    });
    found.into_iter().map(|slot| slot.into_inner().expect("every file was loaded")).collect()
}

fn take_next<'a>(
    next: &AtomicUsize,
    facts: &'a [Fact],
    found: &'a [OnceLock<Outcome>],
) -> Option<(&'a Fact, &'a OnceLock<Outcome>)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    facts.get(at).zip(found.get(at))
}

/// Whether two outcomes say the same. Names of tables differ in form, an empty column may have any type, and a file without
/// a table is not tabular.
fn agree(theirs: &Outcome, ours: &Outcome) -> bool {
    match (theirs, ours) {
        (Outcome::Tables(theirs), Outcome::Tables(ours)) => {
            theirs.len() == ours.len()
                && theirs.iter().zip(ours).all(|(a, b)| {
                    let same = |(a, b): (&String, &String)| a == b || a == "null" || b == "null";
                    a.rows == b.rows && a.types.len() == b.types.len() && a.types.iter().zip(&b.types).all(same)
                })
        }
        (Outcome::Refused(theirs), Outcome::Refused(ours)) => {
            theirs == ours || (theirs == "empty" && ours == "not-tabular")
        }
        _ => false,
    }
}

#[test]
fn every_file_loads_as_independent_readers_read_it() {
    let Some(root) = test_data() else {
        println!("skipped: no test data");
        return;
    };
    let facts: Vec<Fact> = facts("tabular.json");
    let mut ours: BTreeMap<String, Ours> = self::facts("ours.json");
    let mut wrong = Vec::new();
    for (fact, found) in facts.iter().zip(load_all(&root, &facts)) {
        let exception = ours.remove(&fact.file);
        let agrees = agree(&fact.outcome, &found);
        let right = match &exception {
            Some(exception) => !agrees && agree(&exception.outcome, &found) && exception.why.len() > 10,
            None => agrees,
        };
        if !right {
            let line = |outcome: &Outcome| serde_json::to_string(outcome).expect("an outcome is JSON");
            let reason = if exception.is_some() && agrees { " (the exception is not needed)" } else { "" };
            wrong.push(format!("{}{reason}\n  theirs {}\n  ours   {}", fact.file, line(&fact.outcome), line(&found)));
        }
    }
    if let Ok(path) = std::env::var("FAIRGROUND_FACTS_FOUND") {
        std::fs::write(path, wrong.join("\n")).expect("the differences are written");
    }
    assert!(ours.is_empty(), "no such files: {:?}", ours.keys());
    assert!(wrong.is_empty(), "{} of {} files differ:\n{}", wrong.len(), facts.len(), wrong.join("\n"));
}

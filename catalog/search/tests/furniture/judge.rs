//! Relevance, measured: collections with judgments, the measures, and plain BM25 to compare with.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "for tests and a benchmark, which may stop"
)]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use fairground_domain::{DatasetId, LanguageTag, LocalizedText, Timestamp};
use fairground_search::analysis::each_word;
use fairground_search::{Change, SearchDocument, SearchIndex, SearchQuery, Term};
use serde_json::Value;

/// Our own questions: see the file's head.
pub(crate) const CIVIC: &str = include_str!("../judged/civic.tsv");
/// The catalogues that they were judged over.
const FEDERAL: [&str; 7] = ["dol", "treasury", "fda", "fcc-b", "consumerfinance", "opm-b", "energy-b"];

/// A question and the names of the documents that answer it.
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) kind: String,
    pub(crate) answers: HashSet<String>,
}

/// Documents by name, and questions over them.
pub(crate) struct Collection {
    pub(crate) documents: Vec<(String, SearchDocument)>,
    pub(crate) questions: Vec<Question>,
}

/// Where the real material lies, when it is there.
pub(crate) fn test_data() -> Option<PathBuf> {
    std::env::var_os("FAIRGROUND_TEST_DATA").map(PathBuf::from).filter(|path| path.is_dir())
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    match value.get(name) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn localized(text: String) -> LocalizedText {
    [(LanguageTag::lenient("en"), text)].into_iter().collect()
}

/// Our own questions over the federal catalogues; each document as a harvest would make it.
pub(crate) fn civic(data: &Path) -> Collection {
    let mut documents = Vec::new();
    for name in FEDERAL {
        let bytes = fs::read(data.join(format!("harvest/dcat-us-federal/{name}.json"))).unwrap();
        let catalogue: Value = serde_json::from_slice(&bytes).unwrap();
        for dataset in catalogue["dataset"].as_array().unwrap() {
            let identifier = text(dataset, "identifier");
            let title = text(dataset, "title");
            let publisher = dataset.get("publisher").map(|publisher| text(publisher, "name")).unwrap_or_default();
            documents.push((
                identifier.clone(),
                SearchDocument {
                    id: DatasetId::new(),
                    version: 1,
                    slug: title.to_lowercase().replace(' ', "-"),
                    identifier,
                    description: localized(text(dataset, "description")),
                    keywords: texts(dataset, "keyword").into_iter().map(|k| (LanguageTag::lenient("en"), k)).collect(),
                    publisher: Some(Term::new(format!("{name}-{publisher}"), format!("{publisher} {}", name_of(name)))),
                    themes: texts(dataset, "theme").into_iter().map(Term::plain).collect(),
                    places: texts(dataset, "spatial"),
                    modified: Timestamp::lenient(&text(dataset, "modified")),
                    title: localized(title),
                    ..SearchDocument::default()
                },
            ));
        }
    }
    let question = |line: &str| {
        let mut parts = line.split('\t');
        let (text, kind) = (parts.next()?.to_owned(), parts.nth(1)?.to_owned());
        Some(Question { text, kind, answers: parts.next()?.split('|').map(str::to_owned).collect() })
    };
    Collection {
        documents,
        questions: CIVIC.lines().filter(|line| !line.starts_with('#')).filter_map(question).collect(),
    }
}

/// What the people of a department call it: the portal's publishers have such names.
fn name_of(catalogue: &str) -> &'static str {
    match catalogue {
        "dol" => "Department of Labor",
        "treasury" => "Department of the Treasury",
        "fda" => "FDA",
        "fcc-b" => "FCC",
        "consumerfinance" => "CFPB",
        "opm-b" => "OPM",
        _ => "Department of Energy",
    }
}

/// DataFinder's documents and its questions: as whole sentences, or as key phrases.
pub(crate) fn datafinder(data: &Path, phrases: bool) -> Collection {
    let read = |name: &str| fs::read_to_string(data.join("search/datafinder").join(name)).unwrap();
    let lines = |text: &str| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let as_name = |id: &str| id.replace(' ', "_");
    let documents = lines(&read("documents.jsonl"))
        .iter()
        .map(|line| {
            let id = text(line, "id");
            let document = SearchDocument {
                id: DatasetId::new(),
                version: 1,
                title: localized(text(line, "title")),
                description: localized(text(line, "contents")),
                keywords: texts(line, "variants").into_iter().map(|v| (LanguageTag::lenient("en"), v)).collect(),
                ..SearchDocument::default()
            };
            (as_name(&id), document)
        })
        .collect();
    let mut judged: HashMap<String, HashSet<String>> = HashMap::new();
    for line in read("test.qrels").lines().skip(1) {
        let parts: Vec<&str> = line.split('\t').collect();
        if parts[3] != "0" {
            judged.entry(parts[0].to_owned()).or_default().insert(as_name(parts[2]));
        }
    }
    let questions = lines(&read("test_queries.jsonl"))
        .iter()
        .filter_map(|line| {
            let whole = text(line, "query");
            let answers = judged.get(&as_name(&whole))?.clone();
            let (kind, text) = if phrases { ("phrases", text(line, "keyphrase_query")) } else { ("sentence", whole) };
            Some(Question { text, kind: kind.to_owned(), answers })
        })
        .collect();
    Collection { documents, questions }
}

/// Measures over some questions, each between 0 and 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measures {
    pub(crate) ndcg_at_10: f64,
    pub(crate) recall_at_100: f64,
    pub(crate) reciprocal_rank: f64,
}

/// Asks every question and takes the mean.
pub(crate) fn measure<'q>(
    questions: impl IntoIterator<Item = &'q Question>,
    mut rank: impl FnMut(&Question) -> Vec<String>,
) -> Measures {
    let (mut sum, mut count) = (Measures::default(), 0.0);
    for question in questions {
        let found = rank(question);
        let hits: Vec<bool> = found.iter().take(100).map(|name| question.answers.contains(name)).collect();
        let gain = |at: usize| 1.0 / (at as f64 + 2.0).log2();
        let ideal: f64 = (0..question.answers.len().min(10)).map(gain).sum();
        let gained: f64 = hits.iter().take(10).enumerate().filter(|(_, hit)| **hit).map(|(at, _)| gain(at)).sum();
        sum.ndcg_at_10 += gained / ideal;
        let most = question.answers.len().min(100) as f64;
        sum.recall_at_100 += hits.iter().filter(|hit| **hit).count() as f64 / most;
        sum.reciprocal_rank += hits.iter().position(|hit| *hit).map_or(0.0, |at| 1.0 / (at as f64 + 1.0));
        count += 1.0;
    }
    Measures {
        ndcg_at_10: sum.ndcg_at_10 / count,
        recall_at_100: sum.recall_at_100 / count,
        reciprocal_rank: sum.reciprocal_rank / count,
    }
}

/// Our search over a collection.
pub(crate) struct Ours {
    _dir: tempfile::TempDir,
    index: SearchIndex,
    names: HashMap<DatasetId, String>,
}

impl Ours {
    pub(crate) fn over(collection: &Collection) -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        let index = SearchIndex::open_writer(dir.path()).unwrap();
        let put = |(_, document): &(String, SearchDocument)| Change::Put(Box::new(document.clone()));
        index.apply(collection.documents.iter().map(put), 1).unwrap();
        let names = collection.documents.iter().map(|(name, document)| (document.id, name.clone())).collect();
        Self { _dir: dir, index, names }
    }

    pub(crate) fn rank(&self, question: &Question) -> Vec<String> {
        let query = SearchQuery { limit: 100, ..SearchQuery::words(question.text.as_str()) };
        self.index.search(&query).unwrap().hits.iter().map(|hit| self.names[&hit.id].clone()).collect()
    }
}

/// Plain BM25 (k1 1.2, b 0.75) over the same fields, one after another: words as they stand, any of them.
pub(crate) struct Plain {
    names: Vec<String>,
    lengths: Vec<f64>,
    mean: f64,
    postings: HashMap<String, Vec<(usize, f64)>>,
}

impl Plain {
    pub(crate) fn over(collection: &Collection) -> Self {
        let (mut lengths, mut postings) = (Vec::new(), HashMap::<String, Vec<(usize, f64)>>::new());
        for (number, (_, document)) in collection.documents.iter().enumerate() {
            let keywords: Vec<&str> = document.keywords.iter().map(|(_, keyword)| keyword.as_str()).collect();
            let publisher = document.publisher.as_ref().map(|publisher| publisher.label.as_str()).unwrap_or_default();
            let all = [document.title.any(), document.description.any(), &keywords.join(" "), publisher].join(" ");
            let mut counts: HashMap<String, f64> = HashMap::new();
            each_word(&all.to_lowercase(), |word| *counts.entry(word.to_owned()).or_default() += 1.0);
            lengths.push(counts.values().sum());
            counts.into_iter().for_each(|(word, count)| postings.entry(word).or_default().push((number, count)));
        }
        let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
        Self { names: collection.documents.iter().map(|(name, _)| name.clone()).collect(), lengths, mean, postings }
    }

    pub(crate) fn rank(&self, question: &Question) -> Vec<String> {
        let mut scores: HashMap<usize, f64> = HashMap::new();
        let mut words = BTreeSet::new();
        each_word(&question.text.to_lowercase(), |word| {
            words.insert(word.to_owned());
        });
        for word in words {
            let Some(postings) = self.postings.get(&word) else { continue };
            let (all, with) = (self.names.len() as f64, postings.len() as f64);
            let rarity = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for (number, count) in postings {
                let length = 0.25 + 0.75 * self.lengths[*number] / self.mean;
                *scores.entry(*number).or_default() += rarity * count * 2.2 / (count + 1.2 * length);
            }
        }
        let mut ranked: Vec<(usize, f64)> = scores.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.into_iter().take(100).map(|(number, _)| self.names[number].clone()).collect()
    }
}

//! What a person may be about to type.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use fairground_domain::fold;
use tantivy::schema::Value as _;
use tantivy::{DocAddress, DocSet, TERMINATED, TantivyDocument};

use crate::analysis::each_word;
use crate::error::SearchError;
use crate::generation::Snapshot;
use crate::query::{Facet, Suggestion, SuggestionTarget};
use crate::schema::MAX_START_BYTES;
use crate::segment::dataset_id;

/// Most suggestions in one answer.
pub const MAX_SUGGESTIONS: usize = 50;
/// Characters of a prefix that are read.
const MAX_PREFIX_CHARS: usize = 60;
/// Questions that are remembered for suggestions.
pub(crate) const MAX_POPULAR: usize = 1_000;
/// Questions that many ask among the suggestions.
const MAX_QUESTIONS: usize = 2;
/// Publishers among the suggestions.
const MAX_PUBLISHERS: usize = 3;
/// Keywords that are weighed.
const MAX_KEYWORDS_WEIGHED: usize = 2_000;
/// Titles that are weighed per segment.
const MAX_TITLES_WEIGHED: usize = 24;

/// How many datasets each publisher and keyword has; summed up when first asked for.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    publishers: OnceLock<Vec<Publisher>>,
    keywords: OnceLock<Vec<u32>>,
}

#[derive(Debug)]
struct Publisher {
    value: String,
    label: String,
    folded: String,
    count: u32,
}

impl Totals {
    fn keywords(&self, snapshot: &Snapshot) -> &[u32] {
        self.keywords.get_or_init(|| {
            let counts = snapshot.segments.iter().flat_map(|segment| &segment.keyword_totals);
            snapshot.names_of(Facet::Keyword).map(|names| names.sum_by_root(counts)).unwrap_or_default()
        })
    }

    fn publishers(&self, snapshot: &Snapshot) -> &[Publisher] {
        self.publishers.get_or_init(|| {
            let mut counts: HashMap<u32, u32> = HashMap::new();
            for (number, count) in snapshot.segments.iter().flat_map(|segment| &segment.publisher_totals) {
                *counts.entry(*number).or_default() += count;
            }
            let mut publishers = Vec::new();
            if let Some(names) = snapshot.names_of(Facet::Publisher) {
                names.each(|number, value, label| {
                    let count = counts.get(&number).copied().unwrap_or(0);
                    if count > 0 {
                        let (value, folded) = (value.to_owned(), spaced(&fold(label)));
                        publishers.push(Publisher { value, label: label.to_owned(), folded, count });
                    }
                });
            }
            publishers.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.folded.cmp(&b.folded)));
            publishers
        })
    }
}

/// The words of a folded text with single spaces between.
fn spaced(folded: &str) -> String {
    let mut words = String::with_capacity(folded.len());
    each_word(folded, |word| {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    });
    words
}

/// True when one of the text's words, with what follows it, begins with the prefix.
fn has_start(text: &str, prefix: &str) -> bool {
    text.match_indices(prefix).any(|(at, _)| at == 0 || text.as_bytes().get(at - 1) == Some(&b' '))
}

/// A question that many ask.
#[derive(Debug)]
pub(crate) struct Popular {
    text: String,
    folded: String,
    count: u64,
}

impl Popular {
    pub(crate) fn new(text: String, count: u64) -> Self {
        Self { folded: spaced(&fold(&text)), text, count }
    }

    fn suggestion(&self) -> Suggestion {
        Suggestion { text: self.text.clone(), target: SuggestionTarget::Query(self.text.clone()), count: self.count }
    }
}

/// Questions that many ask first, then publishers, then keywords by how many datasets have them, then titles.
pub(crate) fn suggest(
    snapshot: &Snapshot,
    popular: &[Popular],
    prefix: &str,
    limit: usize,
) -> Result<Vec<Suggestion>, SearchError> {
    let limit = limit.min(MAX_SUGGESTIONS);
    let folded = fold(&prefix.chars().take(MAX_PREFIX_CHARS).collect::<String>());
    let words = spaced(&folded);
    if words.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let mut all: Vec<Suggestion> = popular
        .iter()
        .filter(|question| has_start(&question.folded, &words))
        .take(MAX_QUESTIONS.min(limit))
        .map(Popular::suggestion)
        .collect();
    all.extend(publishers(snapshot, &words, MAX_PUBLISHERS.min(limit)));
    all.extend(keywords(snapshot, folded.trim(), (limit / 2).max(1)));
    all.truncate(limit);
    let left = limit - all.len();
    let known: HashSet<String> = all.iter().map(|suggestion| fold(&suggestion.text)).collect();
    all.extend(titles(snapshot, &words, left, &known)?);
    Ok(all)
}

fn publishers(snapshot: &Snapshot, prefix: &str, most: usize) -> Vec<Suggestion> {
    let all = snapshot.totals.publishers(snapshot).iter();
    all.filter(|publisher| has_start(&publisher.folded, prefix))
        .take(most)
        .map(|publisher| Suggestion {
            text: publisher.label.clone(),
            target: SuggestionTarget::Publisher(publisher.value.clone()),
            count: u64::from(publisher.count),
        })
        .collect()
}

fn keywords(snapshot: &Snapshot, prefix: &str, most: usize) -> Vec<Suggestion> {
    let totals = snapshot.totals.keywords(snapshot);
    let mut found = Vec::new();
    if let Some(names) = snapshot.names_of(Facet::Keyword) {
        names.each_with_prefix(prefix, MAX_KEYWORDS_WEIGHED, |root, value| {
            let count = totals.get(root as usize).copied().unwrap_or(0);
            let beaten = found.len() >= most && found.last().is_some_and(|(least, _)| *least >= count);
            if count == 0 || beaten {
                return;
            }
            let at = found.partition_point(|(other, _)| *other >= count);
            found.insert(at, (count, value.to_owned()));
            found.truncate(most);
        });
    }
    found
        .into_iter()
        .map(|(count, value)| Suggestion {
            text: value.clone(),
            target: SuggestionTarget::Keyword(value),
            count: u64::from(count),
        })
        .collect()
}

/// Titles with words that begin with the prefix; those that begin with it themselves first, then the shorter.
fn titles(
    snapshot: &Snapshot,
    prefix: &str,
    most: usize,
    known: &HashSet<String>,
) -> Result<Vec<Suggestion>, SearchError> {
    if most == 0 {
        return Ok(Vec::new());
    }
    // Titles are kept by the first bytes of their starts; what is longer is compared when the title is at hand.
    let key = prefix.get(..prefix.floor_char_boundary(MAX_START_BYTES)).unwrap_or(prefix);
    let mut starts = Vec::new();
    for (number, reader) in (0..).zip(snapshot.searcher.0.segment_readers()) {
        let index = reader.inverted_index(snapshot.generation.fields.starts)?;
        let mut stream = index.terms().range().ge(key).into_stream()?;
        let mut left = MAX_TITLES_WEIGHED;
        while left > 0 && stream.advance() && stream.key().starts_with(key.as_bytes()) {
            left -= 1;
            let mut postings =
                index.read_postings_from_terminfo(stream.value(), tantivy::schema::IndexRecordOption::Basic)?;
            while postings.doc() != TERMINATED && reader.is_deleted(postings.doc()) {
                postings.advance();
            }
            if postings.doc() != TERMINATED {
                starts.push((stream.key().len(), number, postings.doc()));
            }
        }
    }
    starts.sort_unstable();
    let mut found: Vec<(bool, Suggestion)> = Vec::new();
    let mut seen = known.clone();
    for (_, number, doc) in starts {
        if found.len() >= most {
            break;
        }
        if let Some(suggestion) = titled(snapshot, number, doc)? {
            let folded = fold(&suggestion.text);
            let words = spaced(&folded);
            let within = !words.starts_with(prefix);
            let holds = key.len() == prefix.len() || has_start(&words, prefix);
            if holds && seen.insert(folded) {
                found.push((within, suggestion));
            }
        }
    }
    found.sort_by_key(|(within, suggestion)| (*within, suggestion.text.len()));
    Ok(found.into_iter().map(|(_, suggestion)| suggestion).collect())
}

fn titled(snapshot: &Snapshot, number: u32, doc: u32) -> Result<Option<Suggestion>, SearchError> {
    let fields = &snapshot.generation.fields;
    let document: TantivyDocument = snapshot.searcher.0.doc(DocAddress::new(number, doc))?;
    let text = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let Some(segment) = snapshot.segments.get(number as usize) else { return Ok(None) };
    let target = SuggestionTarget::Dataset { id: dataset_id(segment.id(doc)), slug: text(fields.slug) };
    Ok(Some(Suggestion { text: text(fields.title), target, count: 1 }))
}

//! Builders for documents and the portal's index in a folder of its own.
#![allow(dead_code, clippy::unwrap_used, reason = "shared by several test programs; a test may stop at a surprise")]

use fairground_domain::{DatasetId, LanguageTag, LocalizedText, Timestamp};
use fairground_search::{Change, SearchAnswer, SearchDocument, SearchIndex, SearchQuery, Term};
use tempfile::TempDir;

pub(crate) struct Shelf {
    pub(crate) dir: TempDir,
    pub(crate) index: SearchIndex,
}

impl Shelf {
    pub(crate) fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        let index = SearchIndex::open_writer(dir.path()).unwrap();
        Self { dir, index }
    }

    pub(crate) fn with(documents: impl IntoIterator<Item = SearchDocument>) -> Self {
        let shelf = Self::empty();
        shelf.put(documents);
        shelf
    }

    pub(crate) fn put(&self, documents: impl IntoIterator<Item = SearchDocument>) {
        let changes = documents.into_iter().map(|document| Change::Put(Box::new(document)));
        self.index.apply(changes, self.index.position() + 1).unwrap();
    }

    /// Cards (titles, see [`dataset`]) of the hits for words, best first.
    pub(crate) fn find(&self, words: &str) -> Vec<String> {
        cards(&self.index.search(&SearchQuery::words(words)).unwrap())
    }

    /// The same, by alphabet.
    pub(crate) fn sorted(&self, words: &str) -> Vec<String> {
        let mut found = self.find(words);
        found.sort();
        found
    }
}

pub(crate) fn cards(answer: &SearchAnswer) -> Vec<String> {
    answer.hits.iter().map(|hit| hit.card.clone()).collect()
}

/// A dataset with a title in a language; its card is the title.
pub(crate) fn dataset_in(language: &str, title: &str) -> SearchDocument {
    let mut text = LocalizedText::default();
    text.insert(LanguageTag::lenient(language), title);
    SearchDocument {
        id: DatasetId::new(),
        version: 1,
        slug: title.to_lowercase().replace(' ', "-"),
        identifier: format!("urn:x:{}", title.len()),
        title: text,
        card: title.to_owned(),
        ..SearchDocument::default()
    }
}

/// A dataset with an English title.
pub(crate) fn dataset(title: &str) -> SearchDocument {
    dataset_in("en", title)
}

pub(crate) fn keywords(words: &[&str]) -> Vec<(LanguageTag, String)> {
    words.iter().map(|word| (LanguageTag::lenient("en"), (*word).to_owned())).collect()
}

pub(crate) fn described(title: &str, description: &str) -> SearchDocument {
    let mut document = dataset(title);
    document.description.insert(LanguageTag::lenient("en"), description);
    document
}

pub(crate) fn from(title: &str, publisher: &str, formats: &[&str]) -> SearchDocument {
    SearchDocument {
        publisher: Some(Term::new(publisher, publisher.to_uppercase())),
        formats: formats.iter().map(|format| (*format).to_owned()).collect(),
        ..dataset(title)
    }
}

pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::lenient(text)
}

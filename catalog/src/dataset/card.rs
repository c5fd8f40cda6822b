//! What a list of datasets shows of each: kept in the search index, so that lists need no database.

use fairground_domain::{DatasetId, LocalizedText, ResourceKind, Slug, Timestamp};
use serde::{Deserialize, Serialize};

use super::Dataset;

/// Longest description on a card, in characters.
const EXCERPT_CHARS: usize = 320;
/// Most keywords on a card.
const KEYWORDS: usize = 12;

/// A dataset in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetCard {
    /// Its id.
    pub id: DatasetId,
    /// Its readable address.
    pub slug: Slug,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// The identifier that its source gave it.
    pub identifier: String,
    /// Its title in every language it has.
    pub title: LocalizedText,
    /// The start of its description, at most 320 characters per language, as the source wrote it.
    pub excerpt: LocalizedText,
    /// Who publishes it.
    pub publisher: Option<CardPublisher>,
    /// Formats of its distributions.
    pub formats: Vec<String>,
    /// How many distributions it has.
    pub distributions: usize,
    /// Licences: IRIs, or the source's words.
    pub licences: Vec<String>,
    /// Some of its keywords.
    pub keywords: Vec<String>,
    /// When first issued, as the source wrote it.
    pub issued: Option<String>,
    /// When last modified, as the source wrote it.
    pub modified: Option<String>,
    /// How often it is renewed: IRI or words.
    pub frequency: Option<String>,
    /// Its version in the catalogue.
    pub version: i32,
    /// When this version became public here.
    pub updated_at: Timestamp,
}

/// The publisher on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPublisher {
    /// Its readable address.
    pub slug: Slug,
    /// Its name.
    pub name: String,
}

impl From<&Dataset> for DatasetCard {
    fn from(dataset: &Dataset) -> Self {
        let draft = &dataset.draft;
        let mut keywords: Vec<String> = Vec::new();
        for (_, word) in &draft.keyword {
            if keywords.len() < KEYWORDS && !keywords.contains(word) {
                keywords.push(word.clone());
            }
        }
        Self {
            id: dataset.id,
            slug: dataset.slug.clone(),
            kind: draft.kind,
            identifier: draft.identifier.clone(),
            title: draft.title.clone(),
            excerpt: draft.description.iter().map(|(tag, text)| (tag.clone(), excerpt(text))).collect(),
            publisher: dataset
                .publisher
                .as_ref()
                .map(|publisher| CardPublisher { slug: publisher.slug.clone(), name: publisher.name.clone() }),
            formats: draft.formats().into_iter().map(str::to_owned).collect(),
            distributions: draft.distribution.len(),
            licences: draft
                .licences()
                .into_iter()
                .map(|licence| licence.iri.clone().unwrap_or_else(|| licence.title.any().to_owned()))
                .collect(),
            keywords,
            issued: draft.issued.clone(),
            modified: draft.modified.clone(),
            frequency: draft.frequency.as_ref().map(|f| f.iri.clone().unwrap_or_else(|| f.label.any().to_owned())),
            version: dataset.version,
            updated_at: dataset.updated_at,
        }
    }
}

/// The start of a text, cut at a word's end, with an ellipsis when something was cut.
fn excerpt(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().nth(EXCERPT_CHARS) else { return text.to_owned() };
    let head = text.get(..cut).unwrap_or(text);
    let end = head.rfind(char::is_whitespace).filter(|end| *end > cut / 2).unwrap_or(cut);
    format!("{}…", head.get(..end).unwrap_or(head).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_at_a_word() {
        let text = "Öffentliche Daten ".repeat(40);
        let cut = excerpt(&text);
        assert!(cut.chars().count() <= EXCERPT_CHARS + 1);
        assert!(cut.ends_with("Daten…") || cut.ends_with("Öffentliche…"));
        assert_eq!(excerpt("short"), "short");
        assert!(excerpt(&"x".repeat(1_000)).chars().count() <= EXCERPT_CHARS + 1);
    }
}

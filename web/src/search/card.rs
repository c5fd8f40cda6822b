//! One dataset among others: in results, on the first page, on a publisher's page.

use fairground_catalog::dataset::DatasetCard;
use fairground_domain::{Concept, ResourceKind, Timestamp};

use crate::dataset::format_name;
use crate::layout::Link;
use crate::prose::excerpt;
use crate::words::{Freshness, Language, LicenceWords, Said};

/// Longest excerpt, in characters.
const EXCERPT_CHARS: usize = 240;
/// Most formats that a card names.
const MOST_FORMATS: usize = 6;

/// One dataset in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultCard {
    /// Its slug.
    pub slug: String,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// Its title.
    pub title: Said,
    /// Its publisher and the publisher's page.
    pub publisher: Option<Link>,
    /// The first words of its description, plain.
    pub excerpt: String,
    /// The excerpt's language where it differs from the interface's.
    pub excerpt_lang: Option<String>,
    /// The formats it comes in, without repetition.
    pub formats: Vec<String>,
    /// How many further formats there are.
    pub more_formats: usize,
    /// When it was updated, against its promise.
    pub freshness: Freshness,
    /// Its licence.
    pub licence: LicenceWords,
}

impl ResultCard {
    /// A card as the search index keeps it, for a reader of that language.
    #[must_use]
    pub fn of(card: &DatasetCard, now: Timestamp, language: Language) -> Self {
        let description = language.best_of(&card.excerpt);
        let mut formats: Vec<String> = Vec::new();
        for format in card.formats.iter().map(|name| format_name(name)) {
            if !format.is_empty() && !formats.contains(&format) {
                formats.push(format);
            }
        }
        let more_formats = formats.len().saturating_sub(MOST_FORMATS);
        formats.truncate(MOST_FORMATS);
        let frequency = card.frequency.as_deref().map(concept);
        Self {
            slug: card.slug.to_string(),
            kind: card.kind,
            title: language.best_of(&card.title),
            publisher: card
                .publisher
                .as_ref()
                .map(|publisher| Link::new(&publisher.name, format!("/publishers/{}", publisher.slug))),
            excerpt: excerpt(&description.text, EXCERPT_CHARS),
            excerpt_lang: description.lang,
            formats,
            more_formats,
            freshness: Freshness::told(
                card.modified.as_deref().or(card.issued.as_deref()),
                frequency.as_ref(),
                now,
                language,
            ),
            licence: card.licences.first().map_or_else(|| LicenceWords::of(None), |text| LicenceWords::of_text(text)),
        }
    }
}

/// A value that is an IRI or a source's words.
fn concept(text: &str) -> Concept {
    if text.contains("://") { Concept::iri(text) } else { Concept::label(text) }
}

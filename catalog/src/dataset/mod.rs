//! Datasets in the catalogue: where they stand, and what is kept of them.

mod card;
mod change;
mod search;
mod store;
mod theme;

use fairground_domain::{ContentHash, DatasetDraft, DatasetId, DistributionId, PublisherId, Slug, SourceId, Timestamp};

pub use card::{CardPublisher, DatasetCard};
pub use change::{
    Among, Direction, Place, VersionDocument, Window, earliest_change, list_addresses, list_by_change, list_documents,
    list_public_slugs, mark_public_ids,
};
pub use search::search_document;
pub(crate) use store::{
    DatasetRow, Known, Listed, RawRow, Replacement, Whose, count_listed, describe, describe_these, document_of,
    earlier_documents, empty_held, event, find_known, find_known_by_id, forget_version, held_among, held_of_source,
    insert_all, keys_of_source, listed_of_source, missing_until, publisher_column, rename_key, replace, restore_all,
    set_held, set_missing, show_as, shown_as, slug_for, slugs_in_use, withdraw_all, withdraw_by,
};
pub use store::{
    count_published, find_raw_record, get, get_known, get_public, get_version, list_also_from, list_by_ids,
    list_published_after, list_versions,
};
pub use theme::{Theme, fill as fill_themes, find_theme, list_themes, theme_slug, themes_of};

/// Where a dataset stands. What belongs to one state lives inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// Everybody sees it.
    Published,
    /// The personal-data gate keeps all of it from view: nobody is told that it exists.
    Held,
    /// It was public and is no longer; its address says so.
    Withdrawn {
        /// Since when.
        at: Timestamp,
        /// Why, for readers.
        reason: String,
    },
}

/// The bare state, as it stands in rows and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublicationState {
    Published,
    Held,
    Withdrawn,
}

impl PublicationState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Held => "held",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Where a harvested dataset comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The source.
    pub source_id: SourceId,
    /// Its identity within the source.
    pub key: String,
    /// The raw record that the current version was read from.
    pub raw_hash: Option<ContentHash>,
}

/// A dataset (or series, or data service) as the catalogue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Its id, for ever.
    pub id: DatasetId,
    /// Its readable address, for ever.
    pub slug: Slug,
    /// Where it stands.
    pub publication: Publication,
    /// Counts up from 1 with every change of content.
    pub version: i32,
    /// Digest of the current document.
    pub content_hash: ContentHash,
    /// Who answers for it.
    pub publisher: Option<PublisherRef>,
    /// Where it comes from; `None` when it was written here.
    pub provenance: Option<Provenance>,
    /// When it first became public.
    pub created_at: Timestamp,
    /// When its current version became public.
    pub updated_at: Timestamp,
    /// Its description.
    pub draft: DatasetDraft,
}

/// What a dataset says about its publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherRef {
    /// The publisher's id.
    pub id: PublisherId,
    /// Its readable address.
    pub slug: Slug,
    /// Its name.
    pub name: String,
}

impl Dataset {
    /// The ids of its distributions, in the order of `draft.distribution`: derived from what names each at its source, so
    /// that a re-harvest keeps them.
    #[must_use]
    pub fn distribution_ids(&self) -> Vec<DistributionId> {
        distribution_ids(self.id, &self.draft)
    }

    /// When its content last changed: as its source says, else as we saw it.
    #[must_use]
    pub fn modified_at(&self) -> Timestamp {
        self.draft.modified.as_deref().and_then(Timestamp::lenient).unwrap_or(self.updated_at)
    }
}

/// As [`Dataset::distribution_ids`], for a description that is not a dataset yet.
pub(crate) fn distribution_ids(id: DatasetId, draft: &DatasetDraft) -> Vec<DistributionId> {
    let mut seen: Vec<&str> = Vec::with_capacity(draft.distribution.len());
    draft
        .distribution
        .iter()
        .map(|distribution| {
            let named =
                [&distribution.iri, &distribution.download_url, &distribution.access_url, &distribution.held_at];
            let name = named.into_iter().flatten().next().map_or("", String::as_str);
            let repeated = seen.iter().filter(|earlier| **earlier == name).count();
            seen.push(name);
            DistributionId::derived(id, &format!("{name}#{repeated}"))
        })
        .collect()
}

/// One version in a dataset's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetVersion {
    /// Its number.
    pub version: i32,
    /// Digest of its document.
    pub content_hash: ContentHash,
    /// When it became public.
    pub published_at: Timestamp,
}

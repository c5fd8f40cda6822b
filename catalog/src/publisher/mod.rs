//! Publishers: the bodies that answer for datasets.

mod store;

use fairground_domain::{Agent, PublisherId, Slug, Timestamp};

pub(crate) use store::Directory;
pub use store::{create, find, find_by_id, get, list, list_names};

/// A publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Its id.
    pub id: PublisherId,
    /// Its readable address.
    pub slug: Slug,
    /// Its name for readers who state no language.
    pub name: String,
    /// What sources say about it.
    pub agent: Agent,
    /// Since when we know it.
    pub created_at: Timestamp,
}

/// A publisher with the number of its public datasets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherListing {
    /// The publisher.
    pub publisher: Publisher,
    /// How many of its datasets are public.
    pub datasets: i64,
}

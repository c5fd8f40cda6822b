//! A page of the whole catalogue: `dcat:Catalog` and where the next page is (Hydra Core Vocabulary).

/// What a page says of the catalogue and of itself. All addresses are absolute.
#[derive(Debug, Clone, Default)]
pub struct CatalogPage {
    /// The catalogue's IRI.
    pub iri: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its page for people.
    pub homepage: String,
    /// How many resources all pages list together; `None` where the page says nothing of the whole.
    pub total: Option<u64>,
    /// This page's address.
    pub page: String,
    /// The first page's address.
    pub first: String,
    /// The next page's address; `None` on the last.
    pub next: Option<String>,
}

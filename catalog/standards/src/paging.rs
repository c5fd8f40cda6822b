//! Catalogues in pages: what an RDF document says about the page after it.
//!
//! By Hydra, in both of its vocabularies: `hydra:PagedCollection` with `hydra:nextPage`, and `hydra:PartialCollectionView` with
//! `hydra:next`; each may be an IRI or, as some portals write it, a text.

use std::path::Path;

use oxrdf::TermRef;

use crate::error::ReadError;
use crate::format::Format;
use crate::limits::Limits;
use crate::rdf::{NEUTRAL_BASE, parse};

const NEXT: [&str; 2] = ["http://www.w3.org/ns/hydra/core#next", "http://www.w3.org/ns/hydra/core#nextPage"];
const TOTAL: &str = "http://www.w3.org/ns/hydra/core#totalItems";

/// What a page says about the catalogue that it is a page of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    /// The address of the page after it, as it is written: it may be relative to the page's own. `None` on the last page.
    pub next: Option<String>,
    /// How many members the whole catalogue has.
    pub total: Option<u64>,
}

/// Reads what an RDF document says about paging (Hydra Core Vocabulary, sections "Collections" and "Partial views"). For
/// other formats there is nothing to say.
///
/// # Errors
/// As [`crate::Document::open`], when the document cannot be parsed.
pub fn paging(part: &Path, format: Format, limits: &Limits) -> Result<Paging, ReadError> {
    let mut found = Paging::default();
    if !format.is_rdf() {
        return Ok(found);
    }
    parse::parse(part, 0, format, limits, &mut |_, predicate, object| {
        let text = match object {
            TermRef::NamedNode(node) => node.as_str(),
            TermRef::Literal(literal) => literal.value(),
            _ => return Ok(()),
        };
        if NEXT.contains(&predicate) && found.next.is_none() {
            found.next = Some(text.strip_prefix(NEUTRAL_BASE).unwrap_or(text).to_owned());
        } else if predicate == TOTAL {
            found.total = found.total.max(text.trim().parse().ok());
        }
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_named_by_either_vocabulary_as_iri_or_text() {
        let prefix = "@prefix h: <http://www.w3.org/ns/hydra/core#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n";
        let folder = tempfile::tempdir().expect("a folder");
        let part = folder.path().join("part");
        for (body, next, total) in [
            (
                "<?page=1> a h:PagedCollection ; h:nextPage \"https://a.example/?page=2\" ; h:totalItems 283 .",
                Some("https://a.example/?page=2"),
                Some(283),
            ),
            ("<> h:view <?page=1> . <?page=1> a h:PartialCollectionView ; h:next <?page=2> .", Some("?page=2"), None),
            ("<> a h:PagedCollection ; h:totalItems \"7\" ; h:lastPage <?page=1> .", None, Some(7)),
            ("<> a dcat:Catalog .", None, None),
        ] {
            std::fs::write(&part, format!("{prefix}{body}")).expect("written");
            let found = paging(&part, Format::Turtle, &Limits::default()).expect(body);
            assert_eq!((found.next.as_deref(), found.total), (next, total), "{body}");
        }
        std::fs::write(&part, "{}").expect("written");
        assert_eq!(paging(&part, Format::DcatUs, &Limits::default()).expect("nothing to say"), Paging::default());
    }
}

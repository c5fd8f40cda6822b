//! Whether a draft is ready: what it lacks, what the gate says, and what would make its description better.

use fairground_domain::quality::{Assessment, LinkState, assess};
use fairground_domain::{DraftId, ResourceKind};
use serde::Serialize;

use super::publish::{Look, obstacle};
use super::store;
use super::{Draft, Origin};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::Actor;

/// Something that a description needs before it can be submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where in the document, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// How ready a draft is.
#[derive(Debug, Clone, PartialEq)]
pub struct Readiness {
    /// What it needs before it can be submitted, in the order of its fields.
    pub faults: Vec<Fault>,
    /// What would stand in the way of its publication now: the gate, or a version that its dataset has got meanwhile.
    pub obstacle: Option<String>,
    /// How good its description is, and what to mend first ([`Assessment::fix_first`]).
    pub quality: Assessment,
}

impl Readiness {
    /// Whether it could be published now, once approved.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.faults.is_empty() && self.obstacle.is_none()
    }
}

/// Looks at a draft as it is saved.
///
/// # Errors
/// `NotFound` when there is none, and for strangers to its publisher.
pub fn check(tx: &mut Tx<'_>, actor: &Actor, id: DraftId) -> Result<Readiness, CatalogError> {
    let draft = store::get(tx, actor, id)?;
    Ok(Readiness {
        faults: faults(&draft),
        obstacle: obstacle(tx, &draft, Look::Only)?,
        quality: assess(&draft.content.document, |_| LinkState::Unchecked),
    })
}

/// What a draft's description lacks. Little is asked: title and description, and that what it links to are addresses.
pub(super) fn faults(draft: &Draft) -> Vec<Fault> {
    let document = &draft.content.document;
    let mut found = Vec::new();
    let mut fault = |pointer: String, problem: &str| found.push(Fault { pointer, problem: problem.to_owned() });
    if document.title.any().trim().is_empty() {
        fault("/title".to_owned(), "give it a title");
    }
    if draft.origin == Origin::Correction {
        // What else its source leaves out, or says badly, is public already: a correction need not mend all of it.
        return found;
    }
    if document.description.any().trim().is_empty() {
        fault("/description".to_owned(), "say in a sentence or two what it is");
    }
    for (place, distribution) in document.distribution.iter().enumerate() {
        let uploaded = draft.files.iter().any(|file| Some(&file.name) == distribution.iri.as_ref());
        let before = distribution.iri.as_deref().is_some_and(|iri| iri.starts_with("upload:"));
        let addresses = [("download_url", &distribution.download_url), ("access_url", &distribution.access_url)];
        for (field, address) in addresses {
            if address.as_deref().is_some_and(|address| !is_address(address)) {
                fault(
                    format!("/distribution/{place}/{field}"),
                    "must be an address such as https://example.org/data.csv",
                );
            }
        }
        if !uploaded && !before && addresses.iter().all(|(_, address)| address.is_none()) {
            fault(format!("/distribution/{place}"), "upload its file, or give the address where it is");
        }
    }
    for (field, list) in [("landing_page", &document.landing_page), ("page", &document.page)] {
        for (place, address) in list.iter().enumerate() {
            if !is_address(address) {
                fault(format!("/{field}/{place}"), "must be an address such as https://example.org/");
            }
        }
    }
    let serves = document.service.as_ref().is_some_and(|service| !service.endpoint_url.is_empty());
    if document.kind == ResourceKind::DataService && !serves {
        fault("/service/endpoint_url".to_owned(), "give the address of the service");
    }
    found
}

/// Whether a text is an address on the web: http, https or ftp, with a host, and without blanks.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let known = ["http", "https", "ftp"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    known
        && !host.is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

//! By what two descriptions are taken for the same dataset although their identifiers differ.
//!
//! Agencies move catalogues to other hosts, rename slugs and list one dataset in two systems. Each rule here is a **mark**: a
//! digest over what must be equal. Marks are conservative: a title alone, or an address alone that many datasets may share,
//! is never enough.

use std::collections::HashMap;

use fairground_domain::{ContentHash, DatasetDraft, DatasetId, LocalizedText, ResourceKind};
use serde::Deserialize;

/// A mark: the first bytes of a digest.
pub(super) type Mark = u64;

/// What of a dataset's document the rules look at; the rest is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sketch {
    kind: ResourceKind,
    identifier: String,
    iri: Option<String>,
    title: LocalizedText,
    landing_page: Vec<String>,
    distribution: Vec<Addresses>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Addresses {
    access_url: Option<String>,
    download_url: Option<String>,
}

impl Sketch {
    /// Reads a dataset's document.
    pub(super) fn of_document(document: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(document)
    }

    pub(super) fn of_draft(draft: &DatasetDraft) -> Self {
        let addresses = draft
            .distribution
            .iter()
            .map(|one| Addresses { access_url: one.access_url.clone(), download_url: one.download_url.clone() });
        Self {
            kind: draft.kind,
            identifier: draft.identifier.clone(),
            iri: draft.iri.clone(),
            title: draft.title.clone(),
            landing_page: draft.landing_page.clone(),
            distribution: addresses.collect(),
        }
    }

    /// Marks under which a record of the *same* source is taken for a dataset whose identifier has changed: the identifier's
    /// path on another host with the same title, the same title over the same files (wherever their host), or another
    /// identifier of its own that stayed.
    pub(super) fn marks_within_source(&self, key: &str) -> Vec<Mark> {
        let mut marks = Vec::with_capacity(3);
        let title = self.plain_title();
        if let Some(path) = path_of(key).filter(|_| !title.is_empty()) {
            marks.push(self.mark("path", &[&path, &title]));
        }
        let files = self.files(true);
        if !title.is_empty() && !files.is_empty() {
            marks.push(self.mark("files", &[&title, &files]));
        }
        let identifier = self.identifier.trim();
        if identifier != key && is_telling(identifier) {
            marks.push(self.mark("identifier", &[bare(identifier)]));
        }
        marks
    }

    /// Marks under which a dataset of *another* source is the same: an identifier that is unique in the world, the same title
    /// on the same landing page, or the same title over exactly the same files.
    pub(super) fn marks_across_sources(&self) -> Vec<Mark> {
        let mut marks = Vec::with_capacity(3);
        let named = [Some(self.identifier.as_str()), self.iri.as_deref()];
        for identifier in named.into_iter().flatten().map(str::trim).filter(|identifier| is_unique(identifier)) {
            marks.push(self.mark("unique", &[bare(identifier)]));
        }
        let title = self.plain_title();
        if title.is_empty() {
            return marks;
        }
        for page in self.landing_page.iter().map(|page| bare(page)).filter(|page| has_path(page)) {
            marks.push(self.mark("page", &[&title, page]));
        }
        let files = self.files(false);
        if !files.is_empty() {
            marks.push(self.mark("files", &[&title, &files]));
        }
        marks.sort_unstable();
        marks.dedup();
        marks
    }

    fn plain_title(&self) -> String {
        self.title.any().split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }

    /// Every distribution's address, in one order; without their hosts if asked.
    fn files(&self, hostless: bool) -> String {
        let address = |one: &Addresses| {
            let address = one.download_url.as_deref().or(one.access_url.as_deref())?;
            let bare = || bare(address).to_owned();
            Some(if hostless { path_of(address).unwrap_or_else(bare) } else { bare() })
        };
        let mut all: Vec<String> = self.distribution.iter().filter_map(address).filter(|one| !one.is_empty()).collect();
        all.sort_unstable();
        all.dedup();
        all.join("\n")
    }

    fn mark(&self, rule: &str, parts: &[&str]) -> Mark {
        let mut all = vec![self.kind.as_str().as_bytes(), b"\0".as_slice(), rule.as_bytes()];
        for part in parts {
            all.push(b"\0");
            all.push(part.as_bytes());
        }
        let digest = ContentHash::of_parts(all);
        digest.as_bytes().iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
    }
}

/// An address without its scheme and without a slash at its end; anything else as it is.
fn bare(address: &str) -> &str {
    let address = address.trim();
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    rest.trim_end_matches('/')
}

/// The path (and query) of a web address, each slash once; `None` when it has none that would tell anything.
fn path_of(address: &str) -> Option<String> {
    let rest = address.trim().strip_prefix("https://").or_else(|| address.trim().strip_prefix("http://"))?;
    let (_, path) = rest.split_once('/')?;
    let path = path.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/");
    (!path.is_empty()).then_some(path)
}

fn has_path(bare: &str) -> bool {
    bare.split_once('/').is_some_and(|(_, path)| !path.is_empty())
}

/// Whether an identifier is no mere number or word that another dataset may have as well.
fn is_telling(identifier: &str) -> bool {
    const LEAST_CHARS: usize = 8;
    identifier.chars().count() >= LEAST_CHARS
        && identifier.chars().any(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | ':'))
}

/// Whether an identifier is unique in the world: a web address with a path, a DOI, or a UUID.
fn is_unique(identifier: &str) -> bool {
    let lower = identifier.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return has_path(bare(identifier));
    }
    let last = lower.strip_prefix("urn:uuid:").unwrap_or(&lower);
    lower.starts_with("doi:10.")
        || lower.starts_with("10.") && lower.contains('/')
        || uuid::Uuid::parse_str(last).is_ok()
}

/// Datasets by their marks. Half a million of them take some sixty megabytes.
#[derive(Debug, Default)]
pub(super) struct Likenesses {
    ids: Vec<[u8; 16]>,
    by_mark: HashMap<Mark, u32>,
}

/// Two datasets have this mark, so it says nothing.
const AMBIGUOUS: u32 = u32::MAX;

impl Likenesses {
    /// Notes a dataset under its marks. A mark that another one has already says nothing any more.
    pub(super) fn add(&mut self, id: DatasetId, marks: &[Mark]) {
        let Ok(number) = u32::try_from(self.ids.len()) else { return };
        if number == AMBIGUOUS || marks.is_empty() {
            return;
        }
        self.ids.push(*id.as_uuid().as_bytes());
        for mark in marks {
            self.by_mark.entry(*mark).and_modify(|known| *known = AMBIGUOUS).or_insert(number);
        }
    }

    /// The one dataset that has one of these marks; `None` when none has, or they name different ones.
    pub(super) fn find(&self, marks: &[Mark]) -> Option<DatasetId> {
        let mut found: Option<u32> = None;
        for number in marks.iter().filter_map(|mark| self.by_mark.get(mark).copied()).filter(|n| *n != AMBIGUOUS) {
            if found.is_some_and(|other| other != number) {
                return None;
            }
            found = Some(number);
        }
        let bytes = self.ids.get(usize::try_from(found?).ok()?)?;
        uuid::Uuid::from_bytes(*bytes).to_string().parse().ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use fairground_domain::Distribution;

    use super::*;

    fn draft(identifier: &str, title: &str, file: &str, page: &str) -> DatasetDraft {
        let one = Distribution { download_url: Some(file.to_owned()), ..Distribution::default() };
        DatasetDraft {
            identifier: identifier.to_owned(),
            title: LocalizedText::undetermined(title),
            distribution: if file.is_empty() { Vec::new() } else { vec![one] },
            landing_page: if page.is_empty() { Vec::new() } else { vec![page.to_owned()] },
            ..DatasetDraft::default()
        }
    }

    fn share(one: &[Mark], other: &[Mark]) -> bool {
        one.iter().any(|mark| other.contains(mark))
    }

    #[test]
    fn known_changes_of_identity_leave_a_mark_and_others_do_not() {
        let marks = |key: &str, identifier: &str, title: &str, file: &str| {
            Sketch::of_draft(&draft(identifier, title, file, "")).marks_within_source(key)
        };
        let one =
            marks("https://a.example/dataset/roads", "roads-0001", "Roads  of Arden", "https://a.example/f/roads.csv");
        for (what, key, identifier, title, file, same) in [
            ("another host", "https://data.arden.example/dataset/roads", "x", "Roads of Arden", "", true),
            (
                "a renamed slug",
                "https://a.example/dataset/streets",
                "x",
                "Roads of Arden",
                "http://b.example/f/roads.csv",
                true,
            ),
            ("an identifier that stayed", "https://a.example/d/17", "roads-0001", "Streets", "", true),
            ("the path alone", "https://b.example/dataset/roads", "x", "Railways", "", false),
            (
                "the title alone",
                "https://a.example/dataset/other",
                "x",
                "Roads of Arden",
                "https://a.example/f/other.csv",
                false,
            ),
            (
                "the file alone",
                "https://a.example/dataset/other",
                "x",
                "Bridges",
                "https://a.example/f/roads.csv",
                false,
            ),
        ] {
            assert_eq!(share(&one, &marks(key, identifier, title, file)), same, "{what}");
        }
    }

    #[test]
    fn the_same_dataset_of_two_sources_is_seen_and_a_common_page_is_not_enough() {
        let marks = |identifier: &str, title: &str, file: &str, page: &str| {
            Sketch::of_draft(&draft(identifier, title, file, page)).marks_across_sources()
        };
        let one = marks("https://a.example/dataset/1", "Bees", "https://a.example/bees.csv", "https://a.example/bees");
        for (what, other, same) in [
            ("one identifier", marks("http://a.example/dataset/1/", "Wild bees", "", ""), true),
            ("title and page", marks("2", "bees", "", "http://a.example/bees/"), true),
            ("title and files", marks("3", "Bees", "http://a.example/bees.csv", ""), true),
            ("the page alone", marks("4", "Wasps", "", "https://a.example/bees"), false),
            ("the title alone", marks("5", "Bees", "https://b.example/bees.csv", ""), false),
            ("the files alone", marks("6", "Wasps", "https://a.example/bees.csv", ""), false),
        ] {
            assert_eq!(share(&one, &other), same, "{what}");
        }
        // A number is no identity beyond its own source, and an agency's front page is no dataset's page.
        assert!(!share(&marks("17", "A", "", "https://a.example/"), &marks("17", "A", "", "https://a.example")));
        assert!(share(
            &marks("0190F3A2-b1c4-7000-8000-000000000000", "A", "", ""),
            &marks("0190F3A2-b1c4-7000-8000-000000000000", "B", "", "")
        ));
    }

    #[test]
    fn a_mark_of_two_datasets_says_nothing() {
        let (one, two) = (DatasetId::new(), DatasetId::new());
        let mut all = Likenesses::default();
        assert!(all.is_empty());
        all.add(one, &[1, 2]);
        all.add(two, &[2, 3]);
        assert_eq!(all.find(&[1]), Some(one));
        assert_eq!(all.find(&[2]), None);
        assert_eq!(all.find(&[2, 3]), Some(two));
        assert_eq!(all.find(&[1, 3]), None, "they disagree");
        assert_eq!(all.find(&[9]), None);
    }
}

//! What the personal-data screen said of what is public, in words: a card on the page of a dataset.

use fairground_catalog::gate::{PublicReport, PublicReports, SubjectKind, Verdict};
use fairground_domain::Timestamp;

/// Files that a card lists; the API has them all.
const MOST_LINES: usize = 8;
/// Kinds of findings that a line names.
const MOST_KINDS: usize = 6;

/// What was found in a description or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenLine {
    /// The file's title; empty for the description.
    pub name: String,
    /// When it was screened.
    pub screened_at: Timestamp,
    /// The rules by which it was.
    pub rules: String,
    /// The keys of the kinds that were found.
    pub kinds: Vec<&'static str>,
    /// Why a reviewer let it pass: the key of the reason, and the reviewer's words.
    pub released: Option<(String, String)>,
}

/// What a card tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenCard {
    /// The key of the verdict in a word.
    pub verdict: &'static str,
    /// The tag's class for that word.
    pub tag: &'static str,
    /// Whether the portal holds what the screen finds, or only tells it.
    pub holds: bool,
    /// Description and files.
    pub lines: Vec<ScreenLine>,
    /// How many more there are than the card lists.
    pub more: usize,
    /// The same as data.
    pub href: String,
}

impl ScreenCard {
    /// What the screen said of a dataset; `None` where nothing has been screened yet.
    #[must_use]
    pub fn of_dataset(reports: &PublicReports, slug: &str) -> Option<Self> {
        if reports.reports.is_empty() {
            return None;
        }
        let released = reports.reports.iter().any(|one| one.released.is_some());
        let (verdict, tag) = match reports.verdict() {
            Verdict::Pass => ("screen-verdict-pass", "fg-tag--good"),
            Verdict::Notes => ("screen-verdict-notes", "fg-tag--info"),
            Verdict::Hold if released => ("screen-verdict-released", "fg-tag--info"),
            Verdict::Hold => ("screen-verdict-told", "fg-tag--bad"),
        };
        Some(Self {
            verdict,
            tag,
            holds: reports.mode == fairground_catalog::gate::GateMode::Hold,
            lines: reports.reports.iter().take(MOST_LINES).map(ScreenLine::of).collect(),
            more: reports.reports.len().saturating_sub(MOST_LINES),
            href: format!("/api/v1/datasets/{slug}/screen"),
        })
    }
}

impl ScreenLine {
    fn of(one: &PublicReport) -> Self {
        let mut kinds: Vec<&'static str> = Vec::new();
        for finding in &one.report.findings {
            let kind = finding.kind.as_str();
            if !kinds.contains(&kind) && kinds.len() < MOST_KINDS {
                kinds.push(kind);
            }
        }
        Self {
            name: if one.subject.kind == SubjectKind::File { one.name.clone() } else { String::new() },
            screened_at: one.screened_at,
            rules: one.report.rules.clone(),
            kinds,
            released: one.released.as_ref().map(|note| (note.reason.as_str().to_owned(), note.because.clone())),
        }
    }
}

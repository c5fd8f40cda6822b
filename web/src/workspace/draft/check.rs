//! How good a description is, and what is to be mended first: beside the form while it is filled.

use askama::Template;
use fairground_domain::DatasetDraft;
use fairground_domain::quality::{LinkState, MOST_POINTS, Metric, Rating, assess};

use super::field::Fault;
use super::form::{is_uploaded, languages_of};
use crate::layout::Frame;
use crate::words::Language;

/// Things to mend that the panel names.
const MOST_FIXES: usize = 5;

/// Something that would make it better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The field's name in the form.
    pub field: String,
    /// What to do.
    pub advice: String,
    /// The points that it brings.
    pub points: u16,
}

/// What the panel shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckPanel {
    /// Its points.
    pub points: u16,
    /// The most points.
    pub of: u16,
    /// The key of the points in a word.
    pub rating: &'static str,
    /// The tag's class for that.
    pub tag: &'static str,
    /// What it lacks to be submitted: fields and sentences.
    pub missing: Vec<Fault>,
    /// What brings the most points.
    pub fixes: Vec<Fix>,
    /// The page that has the form; empty where this stands beside it.
    pub href: String,
}

/// The template of [`CheckPanel`].
#[derive(Debug, Template)]
#[template(path = "workspace/draft/check.html")]
pub struct CheckView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub check: &'a CheckPanel,
}

impl CheckPanel {
    /// The panel of a description. Addresses count as ones that answer: they are asked when it is public.
    #[must_use]
    pub fn of(draft: &DatasetDraft, speaker: Language) -> Self {
        let assessment = assess(draft, |_| LinkState::Unchecked);
        let language = languages_of(draft).first().map_or_else(|| "en".to_owned(), ToString::to_string);
        let best = assessment.best_distribution.unwrap_or(draft.distribution.len());
        let (rating, tag) = match assessment.rating() {
            Rating::Excellent => ("quality-excellent", "fg-tag--good"),
            Rating::Good => ("quality-good", "fg-tag--good"),
            Rating::Sufficient => ("quality-sufficient", "fg-tag--warn"),
            Rating::Bad => ("quality-poor", "fg-tag--bad"),
        };
        // Where an uploaded file can be had is the portal's to say.
        let uploaded_only = !draft.distribution.is_empty() && draft.distribution.iter().all(is_uploaded);
        let ours = [Metric::AccessUrlAnswers, Metric::DownloadUrl, Metric::DownloadUrlAnswers];
        let open = assessment.fix_first().into_iter().filter(|metric| !(uploaded_only && ours.contains(metric)));
        let fixes = open.take(MOST_FIXES).map(|metric| Fix {
            field: field_of(metric, &language, best),
            advice: speaker.t("quality-advice").with("metric", metric.as_str()).with("advice", metric.advice()).text(),
            points: metric.points(),
        });
        Self {
            points: assessment.points(),
            of: MOST_POINTS,
            rating,
            tag,
            missing: missing_in(draft, &language, speaker),
            fixes: fixes.collect(),
            href: String::new(),
        }
    }
}

/// What every description needs, by field: what the catalogue asks when it is submitted.
fn missing_in(draft: &DatasetDraft, language: &str, speaker: Language) -> Vec<Fault> {
    let mut missing = Vec::new();
    if draft.title.any().trim().is_empty() {
        missing.push((format!("title.{language}"), speaker.t("workspace-draft-need-title").text()));
    }
    if draft.description.any().trim().is_empty() {
        missing.push((format!("description.{language}"), speaker.t("workspace-draft-need-description").text()));
    }
    for (at, one) in draft.distribution.iter().enumerate() {
        if !is_uploaded(one) && one.download_url.is_none() && one.access_url.is_none() {
            let problem = speaker.t("workspace-draft-need-file").text();
            missing.push((format!("distribution.{at}.download_url"), problem));
        }
    }
    missing
}

/// The form's name for a place in the document: `/title` is `title.en`, `/contact_point/0/email` is `contact.0.email`.
pub(super) fn name_of(pointer: &str, language: &str) -> String {
    let name = pointer.trim_start_matches('/').replace('/', ".").replace("contact_point", "contact");
    match name.as_str() {
        "title" | "description" | "keyword" => format!("{name}.{language}"),
        "distribution" => "distribution.0.download_url".to_owned(),
        "contact" => "contact.0.email".to_owned(),
        "theme" => "theme".to_owned(),
        _ => name,
    }
}

/// The field that an indicator is about.
fn field_of(metric: Metric, language: &str, best: usize) -> String {
    use Metric as M;
    match metric {
        M::Keyword => format!("keyword.{language}"),
        M::Theme => "theme".to_owned(),
        M::Spatial => "spatial.0.label".to_owned(),
        M::Temporal => "temporal.0.start".to_owned(),
        M::AccessUrlAnswers => format!("distribution.{best}.access_url"),
        M::DownloadUrl | M::DownloadUrlAnswers => format!("distribution.{best}.download_url"),
        M::Format | M::FormatFromVocabulary | M::NonProprietary | M::MachineReadable | M::ByteSize => {
            format!("distribution.{best}.format")
        }
        M::MediaType => format!("distribution.{best}.media_type"),
        M::ProfileCompliance | M::Publisher => format!("title.{language}"),
        M::Licence | M::LicenceFromVocabulary => "licence".to_owned(),
        M::AccessRights | M::AccessRightsFromVocabulary => "access_rights".to_owned(),
        M::ContactPoint => "contact.0.email".to_owned(),
        M::Rights => format!("rights.{language}"),
        M::Issued => "issued".to_owned(),
        M::Modified => "modified".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::{Section, id_of};
    use super::super::form::sections_of;
    use super::*;

    #[test]
    fn whatever_is_to_be_mended_leads_to_a_field_of_the_form() {
        let draft = DatasetDraft::default();
        let sections = sections_of(&draft, &languages_of(&draft), Language::En);
        let ids: Vec<String> = sections.iter().flat_map(Section::fields).map(|field| field.id()).collect();
        for metric in Metric::ALL {
            let field = field_of(metric, "en", 0);
            assert!(ids.contains(&id_of(&field)), "{}: {field}", metric.as_str());
        }
        let panel = CheckPanel::of(&draft, Language::En);
        assert!(!panel.missing.is_empty());
        for (field, problem) in panel.missing {
            assert!(ids.contains(&id_of(&field)), "{field}: {problem}");
        }
    }
}

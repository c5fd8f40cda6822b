//! How good a dataset's description is: points by the Metadata Quality Assessment of data.europa.eu, and the five stars of
//! open data (Berners-Lee, 2010).
//!
//! A pure function of the description and of what is known of its links. As in the MQA's own program, what distributions are
//! asked is counted for the best one alone, so that a further file never costs points.

mod metric;
mod vocabulary;

pub use metric::{Dimension, Metric};

use crate::dataset::{Concept, DatasetDraft, Distribution, Licence};
use vocabulary::{FormatFacts, format_facts, is_access_right, is_known_licence, is_media_type, is_open_licence};

/// The most points that there are.
pub const MOST_POINTS: u16 = 405;
/// From so many points on a description is excellent, good, sufficient.
const RATINGS: [(u16, Rating); 3] = [(351, Rating::Excellent), (221, Rating::Good), (121, Rating::Sufficient)];

/// Points in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rating {
    /// Up to 120 points.
    Bad,
    /// 121 to 220 points.
    Sufficient,
    /// 221 to 350 points.
    Good,
    /// 351 points or more.
    Excellent,
}

impl Rating {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Excellent, Self::Good, Self::Sufficient, Self::Bad];

    /// The word for so many points.
    #[must_use]
    pub fn of(points: u16) -> Self {
        RATINGS.into_iter().find(|(least, _)| points >= *least).map_or(Self::Bad, |(_, rating)| rating)
    }

    /// As it is written in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Sufficient => "sufficient",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }
}

/// What is known of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Nobody has asked it yet; it counts as one that answers, so that a new dataset is not marked down for our delay.
    Unchecked,
    /// It answered with a status from 200 to 399.
    Answers,
    /// It answered otherwise or not at all.
    Broken,
}

/// What was measured of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// One bit for each indicator that is not met, in the order of [`Metric::ALL`].
    pub missing: u32,
    /// One to five stars; 0 without an open licence.
    pub stars: u8,
    /// Which distribution was counted.
    pub best_distribution: Option<usize>,
}

impl Assessment {
    /// Whether an indicator is met.
    #[must_use]
    pub fn is_met(&self, metric: Metric) -> bool {
        self.missing & bit(metric) == 0
    }

    /// All points together: 0 to [`MOST_POINTS`].
    #[must_use]
    pub fn points(&self) -> u16 {
        Metric::ALL.into_iter().filter(|metric| self.is_met(*metric)).map(Metric::points).sum()
    }

    /// The points of one dimension.
    #[must_use]
    pub fn points_in(&self, dimension: Dimension) -> u16 {
        let counted = Metric::ALL.into_iter().filter(|metric| metric.dimension() == dimension && self.is_met(*metric));
        counted.map(Metric::points).sum()
    }

    /// The points in a word.
    #[must_use]
    pub fn rating(&self) -> Rating {
        Rating::of(self.points())
    }

    /// What to mend, the most rewarding first.
    #[must_use]
    pub fn fix_first(&self) -> Vec<Metric> {
        let mut open: Vec<Metric> = Metric::ALL.into_iter().filter(|metric| !self.is_met(*metric)).collect();
        open.sort_by_key(|metric| std::cmp::Reverse(metric.points()));
        open
    }
}

fn bit(metric: Metric) -> u32 {
    Metric::ALL.iter().position(|other| *other == metric).map_or(0, |at| 1 << at)
}

/// Measures a description; `link` says what is known of an address.
#[must_use]
pub fn assess(draft: &DatasetDraft, link: impl Fn(&str) -> LinkState) -> Assessment {
    let of_dataset = bits(&[
        (Metric::Keyword, draft.keyword.iter().any(|(_, word)| is_said(word))),
        (Metric::Theme, draft.theme.iter().any(is_named)),
        (
            Metric::Spatial,
            draft.spatial.iter().any(|place| {
                place.iri.is_some() || !place.label.is_empty() || place.bbox.is_some() || place.geometry.is_some()
            }),
        ),
        (Metric::Temporal, draft.temporal.iter().any(|time| time.start.is_some() || time.end.is_some())),
        (Metric::ProfileCompliance, is_complete(draft)),
        (Metric::AccessRights, draft.access_rights.as_ref().is_some_and(is_named)),
        (
            Metric::AccessRightsFromVocabulary,
            draft.access_rights.as_ref().and_then(|rights| rights.iri.as_deref()).is_some_and(is_access_right),
        ),
        (
            Metric::ContactPoint,
            draft.contact_point.iter().any(|contact| {
                !contact.name.is_empty()
                    || contact.email.is_some()
                    || contact.telephone.is_some()
                    || contact.url.is_some()
            }),
        ),
        (
            Metric::Publisher,
            draft.publisher.as_ref().is_some_and(|agent| agent.iri.is_some() || !agent.name.is_empty()),
        ),
    ]);
    let judged =
        draft.distribution.iter().enumerate().map(|(at, distribution)| (at, judge(draft, distribution, &link)));
    // The first of the best, so that the same description always gives the same answer.
    let best = judged.max_by_key(|(at, met)| (worth(*met), std::cmp::Reverse(*at)));
    let met = of_dataset | best.map_or_else(|| without_distribution(draft), |(_, met)| met);
    let all = Metric::ALL.into_iter().fold(0, |all, metric| all | bit(metric));
    let stars = draft.distribution.iter().map(|distribution| stars(draft, distribution)).max().unwrap_or(0);
    Assessment { missing: all & !met, stars, best_distribution: best.map(|(at, _)| at) }
}

/// Every address that quality asks about, without repetition.
#[must_use]
pub fn links_of(draft: &DatasetDraft) -> Vec<&str> {
    let addresses = draft.distribution.iter().flat_map(|it| [it.access_url.as_deref(), it.download_url.as_deref()]);
    let mut all: Vec<&str> = addresses.flatten().map(str::trim).filter(|address| is_web(address)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn is_web(address: &str) -> bool {
    address.starts_with("http://") || address.starts_with("https://")
}

fn bits(judged: &[(Metric, bool)]) -> u32 {
    judged.iter().filter(|(_, is_met)| *is_met).fold(0, |all, (metric, _)| all | bit(*metric))
}

fn worth(met: u32) -> u16 {
    Metric::ALL.into_iter().filter(|metric| met & bit(*metric) != 0).map(Metric::points).sum()
}

fn is_said(text: &str) -> bool {
    !text.trim().is_empty()
}

fn is_named(concept: &Concept) -> bool {
    concept.iri.is_some() || !concept.label.is_empty()
}

fn is_complete(draft: &DatasetDraft) -> bool {
    let addressed = |it: &Distribution| it.access_url.is_some() || it.download_url.is_some();
    is_said(draft.title.any())
        && is_said(draft.description.any())
        && draft.publisher.as_ref().is_none_or(|agent| agent.iri.is_some() || !agent.name.is_empty())
        && draft.distribution.iter().all(addressed)
}

fn licence_of<'a>(draft: &'a DatasetDraft, distribution: Option<&'a Distribution>) -> Option<&'a Licence> {
    distribution.and_then(|it| it.licence.as_ref()).or(draft.licence.as_ref())
}

fn licence_bits(licence: Option<&Licence>) -> u32 {
    let iri = licence.and_then(|licence| licence.iri.as_deref());
    bits(&[
        (Metric::Licence, licence.is_some_and(|licence| licence.iri.is_some() || !licence.title.is_empty())),
        (Metric::LicenceFromVocabulary, iri.is_some_and(is_known_licence)),
    ])
}

/// What counts where there is no distribution: what the dataset says itself.
fn without_distribution(draft: &DatasetDraft) -> u32 {
    licence_bits(licence_of(draft, None))
        | bits(&[
            (Metric::Rights, !draft.rights.is_empty()),
            (Metric::Issued, draft.issued.is_some()),
            (Metric::Modified, draft.modified.is_some()),
        ])
}

fn judge(draft: &DatasetDraft, it: &Distribution, link: &impl Fn(&str) -> LinkState) -> u32 {
    let answers = |address: Option<&str>| {
        address.map(str::trim).is_some_and(|address| is_web(address) && link(address) != LinkState::Broken)
    };
    // Catalogues that know only downloads give them as the way in: what can be downloaded can be reached.
    let access = it.access_url.as_deref().or(it.download_url.as_deref());
    let format = it.format.as_deref().and_then(format_facts);
    let media_type = it.media_type.as_deref().filter(|text| is_said(text));
    let known = |is: fn(&FormatFacts) -> bool| format.as_ref().is_some_and(is);
    licence_bits(licence_of(draft, Some(it)))
        | bits(&[
            (Metric::AccessUrlAnswers, answers(access)),
            (Metric::DownloadUrl, it.download_url.as_deref().is_some_and(is_said)),
            (Metric::DownloadUrlAnswers, answers(it.download_url.as_deref())),
            (Metric::Format, it.format.as_deref().is_some_and(is_said)),
            (Metric::MediaType, media_type.is_some()),
            (Metric::FormatFromVocabulary, format.is_some() && media_type.is_none_or(is_media_type)),
            (Metric::NonProprietary, known(|facts| facts.is_open)),
            (Metric::MachineReadable, known(|facts| facts.is_readable)),
            (Metric::Rights, !it.rights.is_empty() || !draft.rights.is_empty()),
            (Metric::ByteSize, it.byte_size.is_some()),
            (Metric::Issued, it.issued.is_some() || draft.issued.is_some()),
            (Metric::Modified, it.modified.is_some() || draft.modified.is_some()),
        ])
}

/// One star for an open licence; two, readable by programs; three, in an open format; four, as linked data; five, with links
/// to what others say (a theme, a place or a standard by its address).
fn stars(draft: &DatasetDraft, it: &Distribution) -> u8 {
    let is_open = licence_of(draft, Some(it)).and_then(|licence| licence.iri.as_deref()).is_some_and(is_open_licence);
    let Some(format) = it.format.as_deref().and_then(format_facts) else { return u8::from(is_open) };
    let linked_elsewhere =
        draft.theme.iter().chain(&draft.conforms_to).chain(&it.conforms_to).any(|it| it.iri.is_some())
            || draft.spatial.iter().any(|place| place.iri.is_some());
    let steps = [is_open, format.is_readable, format.is_open, format.is_linked, linked_elsewhere];
    u8::try_from(steps.into_iter().take_while(|step| *step).count()).unwrap_or(0)
}

#[cfg(test)]
mod tests;

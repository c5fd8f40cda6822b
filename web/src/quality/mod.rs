//! How good descriptions are, in words: a card on the pages of datasets and publishers.

use fairground_catalog::quality::{DatasetQuality, QualitySummary};
use fairground_domain::quality::{Dimension, LinkState, MOST_POINTS, Rating};

use crate::words::{count, plural};

/// Things to mend that a card names; the API has them all.
const MOST_FIXES: usize = 3;
/// Broken links that a card names; the API has them all.
const MOST_LINKS: usize = 5;

/// Points of one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimensionLine {
    /// Its name.
    pub name: &'static str,
    /// The points.
    pub points: u16,
    /// The most points.
    pub of: u16,
}

/// Something to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixLine {
    /// What to do.
    pub advice: &'static str,
    /// What it brings, such as `30 points`.
    pub gain: String,
}

/// What a card tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityCard {
    /// The points, of an average dataset where there are many.
    pub points: u16,
    /// The most points.
    pub of: u16,
    /// The points in a word.
    pub rating: &'static str,
    /// The tag's class for that word.
    pub tag: &'static str,
    /// The stars of a dataset; `None` for many.
    pub stars: Option<u8>,
    /// By dimension.
    pub dimensions: Vec<DimensionLine>,
    /// What to mend first.
    pub fixes: Vec<FixLine>,
    /// Links that do not answer.
    pub broken: Vec<String>,
    /// What is to be said of all links, such as `2 of 14 links do not answer`.
    pub links: Option<String>,
    /// The same as data.
    pub href: String,
}

const fn name_of(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Findability => "Easy to find",
        Dimension::Accessibility => "Can be reached",
        Dimension::Interoperability => "Programs can read it",
        Dimension::Reusability => "Clear to reuse",
        Dimension::Contextuality => "Well described",
    }
}

const fn words_of(rating: Rating) -> (&'static str, &'static str) {
    match rating {
        Rating::Excellent => ("Excellent", "fg-tag--good"),
        Rating::Good => ("Good", "fg-tag--good"),
        Rating::Sufficient => ("Sufficient", "fg-tag--warn"),
        Rating::Bad => ("Poor", "fg-tag--bad"),
    }
}

fn points_words(points: u64) -> String {
    format!("{} {}", count(points), plural(points, "point", "points"))
}

impl QualityCard {
    /// The card of one dataset.
    #[must_use]
    pub fn of_dataset(found: &DatasetQuality) -> Self {
        let assessment = &found.assessment;
        let (rating, tag) = words_of(assessment.rating());
        let line =
            |it: Dimension| DimensionLine { name: name_of(it), points: assessment.points_in(it), of: it.most_points() };
        let broken = found.links.iter().filter(|link| link.state() == LinkState::Broken);
        Self {
            points: assessment.points(),
            of: MOST_POINTS,
            rating,
            tag,
            stars: Some(assessment.stars),
            dimensions: Dimension::ALL.into_iter().map(line).collect(),
            fixes: assessment
                .fix_first()
                .into_iter()
                .take(MOST_FIXES)
                .map(|metric| FixLine { advice: metric.advice(), gain: points_words(u64::from(metric.points())) })
                .collect(),
            broken: broken.map(|link| link.url.clone()).take(MOST_LINKS).collect(),
            links: None,
            href: format!("/api/v1/datasets/{}/quality", found.slug),
        }
    }

    /// The card of a publisher's datasets; `None` where none is measured yet.
    #[must_use]
    pub fn of_publisher(all: &QualitySummary, slug: &str) -> Option<Self> {
        if all.datasets == 0 {
            return None;
        }
        let (rating, tag) = words_of(Rating::of(all.mean_points()));
        let line =
            |it: Dimension| DimensionLine { name: name_of(it), points: all.mean_points_in(it), of: it.most_points() };
        let fixes = all.fix_first().into_iter().take(MOST_FIXES).map(|(metric, datasets, gain)| {
            let (where_, gained) = (count(datasets), points_words(gain));
            let noun = plural(datasets, "dataset", "datasets");
            FixLine { advice: metric.advice(), gain: format!("{gained} in {where_} {noun}") }
        });
        let links = (all.broken_links > 0).then(|| {
            let verb = plural(all.broken_links, "does not answer", "do not answer");
            format!("{} of {} links {verb}.", count(all.broken_links), count(all.links))
        });
        Some(Self {
            points: all.mean_points(),
            of: MOST_POINTS,
            rating,
            tag,
            stars: None,
            dimensions: Dimension::ALL.into_iter().map(line).collect(),
            fixes: fixes.collect(),
            broken: Vec::new(),
            links,
            href: format!("/api/v1/publishers/{slug}/quality"),
        })
    }
}

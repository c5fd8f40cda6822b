//! How good descriptions are, in words: a card on the pages of datasets and publishers.

use fairground_catalog::quality::{DatasetQuality, QualitySummary};
use fairground_domain::quality::{Dimension, LinkState, MOST_POINTS, Rating};

use crate::words::Later;

/// Things to mend that a card names; the API has them all.
const MOST_FIXES: usize = 3;
/// Broken links that a card names; the API has them all.
const MOST_LINKS: usize = 5;

/// Points of one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimensionLine {
    /// The key of its name.
    pub name: &'static str,
    /// The points.
    pub points: u16,
    /// The most points.
    pub of: u16,
}

/// Something to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixLine {
    /// What is measured.
    pub metric: &'static str,
    /// What to do, in English: what is said where the metric has no message.
    pub advice: &'static str,
    /// What it brings, such as `30 points`.
    pub gain: Later,
}

/// What a card tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityCard {
    /// The points, of an average dataset where there are many.
    pub points: u16,
    /// The most points.
    pub of: u16,
    /// The key of the points in a word.
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
    pub links: Option<Later>,
    /// The same as data.
    pub href: String,
}

const fn name_of(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Findability => "quality-findability",
        Dimension::Accessibility => "quality-accessibility",
        Dimension::Interoperability => "quality-interoperability",
        Dimension::Reusability => "quality-reusability",
        Dimension::Contextuality => "quality-contextuality",
    }
}

const fn words_of(rating: Rating) -> (&'static str, &'static str) {
    match rating {
        Rating::Excellent => ("quality-excellent", "fg-tag--good"),
        Rating::Good => ("quality-good", "fg-tag--good"),
        Rating::Sufficient => ("quality-sufficient", "fg-tag--warn"),
        Rating::Bad => ("quality-poor", "fg-tag--bad"),
    }
}

fn points_words(points: u64) -> Later {
    Later::key("quality-gain").with("points", points)
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
                .map(|metric| FixLine {
                    metric: metric.as_str(),
                    advice: metric.advice(),
                    gain: points_words(u64::from(metric.points())),
                })
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
            let gain = Later::key("quality-gain-in").with("points", gain).with("datasets", datasets);
            FixLine { metric: metric.as_str(), advice: metric.advice(), gain }
        });
        let links = (all.broken_links > 0)
            .then(|| Later::key("quality-links").with("broken", all.broken_links).with("all", all.links));
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

//! What is told of quality: a dataset's points with what to mend first, and the sums of a publisher or of the portal.

use diesel::dsl::count_star;
use diesel::prelude::*;
use fairground_domain::quality::{Assessment, Dimension, Metric, Rating, links_of};
use fairground_domain::{DatasetId, Frequency, PublisherId, Slug, Timestamp};

use super::link::{self, Link};
use super::measure::{assessed, count_links};
use crate::dataset::{self, Dataset};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{dataset_links, dataset_quality, link_checks};

/// The quality of one dataset, measured now.
#[derive(Debug, Clone)]
pub struct DatasetQuality {
    /// The dataset.
    pub dataset_id: DatasetId,
    /// Its readable address.
    pub slug: Slug,
    /// Its points and stars.
    pub assessment: Assessment,
    /// Its links that the portal looks after, in the order of addresses.
    pub links: Vec<Link>,
    /// How often it is promised to be updated, where that is said in known words.
    pub promise: Option<Frequency>,
    /// When it is late, or was: the last update, the promise and some grace; `None` where nothing can be told.
    pub late_from: Option<Timestamp>,
}

/// Sums over the datasets of a publisher, or of the portal.
#[derive(Debug, Clone, PartialEq)]
pub struct QualitySummary {
    /// Datasets measured.
    pub datasets: u64,
    /// Their points together.
    pub points: u64,
    /// Datasets by stars: none, one to five.
    pub by_stars: [u64; 6],
    /// Datasets by rating, in the order of [`Rating::ALL`].
    pub by_rating: [u64; 4],
    /// Datasets that lack an indicator, in the order of [`Metric::ALL`].
    pub lacking: [u64; Metric::ALL.len()],
    /// Links that these datasets list.
    pub links: u64,
    /// Links among them that do not answer.
    pub broken_links: u64,
}

impl QualitySummary {
    /// Points of an average dataset, rounded down.
    #[must_use]
    pub fn mean_points(&self) -> u16 {
        u16::try_from(self.points.checked_div(self.datasets).unwrap_or(0)).unwrap_or(u16::MAX)
    }

    /// Points of an average dataset in one dimension, rounded down.
    #[must_use]
    pub fn mean_points_in(&self, dimension: Dimension) -> u16 {
        let met = Metric::ALL.iter().zip(self.lacking).filter(|(metric, _)| metric.dimension() == dimension);
        let points: u64 = met.map(|(metric, lacking)| u64::from(metric.points()) * (self.datasets - lacking)).sum();
        u16::try_from(points.checked_div(self.datasets).unwrap_or(0)).unwrap_or(u16::MAX)
    }

    /// What to mend first: the indicator, the datasets that lack it, and the points of all of them together; the most rewarding
    /// first.
    #[must_use]
    pub fn fix_first(&self) -> Vec<(Metric, u64, u64)> {
        let all = Metric::ALL.into_iter().zip(self.lacking);
        let mut open: Vec<_> = all
            .filter(|(_, lacking)| *lacking > 0)
            .map(|(metric, lacking)| (metric, lacking, lacking * u64::from(metric.points())))
            .collect();
        open.sort_by_key(|(metric, _, gain)| (std::cmp::Reverse(*gain), *metric));
        open
    }
}

/// The quality of a public dataset, by id or slug.
///
/// # Errors
/// As [`dataset::get_public`].
pub fn of_dataset(tx: &mut Tx<'_>, id_or_slug: &str) -> Result<DatasetQuality, CatalogError> {
    let dataset = dataset::get_public(tx, id_or_slug)?;
    measured(tx, &dataset)
}

/// The quality of a dataset that is at hand.
///
/// # Errors
/// `Storage` when the database fails.
pub fn measured(tx: &mut Tx<'_>, dataset: &Dataset) -> Result<DatasetQuality, CatalogError> {
    let found = link::find(tx, &links_of(&dataset.draft))?;
    let assessment = assessed(dataset, &found);
    let mut links: Vec<Link> = found.into_values().collect();
    links.sort_by(|one, other| one.url.cmp(&other.url));
    let promise = dataset.draft.frequency.as_ref().and_then(Frequency::of);
    let said = dataset.draft.modified.as_deref().or(dataset.draft.issued.as_deref()).and_then(Timestamp::lenient);
    let late_from =
        said.zip(promise.as_ref().and_then(Frequency::late_after_secs)).map(|(at, secs)| at.plus_secs(secs));
    Ok(DatasetQuality { dataset_id: dataset.id, slug: dataset.slug.clone(), assessment, links, promise, late_from })
}

/// The sums of a publisher's public datasets, as far as they are measured.
///
/// # Errors
/// `Storage` when the database fails.
pub fn of_publisher(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<QualitySummary, CatalogError> {
    let publisher = publisher.to_string();
    let groups = dataset_quality::table
        .filter(dataset_quality::publisher_id.eq(&publisher))
        .group_by((dataset_quality::missing, dataset_quality::points, dataset_quality::stars))
        .select((dataset_quality::missing, dataset_quality::points, dataset_quality::stars, count_star()))
        .load(tx.conn)?;
    let theirs = dataset_links::table
        .inner_join(dataset_quality::table.on(dataset_quality::dataset_id.eq(dataset_links::dataset_id)))
        .filter(dataset_quality::publisher_id.eq(&publisher));
    let links: i64 = theirs.select(diesel::dsl::count(dataset_links::link_id).aggregate_distinct()).first(tx.conn)?;
    let broken: i64 = theirs
        .inner_join(link_checks::table.on(link_checks::id.eq(dataset_links::link_id)))
        .filter(link_checks::failures.ge(link::BROKEN_AFTER))
        .select(diesel::dsl::count(dataset_links::link_id).aggregate_distinct())
        .first(tx.conn)?;
    Ok(summed(groups, links, broken))
}

/// The sums of all public datasets, as far as they are measured.
///
/// # Errors
/// `Storage` when the database fails.
pub fn of_portal(tx: &mut Tx<'_>) -> Result<QualitySummary, CatalogError> {
    let groups = dataset_quality::table
        .group_by((dataset_quality::missing, dataset_quality::points, dataset_quality::stars))
        .select((dataset_quality::missing, dataset_quality::points, dataset_quality::stars, count_star()))
        .load(tx.conn)?;
    let broken: i64 =
        link_checks::table.filter(link_checks::failures.ge(link::BROKEN_AFTER)).count().get_result(tx.conn)?;
    let links = count_links(tx)?;
    Ok(summed(groups, links, broken))
}

fn summed(groups: Vec<(i32, i32, i32, i64)>, links: i64, broken: i64) -> QualitySummary {
    let counted = |number: i64| u64::try_from(number).unwrap_or(0);
    let mut all = QualitySummary {
        datasets: 0,
        points: 0,
        by_stars: [0; 6],
        by_rating: [0; 4],
        lacking: [0; Metric::ALL.len()],
        links: counted(links),
        broken_links: counted(broken),
    };
    for (missing, points, stars, count) in groups {
        let count = counted(count);
        let points = u16::try_from(points).unwrap_or(0);
        all.datasets += count;
        all.points += u64::from(points) * count;
        if let Some(place) = usize::try_from(stars).ok().and_then(|stars| all.by_stars.get_mut(stars)) {
            *place += count;
        }
        let rating = Rating::of(points);
        for (place, _) in all.by_rating.iter_mut().zip(Rating::ALL).filter(|(_, other)| *other == rating) {
            *place += count;
        }
        let found = Assessment { missing: u32::try_from(missing).unwrap_or(0), stars: 0, best_distribution: None };
        for (place, _) in all.lacking.iter_mut().zip(Metric::ALL).filter(|(_, metric)| !found.is_met(*metric)) {
            *place += count;
        }
    }
    all
}

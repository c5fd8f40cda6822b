//! How good descriptions are, and what to mend first: for everybody.

use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::publisher;
use fairground_catalog::quality::{self, DatasetQuality, Link, QualitySummary};
use fairground_domain::Timestamp;
use fairground_domain::quality::{Dimension, LinkState, MOST_POINTS, Metric, Rating};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::hot_path::AboutDataset;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Links of one dataset that are told; all of them count.
const MAX_LINKS: usize = 1_000;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_quality);
}

/// Below `/datasets`.
pub(crate) fn routes_of_datasets(config: &mut ServiceConfig<'_>) {
    config.service(get_dataset_quality);
}

/// Below `/publishers`.
pub(crate) fn routes_of_publishers(config: &mut ServiceConfig<'_>) {
    config.service(get_publisher_quality);
}

/// Points of one dimension.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct DimensionOut {
    /// `findability`, `accessibility`, `interoperability`, `reusability` or `contextuality`.
    dimension: &'static str,
    /// The points.
    points: u16,
    /// The most points.
    of: u16,
}

/// One indicator.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct MetricOut {
    /// Its name.
    metric: &'static str,
    /// The dimension that it counts in.
    dimension: &'static str,
    /// Whether it is met.
    met: bool,
    /// What it is worth.
    points: u16,
}

/// Something to mend.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct FixOut {
    /// The indicator that is not met.
    metric: &'static str,
    /// The points that meeting it brings.
    gain: u64,
    /// What to do.
    advice: &'static str,
    /// Datasets that lack it; absent for a single dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    datasets: Option<u64>,
}

/// A link that the portal looks after.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct LinkOut {
    /// Its address.
    url: String,
    /// `answers`, `broken`, or `unchecked` where it was not asked yet or failed once.
    state: &'static str,
    /// The status that it answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// When it was asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// When it will be asked next.
    #[schema(value_type = String, format = DateTime)]
    next_at: Timestamp,
}

/// Whether updates come as promised.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct PromiseOut {
    /// The promise in words.
    frequency: String,
    /// From when on the dataset is late: its last update, the promise and some grace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    late_from: Option<Timestamp>,
    /// Whether it is late now; absent where nothing can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<bool>,
}

/// The quality of one dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct DatasetQualityOut {
    /// The dataset's id.
    dataset: String,
    /// Points by the Metadata Quality Assessment of data.europa.eu.
    points: u16,
    /// The most points.
    of: u16,
    /// `excellent`, `good`, `sufficient` or `bad`.
    rating: &'static str,
    /// The stars of open data, 0 to 5.
    stars: u8,
    /// Points by dimension.
    dimensions: Vec<DimensionOut>,
    /// Every indicator.
    metrics: Vec<MetricOut>,
    /// What to mend, the most rewarding first.
    fix_first: Vec<FixOut>,
    /// Links, in the order of addresses; 1,000 at most.
    links: Vec<LinkOut>,
    /// Whether updates come as promised; absent where nothing is promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    promise: Option<PromiseOut>,
}

/// Datasets with so many stars.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct StarsOut {
    /// 0 to 5.
    stars: usize,
    /// How many datasets.
    datasets: u64,
}

/// Datasets with a rating.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RatingOut {
    /// `excellent`, `good`, `sufficient` or `bad`.
    rating: &'static str,
    /// How many datasets.
    datasets: u64,
}

/// The quality of many datasets.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct QualityOut {
    /// Datasets that are measured.
    datasets: u64,
    /// Points of an average dataset.
    points: u16,
    /// The most points.
    of: u16,
    /// The word for those points; absent where there is no dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<&'static str>,
    /// Average points by dimension.
    dimensions: Vec<DimensionOut>,
    /// Datasets by rating.
    ratings: Vec<RatingOut>,
    /// Datasets by stars.
    stars: Vec<StarsOut>,
    /// What to mend, the most rewarding first.
    fix_first: Vec<FixOut>,
    /// Links that these datasets list.
    links: u64,
    /// Links among them that do not answer.
    broken_links: u64,
}

impl From<Link> for LinkOut {
    fn from(link: Link) -> Self {
        let state = match link.state() {
            LinkState::Answers => "answers",
            LinkState::Broken => "broken",
            LinkState::Unchecked => "unchecked",
        };
        let Link { url, status, problem, failures: _, checked_at, next_at } = link;
        Self { url, state, status, problem, checked_at, next_at }
    }
}

impl DatasetQualityOut {
    fn of(found: DatasetQuality, now: Timestamp) -> Self {
        let DatasetQuality { dataset_id, slug: _, assessment, links, promise, late_from } = found;
        let dimension = |it: Dimension| DimensionOut {
            dimension: it.as_str(),
            points: assessment.points_in(it),
            of: it.most_points(),
        };
        let metric = |it: Metric| MetricOut {
            metric: it.as_str(),
            dimension: it.dimension().as_str(),
            met: assessment.is_met(it),
            points: it.points(),
        };
        let fix = |it: Metric| FixOut {
            metric: it.as_str(),
            gain: u64::from(it.points()),
            advice: it.advice(),
            datasets: None,
        };
        Self {
            dataset: dataset_id.to_string(),
            points: assessment.points(),
            of: MOST_POINTS,
            rating: assessment.rating().as_str(),
            stars: assessment.stars,
            dimensions: Dimension::ALL.into_iter().map(dimension).collect(),
            metrics: Metric::ALL.into_iter().map(metric).collect(),
            fix_first: assessment.fix_first().into_iter().map(fix).collect(),
            links: links.into_iter().take(MAX_LINKS).map(LinkOut::from).collect(),
            promise: promise.map(|promise| PromiseOut {
                frequency: promise.words,
                late_from,
                late: late_from.map(|from| from < now),
            }),
        }
    }
}

impl From<QualitySummary> for QualityOut {
    fn from(all: QualitySummary) -> Self {
        let dimension = |it: Dimension| DimensionOut {
            dimension: it.as_str(),
            points: all.mean_points_in(it),
            of: it.most_points(),
        };
        let fixes = all.fix_first().into_iter().map(|(metric, datasets, gain)| FixOut {
            metric: metric.as_str(),
            gain,
            advice: metric.advice(),
            datasets: Some(datasets),
        });
        let ratings = Rating::ALL.into_iter().zip(all.by_rating);
        Self {
            datasets: all.datasets,
            points: all.mean_points(),
            of: MOST_POINTS,
            rating: (all.datasets > 0).then(|| Rating::of(all.mean_points()).as_str()),
            dimensions: Dimension::ALL.into_iter().map(dimension).collect(),
            ratings: ratings.map(|(rating, datasets)| RatingOut { rating: rating.as_str(), datasets }).collect(),
            stars: all.by_stars.into_iter().enumerate().map(|(stars, datasets)| StarsOut { stars, datasets }).collect(),
            fix_first: fixes.collect(),
            links: all.links,
            broken_links: all.broken_links,
        }
    }
}

/// The quality of all public descriptions, and what to mend first.
#[utoipa::path(tag = "quality", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = QualityOut), Problem))]
#[get("/quality")]
async fn get_quality(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let found = state.read(quality::of_portal).await?;
    Ok(Rendered::json(&QualityOut::from(found), Freshness::Revalidated)?.answer(&req))
}

/// A dataset's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct DatasetPath {
    /// The dataset's id or slug.
    dataset: String,
}

/// How good a dataset's description is: points and stars, what to mend first, how its links answer, and whether updates come as
/// promised.
#[utoipa::path(tag = "quality", params(DatasetPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = DatasetQualityOut), (status = GONE, description = "Withdrawn"), Problem))]
#[get("/datasets/{dataset}/quality")]
async fn get_dataset_quality(
    _caller: Anyone,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().dataset;
    let found = state.read(move |tx| quality::of_dataset(tx, &name)).await?;
    req.extensions_mut().insert(AboutDataset(found.dataset_id));
    let out = DatasetQualityOut::of(found, Timestamp::now());
    Ok(Rendered::json(&out, Freshness::Revalidated)?.answer(&req))
}

/// A publisher's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PublisherPath {
    /// The publisher's id or slug.
    publisher: String,
}

/// The quality of a publisher's descriptions, and what to mend first.
#[utoipa::path(tag = "quality", params(PublisherPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = QualityOut), Problem))]
#[get("/publishers/{publisher}/quality")]
async fn get_publisher_quality(
    _caller: Anyone,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().publisher;
    let found = state
        .read(move |tx| {
            let listing = publisher::get(tx, &name)?;
            quality::of_publisher(tx, listing.publisher.id)
        })
        .await?;
    Ok(Rendered::json(&QualityOut::from(found), Freshness::Revalidated)?.answer(&req))
}

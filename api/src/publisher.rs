//! Publishers: the bodies that answer for datasets.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::publisher::{self, PublisherListing};
use fairground_domain::{LanguageTag, Slug, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::language::{self, Texts};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_publishers).service(get_publisher);
}

/// A publisher.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PublisherOut {
    /// Its id.
    pub(crate) id: String,
    /// Its readable address.
    pub(crate) slug: String,
    /// Its name, in the reader's language where there is one.
    pub(crate) name: String,
    /// Its name by language.
    pub(crate) translations: PublisherTranslations,
    /// Its IRI at the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iri: Option<String>,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) homepage: Option<String>,
    /// The bodies above it, nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) part_of: Vec<String>,
    /// How many of its datasets are public.
    pub(crate) datasets: i64,
    /// Since when we know it.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
}

/// A publisher's name by language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PublisherTranslations {
    /// The name.
    pub(crate) name: Texts,
}

impl PublisherOut {
    fn of(listing: PublisherListing, languages: &[LanguageTag]) -> Self {
        let PublisherListing { publisher, datasets } = listing;
        let told = publisher.agent.name.best(languages);
        Self {
            id: publisher.id.to_string(),
            slug: publisher.slug.to_string(),
            name: if told.is_empty() { publisher.name } else { told.to_owned() },
            translations: PublisherTranslations { name: Texts::of(&publisher.agent.name) },
            iri: publisher.agent.iri,
            homepage: publisher.agent.homepage,
            part_of: publisher.agent.part_of,
            datasets,
            created_at: publisher.created_at,
        }
    }
}

/// Publishers by slug.
#[utoipa::path(tag = "publishers", params(PageParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Page<PublisherOut>), Problem))]
#[get("/publishers")]
async fn list_publishers(
    _caller: Anyone,
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let after: Option<Slug> = page.after.as_deref().and_then(|slug| slug.parse().ok());
    let wanted = page.wanted();
    let found = state.read(move |tx| publisher::list(tx, after.as_ref(), wanted)).await?;
    let (items, next) = page.cut(found, |listing| listing.publisher.slug.to_string());
    let languages = language::preferred(&req);
    let items = items.into_iter().map(|listing| PublisherOut::of(listing, &languages)).collect();
    let body = Page { items, next };
    let rendered = Rendered::json(&body, Freshness::Revalidated)?.vary("Accept-Language");
    Ok(page::link_next(rendered, &req, body.next.as_deref()).answer(&req))
}

/// A publisher's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PublisherPath {
    /// The publisher's id or slug.
    publisher: String,
}

/// One publisher.
#[utoipa::path(tag = "publishers", params(PublisherPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = PublisherOut), Problem))]
#[get("/publishers/{publisher}")]
async fn get_publisher(
    _caller: Anyone,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().publisher;
    let listing = state.read(move |tx| publisher::get(tx, &name)).await?;
    let public = &state.settings.public_url;
    let page = format!("{public}/publishers/{}", listing.publisher.slug);
    let out = PublisherOut::of(listing, &language::preferred(&req));
    Ok(Rendered::json(&out, Freshness::Revalidated)?.vary("Accept-Language").link(&page, "describedby").answer(&req))
}

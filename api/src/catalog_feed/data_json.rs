//! The catalogue as one document of DCAT-US, written while it is read.

use std::collections::VecDeque;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, Table};
use fairground_domain::{DatasetId, ResourceKind};
use fairground_standards::write::{CatalogFrame, dcat_us, dcat_us_3, dcat_us_frame, with_tables};
use futures_util::stream;

use super::{CATALOG, DATA_JSON, DCAT_US_3};
use crate::answer::{Freshness, link_field, matched};
use crate::caller::Anyone;
use crate::dataset::{MOST_OFFERS, PublishedDataset, offers, portal_facts};
use crate::front::WasHead;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// Datasets that are read at once: what a reader who is slow holds of the catalogue.
const READ_AT_ONCE: i64 = 200;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Three,
}

/// The catalogue as `data.json` of DCAT-US 1.1.
#[utoipa::path(tag = "catalogue", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Object, content_type = "application/json"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_data_json(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    answer(Version::One, &req, state).await
}

/// The catalogue in DCAT-US 3.0.
#[utoipa::path(tag = "catalogue", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Object, content_type = "application/json"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_dcat_us_3(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    answer(Version::Three, &req, state).await
}

async fn answer(version: Version, req: &HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    // What is in the document is settled by the place in the journal; its bytes are not, for it may move on while they are written.
    let etag = format!("\"{version:?}-{}\"", state.catalog.index.position());
    let url = &state.settings.public_url;
    let known = matched(&etag, None, req.headers()).is_some();
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, format!("W/{etag}")));
    answer.insert_header((header::CACHE_CONTROL, Freshness::Revalidated.field()));
    let other = if version == Version::One { DCAT_US_3 } else { DATA_JSON };
    for path in [other, CATALOG] {
        if let Some(link) = link_field(&format!("{url}{path}"), "alternate") {
            answer.append_header((header::LINK, link));
        }
    }
    if known {
        return Ok(answer.finish());
    }
    answer.insert_header((header::CONTENT_TYPE, "application/json"));
    if req.extensions().contains::<WasHead>() {
        return Ok(answer.finish());
    }
    let writer = Writer::new(version, state);
    // The first piece before the head of the answer: what fails at once is told as a problem.
    let (first, writer) = writer.piece().await?.unwrap_or_else(|| (Bytes::new(), None));
    let rest = stream::try_unfold(writer, |writer| async move {
        match writer {
            Some(writer) => writer.piece().await,
            None => Ok(None),
        }
    });
    let whole = futures_util::StreamExt::chain(stream::iter([Ok::<Bytes, Problem>(first)]), rest);
    Ok(answer.streaming(whole))
}

/// Where a document stands that is being written.
struct Writer {
    version: Version,
    state: Data<ApiState>,
    /// What comes before the next dataset, outside of the list.
    ahead: VecDeque<String>,
    /// Which resources are in the list that is being written.
    services: bool,
    after: Option<DatasetId>,
    /// Whether the list has something already.
    begun: bool,
    tail: &'static str,
}

impl Writer {
    fn new(version: Version, state: Data<ApiState>) -> Self {
        let settings = &state.settings;
        let (head, tail) = match version {
            Version::One => dcat_us_frame(&format!("{}{DATA_JSON}", settings.public_url)),
            Version::Three => {
                let (head, _, tail) = frame(settings).parts();
                (head, tail)
            }
        };
        Self { version, state, ahead: VecDeque::from([head]), services: false, after: None, begun: false, tail }
    }

    /// The next piece and what writes the one after it; no writer behind the last, and nothing behind that.
    async fn piece(mut self) -> Result<Option<(Bytes, Option<Self>)>, Problem> {
        let after = self.after;
        let db = self.state.catalog.db.clone();
        let read = move || {
            db.read(|tx| {
                let datasets = dataset::list_published_after(tx, after, READ_AT_ONCE)?;
                let ids: Vec<DatasetId> = datasets.iter().map(|dataset| dataset.id).collect();
                let tables = table::list_of_datasets(tx, &ids, MOST_OFFERS)?;
                Ok((datasets, tables))
            })
        };
        let (datasets, tables) = web::block(read).await??;
        self.after = datasets.last().map(|last| last.id).or(self.after);
        let last = i64::try_from(datasets.len()).unwrap_or(i64::MAX) < READ_AT_ONCE;
        let mut text = self.ahead.pop_front().unwrap_or_default();
        let (version, services, settings) = (self.version, self.services, &self.state.settings);
        for dataset in &datasets {
            let tables = tables.get(&dataset.id).map(Vec::as_slice).unwrap_or_default();
            let Some(record) = record(version, services, dataset, tables, settings) else { continue };
            if self.begun {
                text.push_str(",\n");
            }
            self.begun = true;
            text.push_str(&record);
        }
        if !last {
            return Ok(Some((Bytes::from(text), Some(self))));
        }
        if version == Version::Three && !services {
            // Services are a list of their own, and are looked for in a second reading.
            let (_, between, _) = frame(settings).parts();
            text.push_str(between);
            (self.services, self.after, self.begun) = (true, None, false);
            return Ok(Some((Bytes::from(text), Some(self))));
        }
        text.push_str(self.tail);
        Ok(Some((Bytes::from(text), None)))
    }
}

fn frame(settings: &ApiSettings) -> CatalogFrame {
    CatalogFrame {
        address: format!("{}{DCAT_US_3}", settings.public_url),
        title: settings.title.clone(),
        description: format!("What {} offers: datasets, series and services of public bodies.", settings.title),
        publisher: settings.title.clone(),
    }
}

/// A dataset's record, its tables among its files; `None` for what belongs into the other list.
fn record(
    version: Version,
    services: bool,
    dataset: &Dataset,
    tables: &[Table],
    settings: &ApiSettings,
) -> Option<String> {
    let facts = portal_facts(dataset, settings);
    match version {
        Version::One => match offers(dataset, tables, settings).as_slice() {
            [] => Some(dcat_us(&dataset.draft, &facts).to_string()),
            offers => Some(dcat_us(&with_tables(&dataset.draft, offers), &facts).to_string()),
        },
        Version::Three if (dataset.draft.kind == ResourceKind::DataService) == services => {
            let published = PublishedDataset::of(dataset, tables, settings);
            Some(dcat_us_3(&published.draft, &published.iri, &facts).to_string())
        }
        Version::Three => None,
    }
}

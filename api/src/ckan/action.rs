//! The actions on the catalogue: which there are, and how one is carried out.

use std::io;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fairground_catalog::member::Actor;
use fairground_catalog::search::SearchIndex;
use fairground_catalog::{CatalogError, Tx, dataset};
use futures_util::stream;
use serde_json::json;

use super::envelope::{Refusal, refuse, success, success_around};
use super::params::Params;
use super::{activity, group, licence, organization, package_search, packages, resource, site, tag};
use crate::answer::{Freshness, Rendered};
use crate::caller::find_reading_worker;
use crate::state::ApiState;

/// Names read at once while all of them are sent.
const NAMES_AT_ONCE: i64 = 5_000;
/// The actions that tell those who work on drafts more than others.
const KNOWS_WORKERS: [&str; 2] = ["package_show", "package_search"];
/// How CKAN names the media type of its answers.
const JSON: &str = "application/json;charset=utf-8";

/// What an action works with.
pub(super) struct Context<'a, 'b> {
    pub(super) tx: &'a mut Tx<'b>,
    pub(super) index: &'a SearchIndex,
    /// The portal's address and name.
    pub(super) url: &'a str,
    pub(super) title: &'a str,
    pub(super) places: &'a package_search::Places,
    /// Who is calling, for the actions that tell those who work on drafts more than others.
    pub(super) actor: Option<Actor>,
}

type Work = fn(&mut Context<'_, '_>, &Params) -> Result<String, Refusal>;

/// One action.
pub(super) struct Action {
    pub(super) name: &'static str,
    /// What `help_show` tells.
    pub(super) help: &'static str,
    work: Work,
}

const fn action(name: &'static str, help: &'static str, work: Work) -> Action {
    Action { name, help, work }
}

/// Every action on the catalogue; those on rows are in rooms of their own.
pub(super) const ACTIONS: &[Action] = &[
    action("package_list", "Names of the datasets, in order. limit, offset.", packages::list),
    action("package_show", "One dataset by id or name. id.", packages::show),
    action(
        "package_search",
        "Datasets by words and conditions. q, fq, fq_list, sort, rows (at most 1000), start, facet, facet.field, facet.limit, \
         facet.mincount, ext_bbox; include_drafts and include_private for your own drafts.",
        package_search::search,
    ),
    action("package_autocomplete", "Datasets whose titles have words that begin so. q, limit.", packages::autocomplete),
    action(
        "current_package_list_with_resources",
        "Datasets, the last changed first. limit (at most 1000), offset.",
        packages::current,
    ),
    action(
        "package_activity_list",
        "What happened to a dataset, newest first. id, offset, limit.",
        activity::of_package,
    ),
    action(
        "recently_changed_packages_activity_list",
        "What happened to datasets, newest first. offset, limit.",
        activity::recent,
    ),
    action(
        "organization_list",
        "Names of the publishers, or all about them. all_fields, organizations, sort, limit, offset, include_dataset_count.",
        organization::list,
    ),
    action(
        "organization_show",
        "One publisher by id or name. id, include_datasets, include_dataset_count.",
        organization::show,
    ),
    action("organization_autocomplete", "Publishers whose names hold the words. q, limit.", organization::autocomplete),
    action(
        "group_list",
        "Names of the themes, or all about them. all_fields, groups, sort, limit, offset, include_dataset_count.",
        group::list,
    ),
    action("group_show", "One theme by name. id, include_datasets, include_dataset_count.", group::show),
    action("group_package_show", "Datasets of a theme. id, limit (at most 1000).", group::packages),
    action("group_autocomplete", "Themes whose names hold the words. q, limit.", group::autocomplete),
    action("tag_list", "Keywords, in order. query, all_fields, limit, offset.", tag::list),
    action("tag_show", "One keyword. id, include_datasets.", tag::show),
    action("tag_search", "Keywords that hold the words. query, limit, offset.", tag::search),
    action("tag_autocomplete", "Keywords that hold the words. query, limit.", tag::autocomplete),
    action("resource_show", "One distribution by id. id.", resource::show),
    action(
        "resource_search",
        "Distributions by their fields: query is field:value, with the fields name, description, format, url and id. limit, offset.",
        resource::search,
    ),
    action("resource_view_list", "Views of a distribution: there are none to list. id.", site::nothing),
    action("vocabulary_list", "Vocabularies of tags: there are none.", site::nothing),
    action("license_list", "Licences that datasets may have.", |_, _| Ok(licence::list().to_string())),
    action("status_show", "About the portal.", site::status),
    action("site_read", "Whether the portal may be read: always.", site::read),
    action("help_show", "What an action does. name.", site::help),
];

/// Carries out the action that an address names.
pub(super) async fn act(req: HttpRequest, path: Path<String>, payload: Payload, state: Data<ApiState>) -> HttpResponse {
    let name = path.into_inner();
    if super::write::is_writing(&name) {
        return super::write::act(req, &name, payload, &state).await;
    }
    let Some(action) = ACTIONS.iter().find(|action| action.name == name) else {
        return super::envelope::no_action(&state, &name);
    };
    let keepable = req.method() == actix_web::http::Method::GET;
    let params = match keepable {
        true => Params::of_query(req.query_string()),
        false => Params::of_body(&req, payload).await,
    };
    let done = match params {
        Ok(params) => carry_out(&state, action, params, &req, keepable).await,
        Err(refusal) => Err(refusal),
    };
    done.unwrap_or_else(|refusal| refuse(&state, action.name, refusal))
}

async fn carry_out(
    state: &Data<ApiState>,
    action: &'static Action,
    params: Params,
    req: &HttpRequest,
    keepable: bool,
) -> Result<HttpResponse, Refusal> {
    if action.name == "package_list" && params.number("limit")?.is_none() && params.number("offset")?.is_none() {
        return Ok(all_names(state));
    }
    let actor = if KNOWS_WORKERS.contains(&action.name) { find_reading_worker(req, state).await? } else { None };
    // What one person is told is kept by nobody for others.
    let freshness = if actor.is_some() { Freshness::Private } else { Freshness::Revalidated };
    let shared = Data::clone(state);
    let work = move |tx: &mut Tx<'_>| {
        let mut context = Context {
            tx,
            index: &shared.catalog.index,
            url: &shared.settings.public_url,
            title: &shared.settings.title,
            places: &shared.ckan_places,
            actor,
        };
        // A refusal of the action is no failure of the transaction.
        Ok::<_, CatalogError>((action.work)(&mut context, &params))
    };
    let result = state.read(work).await??;
    let body = success(state, action.name, &result);
    if keepable {
        return Ok(Rendered::new(body, JSON, freshness).answer(req));
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, JSON))
        .body(body))
}

/// The names of all datasets, read and sent a few thousand at a time: CKAN knows no pages here unless they are asked for.
fn all_names(state: &Data<ApiState>) -> HttpResponse {
    let (head, tail) = success_around(state, "package_list");
    /// What is sent next.
    enum Step {
        Head,
        After(String),
        Tail,
        Done,
    }
    let (state, head, tail) = (Data::clone(state), Bytes::from(head), Bytes::from(tail));
    let body = stream::unfold(Step::Head, move |step| {
        let (state, head, tail) = (Data::clone(&state), head.clone(), tail.clone());
        async move {
            match step {
                Step::Head => Some((Ok::<Bytes, io::Error>(head), Step::After(String::new()))),
                Step::After(after) => {
                    let first = after.is_empty();
                    let read = state.read(move |tx| dataset::list_public_slugs(tx, &after, 0, NAMES_AT_ONCE)).await;
                    let names = match read {
                        Ok(names) => names,
                        // The answer is cut off, so that nobody takes a part for the whole.
                        Err(problem) => return Some((Err(io::Error::other(problem.to_string())), Step::Done)),
                    };
                    let Some(last) = names.last().cloned() else { return Some((Ok(tail), Step::Done)) };
                    let more = i64::try_from(names.len()).unwrap_or(0) == NAMES_AT_ONCE;
                    let mut chunk = String::new();
                    for (at, name) in names.iter().enumerate() {
                        if !(first && at == 0) {
                            chunk.push(',');
                        }
                        chunk.push_str(&json!(name).to_string());
                    }
                    Some((Ok(Bytes::from(chunk)), if more { Step::After(last) } else { Step::Tail }))
                }
                Step::Tail => Some((Ok(tail), Step::Done)),
                Step::Done => None,
            }
        }
    });
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_TYPE, JSON))
        .streaming(body)
}

//! Requests for data that is not published.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_api::conversation::send_request_answer;
use fairground_api::problem::Problem;
use fairground_api::watch::Taken;
use fairground_catalog::account::Role;
use fairground_catalog::citizen::Act;
use fairground_catalog::conversation::{self, DataRequest, NewDataRequest, Order, RequestFilter, RequestState};
use fairground_catalog::{CatalogError, Tx, dataset, publisher};
use fairground_domain::{DataRequestId, fold};
use url::form_urlencoded;

use super::question::ask_form;
use super::{RequestFormPage, RequestFormView, RequestPage, RequestView, RequestsPage, RequestsView};
use crate::layout::{Form, Link, PageError, Place, Visit, answer_page, answer_private_page};
use crate::watch::{Fault, is_honey_taken, must_be_of_this_reader, show_sent, told};

/// Requests on a page.
const PAGE_SIZE: i64 = 20;
/// Requests among which those are looked for that sound alike.
const LOOKED_THROUGH: i64 = 500;
/// Requests that sound alike on the form.
const ALIKE: usize = 5;
/// Publishers to choose from.
const PUBLISHERS: i64 = 1_000;
/// Shortest word by which requests sound alike, in characters.
const SHORTEST_WORD_CHARS: usize = 4;

/// Lists requests.
pub(crate) async fn list_requests(visit: Visit) -> HttpResponse {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(visit.request.query_string().as_bytes()).into_owned().collect();
    let loaded = visit.read(move |tx| load_list(tx, &pairs)).await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &RequestsView { frame, page }))
}

fn load_list(tx: &mut Tx<'_>, pairs: &[(String, String)]) -> Result<RequestsPage, CatalogError> {
    let value = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let state = value("state").and_then(RequestState::parse);
    let order = if value("sort") == Some("newest") { Order::Newest } else { Order::Supported };
    let found = match value("publisher") {
        Some(name) => Some(publisher::find(tx, name)?.ok_or_else(|| CatalogError::not_found("publisher", name))?),
        None => None,
    };
    let after = value("after").and_then(|after| {
        let (supporters, id) = after.split_once('.')?;
        Some((supporters.parse().ok()?, id.parse().ok()?))
    });
    let filter = RequestFilter { state, publisher: found.as_ref().map(|found| found.id) };
    let mut requests = conversation::list_requests(tx, &filter, order, after, PAGE_SIZE + 1)?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or_default();
    let more = requests.len() > size;
    requests.truncate(size);
    let next = requests.last().filter(|_| more).map(|last: &DataRequest| {
        let mut words = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs.iter().filter(|(name, _)| matches!(name.as_str(), "state" | "sort" | "publisher")) {
            words.append_pair(name, value);
        }
        words.append_pair("after", &format!("{}.{}", last.supporters, last.id));
        format!("/requests?{}", words.finish())
    });
    let publisher = found.map(|found| Link::new(found.name, format!("/publishers/{}", found.slug)));
    Ok(RequestsPage { requests, state, order, next, publisher })
}

/// Shows the form for a request.
pub(crate) async fn show_request_form(visit: Visit) -> HttpResponse {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(visit.request.query_string().as_bytes()).into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim().to_owned());
    let known = ask_form(&visit);
    let page = RequestFormPage {
        is_known: known.is_known,
        email: known.email,
        title: value("q").or_else(|| value("title")).unwrap_or_default(),
        publisher: value("publisher").unwrap_or_default(),
        ..RequestFormPage::default()
    };
    show_form(&visit, StatusCode::OK, page).await
}

async fn show_form(visit: &Visit, status: StatusCode, mut page: RequestFormPage) -> HttpResponse {
    let title = page.title.clone();
    let loaded = visit
        .read(move |tx| {
            let publishers = publisher::list_names(tx, "", PUBLISHERS)?;
            Ok((publishers, alike(tx, &title)?))
        })
        .await
        .map(|(publishers, alike)| {
            page.publishers = publishers.into_iter().map(|(_, slug, name)| (slug, name)).collect();
            page.alike = alike;
            page
        });
    visit.finish(Place::Datasets, loaded, |frame, page| answer_private_page(status, &RequestFormView { frame, page }))
}

/// Requests whose titles share telling words with this one, so that people support them instead.
fn alike(tx: &mut Tx<'_>, title: &str) -> Result<Vec<DataRequest>, CatalogError> {
    let words: Vec<String> = words_of(title);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let all = conversation::list_requests(tx, &RequestFilter::default(), Order::Supported, None, LOOKED_THROUGH)?;
    let shared = |request: &DataRequest| {
        let own = words_of(&request.title);
        words.iter().filter(|word| own.contains(word)).count()
    };
    let mut alike: Vec<(usize, DataRequest)> =
        all.into_iter().map(|request| (shared(&request), request)).filter(|(shared, _)| *shared > 0).collect();
    alike.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    Ok(alike.into_iter().take(ALIKE).map(|(_, request)| request).collect())
}

fn words_of(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().count() >= SHORTEST_WORD_CHARS).map(str::to_owned).collect()
}

/// Makes a request.
pub(crate) async fn make_request(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = must_be_of_this_reader(&visit, &form) {
        return visit.follow(Place::Datasets, Err(error));
    }
    if is_honey_taken(&form) {
        return show_sent(&visit, Place::Datasets, "/requests".to_owned());
    }
    let known = ask_form(&visit);
    let mut page = RequestFormPage {
        is_known: known.is_known,
        email: if known.is_known { known.email } else { form.text("email").to_owned() },
        title: form.text("title").to_owned(),
        reason: form.raw("reason").to_owned(),
        publisher: form.text("publisher").to_owned(),
        ..RequestFormPage::default()
    };
    match begin(&visit, &page).await {
        Ok(Taken::Done(done)) => {
            let id = match done.1 {
                fairground_catalog::citizen::Done::Requested(request) => request.id.to_string(),
                _ => String::new(),
            };
            visit.follow(Place::Datasets, Ok(format!("/requests/{id}?done=requested")))
        }
        Ok(Taken::LetterSent) => show_sent(&visit, Place::Datasets, "/requests".to_owned()),
        Err(problem) => match told(&problem) {
            Ok((status, fault)) => {
                page.fault = Some(fault);
                show_form(&visit, status, page).await
            }
            Err(error) => visit.follow(Place::Datasets, Err(error)),
        },
    }
}

async fn begin(visit: &Visit, page: &RequestFormPage) -> Result<Taken, Problem> {
    let state = &visit.pages.state;
    let slug = page.publisher.clone();
    let publisher = if slug.is_empty() {
        None
    } else {
        let found = state.read(move |tx| publisher::find(tx, &slug)).await?;
        Some(found.ok_or_else(|| Problem::not_found("publisher"))?.id)
    };
    let account = visit.signed_in.as_ref().map(|signed_in| &signed_in.account);
    let act = Act::Request(NewDataRequest { title: page.title.clone(), reason: page.reason.clone(), publisher });
    state.act(&visit.request, account, Some(&page.email), act).await
}

async fn load_one(visit: &Visit, id: &str) -> Result<RequestPage, PageError> {
    let id: DataRequestId = id.parse().map_err(|_| PageError::NotFound)?;
    let account = visit.signed_in.as_ref().map(|signed_in| signed_in.account.clone());
    let known = ask_form(visit);
    visit
        .read(move |tx| {
            let request = conversation::get_request(tx, id)?;
            let asked = match request.publisher {
                Some(id) => publisher::find_by_id(tx, id)?,
                None => None,
            };
            let fulfilled = match request.dataset {
                Some(id) => dataset::get_public(tx, &id.to_string()).ok(),
                None => None,
            };
            let may = match &account {
                Some(account) => conversation::may_answer_request(tx, account, &request)?,
                None => false,
            };
            let is_operator = account.as_ref().is_some_and(|account| account.role == Role::Operator);
            Ok(RequestPage {
                publisher: asked.map(|found| Link::new(found.name, format!("/publishers/{}", found.slug))),
                dataset: fulfilled.map(|found| Link::new(found.draft.title.any(), format!("/datasets/{}", found.slug))),
                is_known: known.is_known,
                email: known.email,
                may_answer: may,
                may_hide: is_operator,
                answer: request.answer.as_ref().map(|answer| answer.text.clone()).unwrap_or_default(),
                chosen: request.state,
                named: String::new(),
                fault: None,
                request: if is_operator { request } else { request.in_public() },
            })
        })
        .await
}

fn show(visit: &Visit, status: StatusCode, page: RequestPage) -> HttpResponse {
    visit.finish(Place::Datasets, Ok(page), |frame, page| answer_private_page(status, &RequestView { frame, page }))
}

/// Shows one request.
pub(crate) async fn show_request(visit: Visit, id: web::Path<String>) -> HttpResponse {
    match load_one(&visit, &id).await {
        Ok(page) => show(&visit, StatusCode::OK, page),
        Err(error) => visit.follow(Place::Datasets, Err(error)),
    }
}

/// Supports, answers, hides or shows a request.
pub(crate) async fn act_on_request(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    if let Err(error) = must_be_of_this_reader(&visit, &form) {
        return visit.follow(Place::Datasets, Err(error));
    }
    let mut page = match load_one(&visit, &id).await {
        Ok(page) => page,
        Err(error) => return visit.follow(Place::Datasets, Err(error)),
    };
    let back = format!("/requests/{}", page.request.id);
    let done = match form.text("act") {
        "support" if is_honey_taken(&form) => return show_sent(&visit, Place::Datasets, back),
        "support" => {
            if !page.is_known {
                page.email = form.text("email").to_owned();
            }
            let account = visit.signed_in.as_ref().map(|signed_in| &signed_in.account);
            let act = Act::Support(page.request.id);
            match visit.pages.state.act(&visit.request, account, Some(&page.email), act).await {
                Ok(Taken::LetterSent) => return show_sent(&visit, Place::Datasets, back),
                Ok(Taken::Done(_)) => Ok(()),
                Err(problem) => Err(problem),
            }
        }
        "answer" => answer(&visit, &mut page, &form).await,
        _ if !page.may_hide => return visit.follow(Place::Datasets, Err(PageError::NotFound)),
        act => hide(&visit, &page, (act == "hide").then(|| form.raw("reason").to_owned())).await,
    };
    match done {
        Ok(()) => visit.follow(Place::Datasets, Ok(format!("{back}?done=saved"))),
        Err(problem) => match told(&problem) {
            Ok((status, fault)) => {
                page.fault = Some(fault);
                show(&visit, status, page)
            }
            // What is not there is the dataset that was named.
            Err(PageError::NotFound) if form.text("act") == "answer" => {
                let text = String::new();
                page.fault = Some(Fault { field: "dataset", key: "conversation-fault-dataset", text });
                show(&visit, StatusCode::UNPROCESSABLE_ENTITY, page)
            }
            Err(error) => visit.follow(Place::Datasets, Err(error)),
        },
    }
}

async fn answer(visit: &Visit, page: &mut RequestPage, form: &Form) -> Result<(), Problem> {
    let state = &visit.pages.state;
    page.answer = form.raw("answer").to_owned();
    page.chosen = RequestState::parse(form.text("state")).unwrap_or(page.request.state);
    // The dataset may be given by its address, as people copy it.
    page.named = form.text("dataset").to_owned();
    let Some(account) = visit.signed_in.as_ref().map(|signed_in| signed_in.account.clone()) else {
        return Err(Problem::new(fairground_api::problem::ProblemKind::SignInRequired));
    };
    let name = page.named.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let dataset =
        if name.is_empty() { None } else { Some(state.read(move |tx| dataset::get_public(tx, &name)).await?.id) };
    let (id, chosen, text) = (page.request.id, page.chosen, page.answer.clone());
    send_request_answer(state, &account, id, chosen, text, dataset).await.map(drop)
}

async fn hide(visit: &Visit, page: &RequestPage, reason: Option<String>) -> Result<(), Problem> {
    let Some(signed_in) = &visit.signed_in else {
        return Err(Problem::new(fairground_api::problem::ProblemKind::SignInRequired));
    };
    let (id, actor) = (page.request.id, format!("account:{}", signed_in.account.id));
    let moderated =
        visit.pages.state.write(move |tx| conversation::moderate_request(tx, id, reason.as_deref(), &actor));
    moderated.await.map(drop)
}

//! The forms of following: asking, confirming, ending.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_api::problem::{Problem, ProblemKind};
use fairground_api::watch::{Taken, webhook};
use fairground_catalog::citizen::{self, Act, Done};
use fairground_catalog::watch::{self, Channel, NewFollow, Rhythm, SavedSearch, Subject};
use fairground_catalog::{CatalogError, Tx, conversation, dataset, publisher};
use url::form_urlencoded;

use super::{
    ConfirmPage, ConfirmView, DonePage, DoneView, Fault, FollowPage, FollowView, UnsubscribePage, UnsubscribeView,
};
use crate::layout::{Form, Link, PageError, Place, Visit, answer_private_page};

/// A field that people do not see and programs that fill in every field do.
const HONEY: &str = "website";

/// Refuses a form of another page; of a reader who is signed in, one without the session's token.
pub(crate) fn must_be_of_this_reader(visit: &Visit, form: &Form) -> Result<(), PageError> {
    visit.must_be_our_form()?;
    if visit.signed_in.is_some() {
        visit.acting(form)?;
    }
    Ok(())
}

/// Whether a program has filled in what nobody sees: it is thanked, and nothing is done.
pub(crate) fn is_honey_taken(form: &Form) -> bool {
    form.is_set(HONEY)
}

/// Shows the page after a letter was sent, or that a program gets in its place.
pub(crate) fn show_sent(visit: &Visit, place: Place, back: String) -> HttpResponse {
    let page = DonePage {
        title: "watch-sent-title",
        text: "watch-sent-text",
        about: String::new(),
        secret: None,
        links: vec![("watch-back", back)],
    };
    show_done(visit, place, page)
}

pub(crate) fn show_done(visit: &Visit, place: Place, page: DonePage) -> HttpResponse {
    visit.finish(place, Ok(page), |frame, page| answer_private_page(StatusCode::OK, &DoneView { frame, page }))
}

/// What is wrong with a form, for its reader; the page for errors where that says it better.
pub(crate) fn told(problem: &Problem) -> Result<(StatusCode, Fault), PageError> {
    let status = problem.kind().spec().status;
    let first = problem.faults().first();
    let pointer = first.and_then(|fault| fault.pointer.as_deref()).unwrap_or_default().trim_start_matches('/');
    let detail = first.map_or_else(|| problem.to_string(), |fault| fault.detail.clone());
    let (field, key) = match (problem.kind(), pointer) {
        (ProblemKind::TooManyAttempts, _) => ("email", "watch-fault-too-many"),
        (ProblemKind::InvalidContent, "email") if detail.contains("wait to be confirmed") => {
            ("email", "watch-fault-too-many")
        }
        (ProblemKind::InvalidContent, "email") => ("email", "watch-fault-email"),
        (ProblemKind::InvalidContent, "text") => ("text", "conversation-fault-text"),
        (ProblemKind::InvalidContent, "reason") => ("reason", "conversation-fault-text"),
        (ProblemKind::InvalidContent, "title") => ("title", "conversation-fault-title"),
        (ProblemKind::InvalidContent, "answer") => ("answer", "conversation-fault-answer"),
        (ProblemKind::InvalidContent, "dataset") => ("dataset", "conversation-fault-dataset"),
        (ProblemKind::InvalidContent, "webhook_url") => ("webhook", "watch-fault-webhook"),
        (ProblemKind::InvalidContent | ProblemKind::Conflict | ProblemKind::Taken, _) => ("main", ""),
        (ProblemKind::NotFound, _) => return Err(PageError::NotFound),
        (ProblemKind::Forbidden, _) => {
            return Err(PageError::Forbidden("This is for the publisher that is asked, and for the portal’s team."));
        }
        (ProblemKind::Unavailable | ProblemKind::Overloaded, _) => return Err(PageError::Unavailable),
        _ => return Err(PageError::Internal(problem.chain())),
    };
    Ok((status, Fault { field, key, text: detail }))
}

/// What a query or a form names: the subject, the field that names it, what it is called and where it is.
struct Named {
    subject: Subject,
    field: (&'static str, String),
    what: Link,
    feed: String,
}

fn named(tx: &mut Tx<'_>, pairs: &[(String, String)]) -> Result<Named, CatalogError> {
    let value = |name: &str| pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim());
    // A search may name a publisher too, so it is told by its own field.
    if let Some(query) = value("search") {
        let search = SavedSearch::of_pairs(form_urlencoded::parse(query.as_bytes()));
        let mut words = form_urlencoded::Serializer::new(String::new());
        for (name, value) in search.pairs() {
            words.append_pair(name, value);
        }
        let words = words.finish();
        return Ok(Named {
            what: Link::new(search.in_words(), format!("/datasets?{words}")),
            feed: format!("/feeds/search.atom?{words}"),
            subject: Subject::Search(search),
            field: ("search", words),
        });
    }
    if let Some(name) = value("dataset") {
        let found = dataset::get_public(tx, name)?;
        let slug = found.slug.to_string();
        return Ok(Named {
            subject: Subject::Dataset(found.id),
            what: Link::new(found.draft.title.any(), format!("/datasets/{slug}")),
            feed: format!("/feeds/datasets/{slug}.atom"),
            field: ("dataset", slug),
        });
    }
    let name = value("publisher").unwrap_or_default();
    let found = publisher::find(tx, name)?.ok_or_else(|| CatalogError::not_found("publisher", name))?;
    let slug = found.slug.to_string();
    Ok(Named {
        subject: Subject::Publisher(found.id),
        what: Link::new(found.name, format!("/publishers/{slug}")),
        feed: format!("/feeds/publishers/{slug}.atom"),
        field: ("publisher", slug),
    })
}

fn page_of(visit: &Visit, named: &Named) -> FollowPage {
    let is_known = visit.signed_in.as_ref().is_some_and(|signed_in| signed_in.account.email_verified_at.is_some());
    let email = visit.signed_in.as_ref().map(|signed_in| signed_in.account.email.clone()).unwrap_or_default();
    FollowPage {
        kind: named.subject.kind(),
        what: named.what.clone(),
        feed: named.feed.clone(),
        subject: named.field.clone(),
        is_known,
        email,
        rhythm: Rhythm::Daily,
        webhook: String::new(),
        fault: None,
    }
}

fn show_form(visit: &Visit, status: StatusCode, page: FollowPage) -> HttpResponse {
    visit.finish(Place::Datasets, Ok(page), |frame, page| answer_private_page(status, &FollowView { frame, page }))
}

/// Shows the form for following what the address names.
pub(crate) async fn show_follow(visit: Visit) -> HttpResponse {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(visit.request.query_string().as_bytes()).into_owned().collect();
    match visit.read(move |tx| named(tx, &pairs)).await {
        Ok(named) => {
            let page = page_of(&visit, &named);
            show_form(&visit, StatusCode::OK, page)
        }
        Err(error) => visit.follow(Place::Datasets, Err(error)),
    }
}

/// Follows, at once or after a letter.
pub(crate) async fn follow(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = must_be_of_this_reader(&visit, &form) {
        return visit.follow(Place::Datasets, Err(error));
    }
    let pairs: Vec<(String, String)> = ["search", "dataset", "publisher"]
        .into_iter()
        .filter(|name| form.is_set(name))
        .map(|name| (name.to_owned(), form.text(name).to_owned()))
        .collect();
    let named = match visit.read(move |tx| named(tx, &pairs)).await {
        Ok(named) => named,
        Err(error) => return visit.follow(Place::Datasets, Err(error)),
    };
    if is_honey_taken(&form) {
        return show_sent(&visit, Place::Datasets, named.what.href);
    }
    let mut page = page_of(&visit, &named);
    page.rhythm = Rhythm::parse(form.text("rhythm")).unwrap_or(Rhythm::Daily);
    page.webhook = form.text("webhook").to_owned();
    if !page.is_known {
        page.email = form.text("email").to_owned();
    }
    let done = begin(&visit, &named, &page).await;
    let problem = match done {
        Ok((Taken::Done(_), None)) => return visit.follow(Place::Datasets, Ok("/follows?done=following".to_owned())),
        Ok((taken, secret)) => {
            let is_done = matches!(taken, Taken::Done(_));
            let page = DonePage {
                title: if is_done { "watch-following-title" } else { "watch-sent-title" },
                text: if is_done { "watch-following-text" } else { "watch-sent-text" },
                about: named.what.text,
                secret,
                links: vec![("watch-back", named.what.href)],
            };
            return show_done(&visit, Place::Datasets, page);
        }
        Err(problem) => problem,
    };
    match told(&problem) {
        Ok((status, fault)) => {
            page.fault = Some(fault);
            show_form(&visit, status, page)
        }
        Err(error) => visit.follow(Place::Datasets, Err(error)),
    }
}

async fn begin(visit: &Visit, named: &Named, page: &FollowPage) -> Result<(Taken, Option<String>), Problem> {
    let state = &visit.pages.state;
    let (channel, address, secret) = if page.webhook.is_empty() {
        (Channel::Email, None, None)
    } else {
        let (address, secret) = webhook(state, &page.webhook)?;
        (Channel::Webhook, Some(address), Some(secret))
    };
    let subject = named.subject.clone();
    let new = NewFollow { subject, channel, rhythm: page.rhythm, address, secret: secret.clone() };
    let account = visit.signed_in.as_ref().map(|signed_in| &signed_in.account);
    let taken = state.act(&visit.request, account, Some(&page.email), Act::Follow(new)).await?;
    Ok((taken, secret))
}

/// Shows what the link in a letter does, so that programs which open every link do nothing.
pub(crate) async fn show_confirmation(visit: Visit) -> HttpResponse {
    let token = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned())
        .unwrap_or_default();
    let (secret, own) = (visit.pages.state.catalog.secret.clone(), token.clone());
    let loaded = visit.read(move |tx| {
        let act = citizen::look_at(tx, &secret, &own)?;
        let (key, about) = about(tx, &act)?;
        Ok(ConfirmPage { token: own, key, about })
    });
    match loaded.await {
        Ok(page) => visit.finish(Place::Elsewhere, Ok(page), |frame, page| {
            answer_private_page(StatusCode::OK, &ConfirmView { frame, page })
        }),
        Err(PageError::NotFound) => spent(&visit),
        Err(error) => visit.follow(Place::Elsewhere, Err(error)),
    }
}

fn spent(visit: &Visit) -> HttpResponse {
    let page = DonePage {
        title: "watch-spent-title",
        text: "watch-spent-text",
        about: String::new(),
        secret: None,
        links: vec![("watch-to-datasets", "/datasets".to_owned())],
    };
    visit.finish(Place::Elsewhere, Ok(page), |frame, page| {
        answer_private_page(StatusCode::NOT_FOUND, &DoneView { frame, page })
    })
}

fn about(tx: &mut Tx<'_>, act: &Act) -> Result<(&'static str, String), CatalogError> {
    Ok(match act {
        Act::Follow(new) => match &new.subject {
            Subject::Dataset(id) => {
                ("watch-confirm-dataset", dataset::get_public(tx, &id.to_string())?.draft.title.any().to_owned())
            }
            Subject::Publisher(id) => {
                let found = publisher::find_by_id(tx, *id)?.map(|found| found.name);
                ("watch-confirm-publisher", found.unwrap_or_default())
            }
            Subject::Search(search) => ("watch-confirm-search", search.in_words()),
        },
        Act::Ask(new) => ("watch-confirm-question", new.text.clone()),
        Act::Request(new) => ("watch-confirm-request", new.title.clone()),
        Act::Support(id) => ("watch-confirm-support", conversation::get_request(tx, *id)?.title),
    })
}

/// Does what the link in a letter does.
pub(crate) async fn confirm(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Elsewhere, Err(error));
    }
    let state = &visit.pages.state;
    let (citizen, done) = match state.confirm_act(form.text("token")).await {
        Ok(done) => done,
        Err(problem) if problem.kind() == ProblemKind::NotFound => return spent(&visit),
        Err(problem) => {
            let fault = match told(&problem) {
                Ok((_, fault)) => fault,
                Err(error) => return visit.follow(Place::Elsewhere, Err(error)),
            };
            let page = DonePage {
                title: "watch-refused-title",
                text: "watch-refused-text",
                about: fault.text,
                secret: None,
                links: vec![("watch-to-datasets", "/datasets".to_owned())],
            };
            return show_done(&visit, Place::Elsewhere, page);
        }
    };
    let own = format!("/follows/{}", citizen::page_token(&state.catalog.secret, &citizen));
    let (title, text, about, mut links) = match done {
        Done::Followed(follow) => {
            let href = super::href_of(&follow);
            ("watch-following-title", "watch-following-text", follow.title, vec![("watch-back", href)])
        }
        Done::Asked(question) => {
            let home = visit.read(move |tx| dataset::get_public(tx, &question.dataset.to_string())).await;
            let href = home.map(|home| format!("/datasets/{}#questions", home.slug)).unwrap_or_default();
            ("watch-asked-title", "watch-asked-text", String::new(), vec![("watch-back", href)])
        }
        Done::Requested(request) => {
            let href = format!("/requests/{}", request.id);
            ("watch-requested-title", "watch-requested-text", request.title, vec![("watch-to-request", href)])
        }
        Done::Supported(request) => {
            let href = format!("/requests/{}", request.id);
            ("watch-supported-title", "watch-supported-text", request.title, vec![("watch-to-request", href)])
        }
    };
    links.push(("watch-to-own", own));
    show_done(&visit, Place::Elsewhere, DonePage { title, text, about, secret: None, links })
}

/// Shows what a click ends.
pub(crate) async fn show_unsubscribe(visit: Visit, token: web::Path<String>) -> HttpResponse {
    let (secret, token) = (visit.pages.state.catalog.secret.clone(), token.into_inner());
    let loaded = visit
        .read(move |tx| {
            let follows = watch::look_at_unsubscribe(tx, &secret, &token)?.follows;
            Ok(UnsubscribePage { token, is_done: follows.is_empty(), follows })
        })
        .await;
    visit.finish(Place::Elsewhere, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &UnsubscribeView { frame, page })
    })
}

/// Ends letters with one click. A mailbox posts here on its reader's behalf (RFC 8058), from anywhere and without a session: the
/// address alone says what ends.
pub(crate) async fn unsubscribe(visit: Visit, token: web::Path<String>) -> HttpResponse {
    let (secret, token) = (visit.pages.state.catalog.secret.clone(), token.into_inner());
    let done = visit
        .write(move |tx| {
            let follows = watch::unsubscribe(tx, &secret, &token)?.follows;
            Ok(UnsubscribePage { token, follows, is_done: true })
        })
        .await;
    visit.finish(Place::Elsewhere, done, |frame, page| {
        answer_private_page(StatusCode::OK, &UnsubscribeView { frame, page })
    })
}

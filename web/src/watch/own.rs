//! One's own page: behind a link that nobody guesses, or for whoever is signed in.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use fairground_catalog::citizen::{self, Citizen};
use fairground_catalog::watch::{self, Rhythm};
use fairground_catalog::{CatalogError, conversation};
use serde_json::json;

use super::{OwnPage, OwnView};
use crate::layout::{Form, PageError, Place, Visit, answer_private_page, see_other};

/// Changes on the page.
const NEWS: i64 = 50;
/// The path of whoever is signed in.
const OWN: &str = "/follows";

/// Whose page it is: the link's citizen, or of whoever is signed in.
async fn whose(visit: &Visit, token: Option<&str>) -> Result<Option<Citizen>, PageError> {
    let secret = visit.pages.state.catalog.secret.clone();
    if let Some(token) = token.map(str::to_owned) {
        return visit.read(move |tx| citizen::by_token(tx, &secret, &token)).await.map(Some);
    }
    let account = visit.staff()?.account.clone();
    if account.email_verified_at.is_none() {
        return Ok(None);
    }
    visit.read(move |tx| citizen::of_email(tx, &secret, &account.email)).await
}

fn path_of(token: Option<&str>) -> String {
    token.map_or_else(|| OWN.to_owned(), |token| format!("{OWN}/{token}"))
}

async fn load(visit: &Visit, token: Option<&str>) -> Result<OwnPage, PageError> {
    let citizen = whose(visit, token).await?;
    let (path, by_session) = (path_of(token), token.is_none());
    let secret = visit.pages.state.catalog.secret.clone();
    visit
        .read(move |tx| {
            let Some(citizen) = citizen else { return Ok(OwnPage { path, data: None, news: Vec::new(), by_session }) };
            let data = citizen::data_of(tx, &secret, citizen)?;
            let news = watch::list_news(tx, &data.follows, NEWS)?;
            Ok(OwnPage { path, data: Some(data), news, by_session })
        })
        .await
}

/// The link's token, where the address has one.
fn token_of(visit: &Visit) -> Option<String> {
    visit.request.match_info().get("token").map(str::to_owned)
}

/// Shows one's own page; its export with `?export`.
pub(crate) async fn show_own(visit: Visit) -> HttpResponse {
    let token = token_of(&visit);
    let loaded = load(&visit, token.as_deref()).await;
    if visit.request.query_string() == "export" {
        return visit.finish(Place::Me, loaded, |_, page| {
            let data = page.data.as_ref().map(|data| data.list()).unwrap_or_default();
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"about-me.json\""))
                .json(json!({ "data": data }))
        });
    }
    visit.finish(Place::Me, loaded, |frame, page| answer_private_page(StatusCode::OK, &OwnView { frame, page }))
}

/// Does what a form of one's own page asks for.
pub(crate) async fn act_on_own(visit: Visit, form: Form) -> HttpResponse {
    let token = token_of(&visit);
    match act(&visit, token.as_deref(), &form).await {
        Ok(address) => see_other(&address),
        Err(error) => visit.follow(Place::Me, Err(error)),
    }
}

async fn act(visit: &Visit, token: Option<&str>, form: &Form) -> Result<String, PageError> {
    visit.must_be_our_form()?;
    if token.is_none() {
        visit.acting(form)?;
    }
    let citizen = whose(visit, token).await?.ok_or(PageError::NotFound)?;
    let back = path_of(token);
    let secret = visit.pages.state.catalog.secret.clone();
    let (what, id, rhythm) =
        (form.text("act").to_owned(), form.text("id").to_owned(), Rhythm::parse(form.text("rhythm")));
    let missing = || CatalogError::not_found("thing", "it is gone already");
    let is_link = token.is_some();
    let moved = visit
        .write(move |tx| {
            match what.as_str() {
                "stop" => watch::end_follow(tx, citizen.id, id.parse().map_err(|_| missing())?)?,
                "rhythm" => {
                    let rhythm = rhythm.ok_or_else(missing)?;
                    watch::set_rhythm(tx, citizen.id, id.parse().map_err(|_| missing())?, rhythm)?;
                }
                "retry" => watch::retry(tx, citizen.id, id.parse().map_err(|_| missing())?)?,
                "question" => {
                    conversation::take_back_question(tx, citizen.id, id.parse().map_err(|_| missing())?)?;
                }
                "request" => conversation::take_back_request(tx, citizen.id, id.parse().map_err(|_| missing())?)?,
                "support" => conversation::withdraw_support(tx, citizen.id, id.parse().map_err(|_| missing())?)?,
                "link" => {
                    let renewed = citizen::replace_page_link(tx, &citizen)?;
                    let own = citizen::page_token(&secret, &renewed);
                    return Ok(is_link.then(|| format!("{OWN}/{own}?done=saved")));
                }
                "erase" => {
                    citizen::erase_citizen(tx, &secret, citizen)?;
                    return Ok(Some("/?done=forgotten".to_owned()));
                }
                _ => return Err(missing()),
            }
            // Whoever has nothing left is forgotten, and the page with them.
            let is_there = !is_link || citizen::by_token(tx, &secret, &citizen::page_token(&secret, &citizen)).is_ok();
            Ok((!is_there).then(|| "/?done=forgotten".to_owned()))
        })
        .await?;
    Ok(moved.unwrap_or_else(|| format!("{back}?done=saved")))
}

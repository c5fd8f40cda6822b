//! Asking for data that was not found: one press of a button, counted by its words, with nothing of who pressed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use url::form_urlencoded;

use super::Query;
use crate::layout::{Form, Place, Visit};
use crate::session::{FormPage, ShortForm, show};

const LEAD: &str = "search-ask-lead";

/// Shows what is about to be asked for.
pub(crate) async fn show_ask(visit: Visit) -> HttpResponse {
    let words = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "q")
        .map(|(_, words)| words.into_owned())
        .unwrap_or_default();
    let words = Query { words, ..Query::default() }.words;
    if words.trim().is_empty() {
        return show(
            &visit,
            StatusCode::OK,
            FormPage::new("search-ask-data", LEAD).link("search-ask-search", "/datasets"),
        );
    }
    let page = FormPage::new("search-ask-this", LEAD).with(ShortForm {
        text: "search-ask-looked-for",
        action: "/datasets/ask".to_owned(),
        button: "search-ask-this",
        hidden: vec![("q", words.clone())],
        ..ShortForm::default()
    });
    let words_of_request: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", &words).finish();
    let page = page.link("search-ask-public", &format!("/requests/new?{words_of_request}"));
    show(&visit, StatusCode::OK, page.about(words))
}

/// Counts a wish.
pub(crate) async fn ask(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Datasets, Err(error));
    }
    let state = &visit.pages.state;
    state.catalog.demand.wish(form.text("q"), state.caller_number(&visit.request));
    let lead = "search-ask-counted";
    show(&visit, StatusCode::OK, FormPage::new("search-ask-thanks", lead).link("search-ask-more", "/datasets"))
}

//! Asking for data that was not found: one press of a button, counted by its words, with nothing of who pressed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use url::form_urlencoded;

use super::Query;
use crate::layout::{Form, Place, Visit};
use crate::session::{FormPage, ShortForm, show};

const LEAD: &str = "Publishers see what many look for and do not find. Only the words are counted, not who asked; they are \
shown when at least five have asked.";

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
            FormPage::new("Ask for data", LEAD).link("Search for datasets", "/datasets"),
        );
    }
    let page = FormPage::new("Ask for this data", LEAD).with(ShortForm {
        text: format!("You looked for “{words}”."),
        action: "/datasets/ask".to_owned(),
        button: "Ask for this data",
        hidden: vec![("q", words)],
        ..ShortForm::default()
    });
    show(&visit, StatusCode::OK, page)
}

/// Counts a wish.
pub(crate) async fn ask(visit: Visit, form: Form) -> HttpResponse {
    if let Err(error) = visit.must_be_our_form() {
        return visit.follow(Place::Datasets, Err(error));
    }
    let state = &visit.pages.state;
    state.catalog.demand.wish(form.text("q"), state.caller_number(&visit.request));
    let lead = "It is counted, without your name. Publishers see it when at least five have asked for the same.";
    show(&visit, StatusCode::OK, FormPage::new("Thank you", lead).link("Search for something else", "/datasets"))
}

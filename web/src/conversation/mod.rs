//! Questions at a dataset and requests for data, in public.

mod question;
mod request;

use std::borrow::Borrow;

use askama::Template;
use fairground_catalog::conversation::{DataRequest, Order, Question, RequestState};

use crate::layout::{Frame, Link};
use crate::watch::Fault;

pub(crate) use question::{act_on_question, ask, card_of, show_question, show_questions};
pub(crate) use request::{act_on_request, list_requests, make_request, show_request, show_request_form};

/// The questions on a dataset's page.
#[derive(Debug, Clone, Default)]
pub struct ConversationCard {
    /// The dataset's slug.
    pub slug: String,
    /// The latest questions.
    pub questions: Vec<Question>,
    /// How many there are, hidden ones left out.
    pub total: u64,
}

/// All questions at a dataset, and the form for another.
#[derive(Debug, Clone)]
pub struct QuestionsPage {
    /// The dataset's title and page.
    pub dataset: Link,
    /// Its slug.
    pub slug: String,
    /// The questions, newest first.
    pub questions: Vec<Question>,
    /// The id before which the next page begins.
    pub next: Option<String>,
    /// Whether the reader may answer here.
    pub may_answer: bool,
    /// The form.
    pub form: AskForm,
}

/// What somebody types to ask.
#[derive(Debug, Clone, Default)]
pub struct AskForm {
    /// Whether the reader's address is proved already.
    pub is_known: bool,
    /// The address.
    pub email: String,
    /// The question.
    pub text: String,
    /// What is wrong.
    pub fault: Option<Fault>,
}

/// One question.
#[derive(Debug, Clone)]
pub struct QuestionPage {
    /// The dataset's title and page.
    pub dataset: Link,
    /// The question.
    pub question: Question,
    /// Whether the reader may answer it.
    pub may_answer: bool,
    /// Whether the reader may hide it.
    pub may_hide: bool,
    /// What was typed as an answer.
    pub answer: String,
    /// What is wrong.
    pub fault: Option<Fault>,
}

impl QuestionPage {
    /// Where its forms go.
    #[must_use]
    pub fn action(&self) -> String {
        format!("/questions/{}", self.question.id)
    }
}

/// The list of requests.
#[derive(Debug, Clone)]
pub struct RequestsPage {
    /// The requests.
    pub requests: Vec<DataRequest>,
    /// Of which state.
    pub state: Option<RequestState>,
    /// In which order.
    pub order: Order,
    /// The address of the next page.
    pub next: Option<String>,
    /// The publisher whose they are.
    pub publisher: Option<Link>,
}

impl RequestsPage {
    /// Every state with its address.
    #[must_use]
    pub fn states(&self) -> Vec<(&'static str, String, bool)> {
        let mut states = vec![("conversation-state-all", "/requests".to_owned(), self.state.is_none())];
        states.extend(
            RequestState::ALL.map(|state| {
                (state_key(state), format!("/requests?state={}", state.as_str()), self.state == Some(state))
            }),
        );
        states
    }
}

/// The form for a request.
#[derive(Debug, Clone, Default)]
pub struct RequestFormPage {
    /// Whether the reader's address is proved already.
    pub is_known: bool,
    /// The address.
    pub email: String,
    /// What it is.
    pub title: String,
    /// What for.
    pub reason: String,
    /// The publisher's slug.
    pub publisher: String,
    /// Publishers to choose from: slug and name.
    pub publishers: Vec<(String, String)>,
    /// Requests that sound alike.
    pub alike: Vec<DataRequest>,
    /// What is wrong.
    pub fault: Option<Fault>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct RequestPage {
    /// The request.
    pub request: DataRequest,
    /// Who probably has it.
    pub publisher: Option<Link>,
    /// The dataset that fulfils it.
    pub dataset: Option<Link>,
    /// Whether the reader's address is proved already.
    pub is_known: bool,
    /// The address that was typed.
    pub email: String,
    /// Whether the reader may answer it.
    pub may_answer: bool,
    /// Whether the reader may hide it.
    pub may_hide: bool,
    /// What was typed as an answer.
    pub answer: String,
    /// The state that was chosen.
    pub chosen: RequestState,
    /// The dataset that was named.
    pub named: String,
    /// What is wrong.
    pub fault: Option<Fault>,
}

impl RequestPage {
    /// Where its forms go.
    #[must_use]
    pub fn action(&self) -> String {
        format!("/requests/{}", self.request.id)
    }
}

/// The key of a state's words.
#[must_use]
pub fn state_key(state: impl Borrow<RequestState>) -> &'static str {
    match state.borrow() {
        RequestState::Open => "conversation-state-open",
        RequestState::UnderReview => "conversation-state-under-review",
        RequestState::Planned => "conversation-state-planned",
        RequestState::Published => "conversation-state-published",
        RequestState::Declined => "conversation-state-declined",
    }
}

/// How a state's label is coloured.
#[must_use]
pub fn state_class(state: impl Borrow<RequestState>) -> &'static str {
    match state.borrow() {
        RequestState::Open => "",
        RequestState::UnderReview => "fg-tag--info",
        RequestState::Planned => "fg-tag--info",
        RequestState::Published => "fg-tag--good",
        RequestState::Declined => "fg-tag--warn",
    }
}

/// A text's paragraphs, each with its lines.
#[must_use]
pub fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    text.split("\n\n").map(|part| part.lines().collect()).filter(|lines: &Vec<&str>| !lines.is_empty()).collect()
}

macro_rules! views {
    ($($(#[$doc:meta])* $view:ident of $page:ty = $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $view<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    /// The template of [`QuestionsPage`].
    QuestionsView of QuestionsPage = "conversation/questions.html";
    /// The template of [`QuestionPage`].
    QuestionView of QuestionPage = "conversation/question.html";
    /// The template of [`RequestsPage`].
    RequestsView of RequestsPage = "conversation/requests.html";
    /// The template of [`RequestFormPage`].
    RequestFormView of RequestFormPage = "conversation/request-form.html";
    /// The template of [`RequestPage`].
    RequestView of RequestPage = "conversation/request.html";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_by_paragraph_and_line() {
        assert_eq!(paragraphs("a\nb\n\nc"), [vec!["a", "b"], vec!["c"]]);
        assert!(paragraphs("").is_empty());
    }
}

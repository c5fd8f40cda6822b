//! Questions and requests on the wire.

use fairground_catalog::conversation::{
    Answer, DataRequest, Hidden, LONGEST_ANSWER_CHARS, LONGEST_TEXT_CHARS, LONGEST_TITLE_CHARS, OpenQuestion, Question,
    RequestState,
};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

/// A question to be asked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionIn {
    /// The question: 10 to 2,000 characters, in public and without your name.
    #[schema(example = "Which stations are left out of the table?")]
    pub(super) text: String,
    /// Where the answer is mailed; a letter confirms the address first. Not needed when you are signed in with a proved address.
    #[serde(default)]
    #[schema(example = "ada@example.org")]
    pub(super) email: Option<String>,
}

impl Checked for QuestionIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/text", &self.text, LONGEST_TEXT_CHARS);
        faults
    }
}

/// An answer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerIn {
    /// The answer: plain text of up to 5,000 characters.
    pub(super) text: String,
}

impl Checked for AnswerIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/text", &self.text, LONGEST_ANSWER_CHARS);
        faults
    }
}

/// Hides something from the public, or shows it again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModerationIn {
    /// Whether it is to be hidden.
    pub(super) hidden: bool,
    /// Why; everybody reads it in the text's place. Needed to hide.
    #[serde(default)]
    pub(super) reason: Option<String>,
}

impl Checked for ModerationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.hidden {
            let reason = self.reason.as_deref().unwrap_or_default();
            check_text(&mut faults, "/reason", reason, LONGEST_ANSWER_CHARS);
        }
        faults
    }
}

impl ModerationIn {
    /// The reason to hide it for; none to show it.
    pub(super) fn reason(self) -> Option<String> {
        self.reason.filter(|_| self.hidden)
    }
}

/// An answer in public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AnswerOut {
    /// What it says, as plain text.
    text: String,
    /// When it was given, or last changed.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Answer> for AnswerOut {
    fn from(Answer { text, at }: Answer) -> Self {
        Self { text, at }
    }
}

/// Why something does not stand in public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HiddenOut {
    /// Why.
    reason: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Hidden> for HiddenOut {
    fn from(Hidden { at, reason }: Hidden) -> Self {
        Self { reason, at }
    }
}

/// A question at a dataset. Who asked is not told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct QuestionOut {
    /// Its id.
    id: String,
    /// The dataset's id.
    dataset: String,
    /// The question as plain text; empty when it is hidden.
    text: String,
    /// The publisher's answer; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerOut>,
    /// Why it is hidden; absent when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<HiddenOut>,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Question> for QuestionOut {
    fn from(question: Question) -> Self {
        let question = question.in_public();
        Self {
            id: question.id.to_string(),
            dataset: question.dataset.to_string(),
            text: question.text,
            answer: question.answer.map(AnswerOut::from),
            hidden: question.hidden.map(HiddenOut::from),
            created_at: question.created_at,
        }
    }
}

/// A question that waits for its publisher.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OpenQuestionOut {
    /// The dataset's slug.
    slug: String,
    /// The dataset's title.
    title: String,
    /// The question.
    #[serde(flatten)]
    question: QuestionOut,
}

impl From<OpenQuestion> for OpenQuestionOut {
    fn from(open: OpenQuestion) -> Self {
        Self { slug: open.slug, title: open.title, question: open.question.into() }
    }
}

/// Questions that wait for an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OpenQuestionList {
    /// The questions, oldest first.
    pub(super) items: Vec<OpenQuestionOut>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateWord {
    /// Nobody has answered.
    Open,
    /// A publisher looks into it.
    UnderReview,
    /// A publisher has promised it.
    Planned,
    /// It is published.
    Published,
    /// It will not be published.
    Declined,
}

impl From<StateWord> for RequestState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Open => Self::Open,
            StateWord::UnderReview => Self::UnderReview,
            StateWord::Planned => Self::Planned,
            StateWord::Published => Self::Published,
            StateWord::Declined => Self::Declined,
        }
    }
}

impl From<RequestState> for StateWord {
    fn from(state: RequestState) -> Self {
        match state {
            RequestState::Open => Self::Open,
            RequestState::UnderReview => Self::UnderReview,
            RequestState::Planned => Self::Planned,
            RequestState::Published => Self::Published,
            RequestState::Declined => Self::Declined,
        }
    }
}

/// A request for data that is not published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DataRequestIn {
    /// What it is, in a line of 5 to 150 characters.
    #[schema(example = "Opening hours of public libraries")]
    pub(super) title: String,
    /// What for, and what it should hold: 10 to 2,000 characters.
    pub(super) reason: String,
    /// Who probably has it: a publisher's id or slug.
    #[serde(default)]
    pub(super) publisher: Option<String>,
    /// Where the answer is mailed; a letter confirms the address first. Not needed when you are signed in with a proved address.
    #[serde(default)]
    #[schema(example = "ada@example.org")]
    pub(super) email: Option<String>,
}

impl Checked for DataRequestIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/title", &self.title, LONGEST_TITLE_CHARS);
        check_text(&mut faults, "/reason", &self.reason, LONGEST_TEXT_CHARS);
        faults
    }
}

/// Whoever supports a request.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SupportIn {
    /// Where the answer is mailed; a letter confirms the address first. Not needed when you are signed in with a proved address.
    #[serde(default)]
    #[schema(example = "ada@example.org")]
    pub(super) email: Option<String>,
}

impl Checked for SupportIn {}

/// The answer to a request.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestAnswerIn {
    /// Where it stands from now on.
    pub(super) state: StateWord,
    /// What is said about it: plain text of up to 5,000 characters.
    pub(super) text: String,
    /// The dataset that fulfils it, by id or slug; with `published` alone.
    #[serde(default)]
    pub(super) dataset: Option<String>,
}

impl Checked for RequestAnswerIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/text", &self.text, LONGEST_ANSWER_CHARS);
        faults
    }
}

/// A request for data. Who asked is not told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DataRequestOut {
    /// Its id.
    id: String,
    /// What it is; empty when it is hidden.
    title: String,
    /// What for; empty when it is hidden.
    reason: String,
    /// The id of the publisher that probably has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// Where it stands.
    state: StateWord,
    /// How many ask for it, the first one included.
    supporters: i64,
    /// What the publisher says.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerOut>,
    /// The id of the dataset that fulfils it.
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
    /// Why it is hidden; absent when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<HiddenOut>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<DataRequest> for DataRequestOut {
    fn from(request: DataRequest) -> Self {
        let request = request.in_public();
        Self {
            id: request.id.to_string(),
            title: request.title,
            reason: request.reason,
            publisher: request.publisher.map(|id| id.to_string()),
            state: request.state.into(),
            supporters: request.supporters,
            answer: request.answer.map(AnswerOut::from),
            dataset: request.dataset.map(|id| id.to_string()),
            hidden: request.hidden.map(HiddenOut::from),
            created_at: request.created_at,
        }
    }
}

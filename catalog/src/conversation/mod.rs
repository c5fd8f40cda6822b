//! What citizens and publishers say to each other in public: questions at a dataset, and requests for data that is not
//! published.
//!
//! Who asks stays unknown: a question carries no name, and the address behind it is used to tell the answer and for nothing
//! else. What must not stand in public is hidden with a reason that everybody reads in its place.

mod question;
mod request;
mod text;

use fairground_domain::{CitizenId, DataRequestId, DatasetId, PublisherId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use question::check_question;
pub use question::{
    OpenQuestion, answer_question, ask, count_questions, get_question, list_open_questions, list_questions,
    moderate_question, questions_of, take_back_question,
};
pub use request::{
    Order, RequestFilter, answer_request, get_request, list_requests, moderate_request, request, requests_of, support,
    supported_by, supporters_to_tell, take_back_request, withdraw_support,
};
pub(crate) use request::{check_request, get_open_request};
pub use text::{LONGEST_ANSWER_CHARS, LONGEST_TEXT_CHARS, LONGEST_TITLE_CHARS, MOST_LINKS, SHORTEST_TEXT_CHARS};

use crate::account::{Account, Role};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::{self, Actor};

/// Questions and requests of one citizen within a day.
pub const MOST_A_DAY: i64 = 10;

/// What somebody wants to ask at a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewQuestion {
    /// At which.
    pub dataset: DatasetId,
    /// The question.
    pub text: String,
}

/// A question at a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// The dataset.
    pub dataset: DatasetId,
    /// Who asked, while that is known; nobody but they and the portal's letters.
    #[serde(skip)]
    pub citizen: Option<CitizenId>,
    /// The question.
    pub text: String,
    /// The publisher's answer.
    pub answer: Option<Answer>,
    /// Why it does not stand in public, if it does not.
    pub hidden: Option<Hidden>,
    /// When it was asked.
    pub created_at: Timestamp,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// When it was given, or last changed.
    pub at: Timestamp,
}

/// Why something does not stand in public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hidden {
    /// Since when.
    pub at: Timestamp,
    /// Why, for everybody.
    pub reason: String,
}

/// What somebody wants to have published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDataRequest {
    /// What it is, in a line.
    pub title: String,
    /// What for, and what it should hold.
    pub reason: String,
    /// Who probably has it.
    pub publisher: Option<PublisherId>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Nobody has answered.
    Open,
    /// A publisher looks into it.
    UnderReview,
    /// A publisher has promised it.
    Planned,
    /// It is published: the request names the dataset.
    Published,
    /// It will not be published; the answer says why.
    Declined,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::UnderReview, Self::Planned, Self::Published, Self::Declined];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UnderReview => "under-review",
            Self::Planned => "planned",
            Self::Published => "published",
            Self::Declined => "declined",
        }
    }

    /// The state that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing further will come of it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Published | Self::Declined)
    }
}

/// A request for data that is not published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataRequest {
    /// Its id.
    pub id: DataRequestId,
    /// Who asked, while that is known.
    #[serde(skip)]
    pub citizen: Option<CitizenId>,
    /// What it is, in a line.
    pub title: String,
    /// What for.
    pub reason: String,
    /// Who probably has it.
    pub publisher: Option<PublisherId>,
    /// Where it stands.
    pub state: RequestState,
    /// How many ask for it, the first one included.
    pub supporters: i64,
    /// The publisher's answer.
    pub answer: Option<Answer>,
    /// The dataset that fulfils it.
    pub dataset: Option<DatasetId>,
    /// Why it does not stand in public, if it does not.
    pub hidden: Option<Hidden>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Whether somebody speaks for a publisher: writes, reviews or manages there, or is an operator. Without a publisher, operators
/// alone do.
///
/// # Errors
/// `Storage` when the database fails.
pub fn may_answer_for(
    tx: &mut Tx<'_>,
    account: &Account,
    publisher: Option<PublisherId>,
) -> Result<bool, CatalogError> {
    let Some(publisher) = publisher else { return Ok(account.role == Role::Operator) };
    let rights = member::rights(tx, &Actor::of(account), publisher)?;
    Ok(rights.writes_as().is_some() || rights.reviews_as().is_some() || rights.manages_as().is_some())
}

/// Whether somebody may hide what stands at a publisher's datasets: its managers, and operators.
///
/// # Errors
/// `Storage` when the database fails.
pub fn may_moderate_for(
    tx: &mut Tx<'_>,
    account: &Account,
    publisher: Option<PublisherId>,
) -> Result<bool, CatalogError> {
    let Some(publisher) = publisher else { return Ok(account.role == Role::Operator) };
    Ok(member::rights(tx, &Actor::of(account), publisher)?.manages_as().is_some())
}

/// Whether somebody may answer a request: who speaks for the publisher that is asked; where none is named, whoever speaks for
/// any, and operators.
///
/// # Errors
/// `Storage` when the database fails.
pub fn may_answer_request(tx: &mut Tx<'_>, account: &Account, request: &DataRequest) -> Result<bool, CatalogError> {
    if request.publisher.is_some() || account.role == Role::Operator {
        return may_answer_for(tx, account, request.publisher);
    }
    Ok(!publishers_of(tx, account)?.is_empty())
}

/// The publishers that somebody speaks for.
///
/// # Errors
/// `Storage` when the database fails.
pub fn publishers_of(tx: &mut Tx<'_>, account: &Account) -> Result<Vec<PublisherId>, CatalogError> {
    /// More bodies than one person works for.
    const MOST: i64 = 1_000;
    let mut own = Vec::new();
    for place in member::list_workplaces(tx, &Actor::of(account), "", MOST)? {
        if may_answer_for(tx, account, Some(place.publisher.id))? {
            own.push(place.publisher.id);
        }
    }
    Ok(own)
}

/// Forgets who asked and supported: what nobody answered goes, what was answered stays without any link.
pub(crate) fn forget(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<(), CatalogError> {
    question::forget(tx, citizen)?;
    request::forget(tx, citizen)
}

//! Questions at a dataset.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use fairground_catalog::account::{Account, Role};
use fairground_catalog::citizen::{self, Act};
use fairground_catalog::conversation::{self, NewQuestion, Question};
use fairground_catalog::{CatalogError, dataset, letter};
use fairground_domain::QuestionId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{AnswerIn, ModerationIn, OpenQuestionList, OpenQuestionOut, QuestionIn, QuestionOut};
use crate::answer::Freshness;
use crate::body::Body;
use crate::caller::{Anyone, Caller, SignedInOnly, Then};
use crate::mail::Tongue;
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;
use crate::watch::{ActOut, CitizenCaller, acting, answer, question_answered, taken};

/// Open questions that a desk shows.
const OPEN_LISTED: i64 = 500;

/// A dataset.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DatasetPath {
    /// The dataset's id or slug.
    dataset: String,
}

/// A question.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct QuestionPath {
    /// The question's id.
    question: String,
}

impl QuestionPath {
    fn id(&self) -> Result<QuestionId, Problem> {
        self.question.parse().map_err(|_| Problem::not_found("question"))
    }
}

/// The questions at a dataset with their answers, newest first. Of a hidden one, that it is and why.
#[utoipa::path(tag = "conversations", params(DatasetPath, PageParams),
               security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Page<QuestionOut>), Problem))]
#[get("/datasets/{dataset}/questions")]
pub(super) async fn list_questions(
    _caller: Anyone,
    path: Path<DatasetPath>,
    page: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = page;
    let (wanted, after) = (page.wanted(), page.after.clone());
    let questions = state
        .read(move |tx| {
            let home = dataset::get_public(tx, &path.dataset)?;
            conversation::list_questions(tx, home.id, after.as_deref(), wanted)
        })
        .await?;
    let (items, next) = page.cut(questions, |question: &Question| question.id.to_string());
    let items = items.into_iter().map(QuestionOut::from).collect();
    page::answer(items, next, Freshness::Revalidated, &req)
}

/// Asks at a dataset, in public and without a name.
///
/// Signed in with a proved address the question stands at once (201). Otherwise a letter goes to `email`, and the question
/// stands when its link is opened (202). The answer is mailed to the address, which is used for nothing else.
#[utoipa::path(tag = "conversations", params(DatasetPath), request_body = QuestionIn,
               security((), ("api_key" = []), ("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = ActOut), (status = ACCEPTED, body = ActOut), Problem))]
#[post("/datasets/{dataset}/questions")]
pub(super) async fn create_question(
    asked: Then<Anyone, Body<QuestionIn>>,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Body(QuestionIn { text, email })) = asked;
    let account = acting(&req, &state).await?;
    let home = state.read(move |tx| dataset::get_public(tx, &path.dataset)).await?;
    let act = Act::Ask(NewQuestion { dataset: home.id, text });
    let done = state.act(&req, account.as_ref(), email.as_deref(), act).await?;
    let (out, is_done) = taken(done);
    Ok(answer(out, is_done))
}

/// Questions without an answer at the datasets of your body; operators see those of all.
#[utoipa::path(tag = "conversations", security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = OpenQuestionList), Problem))]
#[get("/questions")]
pub(super) async fn list_open_questions(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<OpenQuestionList> {
    let account = caller.into_account();
    let open = state
        .read(move |tx| {
            if account.role == Role::Operator {
                return conversation::list_open_questions(tx, None, OPEN_LISTED);
            }
            let own = conversation::publishers_of(tx, &account)?;
            conversation::list_open_questions(tx, Some(&own), OPEN_LISTED)
        })
        .await?;
    Ok(Json(OpenQuestionList { items: open.into_iter().map(OpenQuestionOut::from).collect() }))
}

/// Answers a question at a dataset of your body, or changes the answer. Whoever asked is told by mail, the first time.
#[utoipa::path(tag = "conversations", params(QuestionPath), request_body = AnswerIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = QuestionOut), Problem))]
#[post("/questions/{question}/answer")]
pub(super) async fn answer_question(
    asked: Then<Caller<SignedInOnly>, Body<AnswerIn>>,
    path: Path<QuestionPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<QuestionOut> {
    let Then(caller, Body(AnswerIn { text })) = asked;
    let question = send_answer(&state, caller.account(), path.id()?, text).await?;
    Ok(Json(question.into()))
}

/// Answers a question, and queues the letter to whoever asked in the same transaction.
///
/// # Errors
/// `NotFound` when there is none, `Forbidden` for who does not work for the dataset's publisher; else as the question says.
pub async fn send_answer(
    state: &ApiState,
    account: &Account,
    id: QuestionId,
    text: String,
) -> Result<Question, Problem> {
    let (account, secret, settings) = (account.clone(), state.catalog.secret.clone(), state.settings.clone());
    let answered = state
        .write(move |tx| {
            let (_, home) = conversation::get_question(tx, id)?;
            if !conversation::may_answer_for(tx, &account, home.publisher.as_ref().map(|publisher| publisher.id))? {
                return Err(CatalogError::Forbidden("the dataset belongs to another publisher"));
            }
            let actor = format!("account:{}", account.id);
            let (question, is_first) = conversation::answer_question(tx, id, &text, &actor)?;
            if let Some(asker) = question.citizen.filter(|_| is_first)
                && let Some(to) = citizen::address_of(tx, &secret, asker)?
            {
                let title = home.draft.title.any();
                let tongue = Tongue::of_address(tx, &to, settings.language)?;
                let mail = question_answered(&settings, tongue, &to, &question, home.slug.as_ref(), title);
                letter::enqueue(tx, &secret, mail.into())?;
            }
            Ok(question)
        })
        .await?;
    state.post.wake();
    Ok(answered)
}

/// Hides a question at a dataset of your body with a reason that everybody reads, or shows it again; for managers and operators.
#[utoipa::path(tag = "conversations", params(QuestionPath), request_body = ModerationIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = QuestionOut), Problem))]
#[post("/questions/{question}/moderation")]
pub(super) async fn moderate_question(
    asked: Then<Caller<SignedInOnly>, Body<ModerationIn>>,
    path: Path<QuestionPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<QuestionOut> {
    let Then(caller, Body(wanted)) = asked;
    let (id, actor, account) = (path.id()?, caller.actor(), caller.into_account());
    let question = state
        .write(move |tx| {
            let (_, home) = conversation::get_question(tx, id)?;
            if !conversation::may_moderate_for(tx, &account, home.publisher.as_ref().map(|publisher| publisher.id))? {
                return Err(CatalogError::Forbidden(
                    "managers of the dataset's publisher and operators hide questions",
                ));
            }
            conversation::moderate_question(tx, id, wanted.reason().as_deref(), &actor)
        })
        .await?;
    Ok(Json(question.into()))
}

/// Takes a question of yours back, with its answer.
#[utoipa::path(tag = "conversations", params(QuestionPath),
               security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = NO_CONTENT, description = "It is gone"), Problem))]
#[delete("/questions/{question}")]
pub(super) async fn delete_question(
    caller: CitizenCaller,
    path: Path<QuestionPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (own, id) = (caller.own("question")?, path.id()?);
    state.write(move |tx| conversation::take_back_question(tx, own.id, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

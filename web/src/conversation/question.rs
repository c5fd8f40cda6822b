//! Questions at a dataset.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_api::conversation::send_answer;
use fairground_api::watch::Taken;
use fairground_catalog::citizen::Act;
use fairground_catalog::conversation::{self, NewQuestion, Question};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{DatasetId, QuestionId};
use url::form_urlencoded;

use super::{AskForm, ConversationCard, QuestionPage, QuestionView, QuestionsPage, QuestionsView};
use crate::layout::{Form, Link, PageError, Place, Visit, answer_private_page};
use crate::watch::{is_honey_taken, must_be_of_this_reader, show_sent, told};

/// Questions on a dataset's page.
const ON_CARD: i64 = 3;
/// Questions on a page of their own.
const PAGE_SIZE: i64 = 50;

/// The questions on a dataset's page.
pub(crate) fn card_of(tx: &mut Tx<'_>, id: DatasetId, slug: &str) -> Result<ConversationCard, CatalogError> {
    let most = ON_CARD * 2;
    let mut questions = conversation::list_questions(tx, id, None, most)?;
    let are_all = i64::try_from(questions.len()).is_ok_and(|found| found < most);
    questions.retain(|question| question.hidden.is_none());
    // Few datasets have so many that they must be counted.
    let total = match i64::try_from(questions.len()) {
        Ok(shown) if are_all => shown,
        _ => conversation::count_questions(tx, id)?.0,
    };
    questions.truncate(usize::try_from(ON_CARD).unwrap_or_default());
    Ok(ConversationCard { slug: slug.to_owned(), questions, total: u64::try_from(total).unwrap_or_default() })
}

fn link_to(dataset: &Dataset) -> Link {
    Link::new(dataset.draft.title.any(), format!("/datasets/{}", dataset.slug))
}

pub(super) fn ask_form(visit: &Visit) -> AskForm {
    let account = visit.signed_in.as_ref().map(|signed_in| &signed_in.account);
    AskForm {
        is_known: account.is_some_and(|account| account.email_verified_at.is_some()),
        email: account.map(|account| account.email.clone()).unwrap_or_default(),
        ..AskForm::default()
    }
}

async fn load(visit: &Visit, name: String) -> Result<(QuestionsPage, DatasetId), PageError> {
    let before = form_urlencoded::parse(visit.request.query_string().as_bytes())
        .find(|(name, _)| name == "before")
        .map(|(_, id)| id.into_owned());
    let account = visit.signed_in.as_ref().map(|signed_in| signed_in.account.clone());
    let form = ask_form(visit);
    visit
        .read(move |tx| {
            let home = dataset::get_public(tx, &name)?;
            let mut questions = conversation::list_questions(tx, home.id, before.as_deref(), PAGE_SIZE + 1)?;
            let size = usize::try_from(PAGE_SIZE).unwrap_or_default();
            let more = questions.len() > size;
            questions.truncate(size);
            let publisher = home.publisher.as_ref().map(|publisher| publisher.id);
            let may_answer = match &account {
                Some(account) => conversation::may_answer_for(tx, account, publisher)?,
                None => false,
            };
            let page = QuestionsPage {
                dataset: link_to(&home),
                slug: home.slug.to_string(),
                next: questions.last().filter(|_| more).map(|last: &Question| last.id.to_string()),
                questions,
                may_answer,
                form,
            };
            Ok((page, home.id))
        })
        .await
}

fn show(visit: &Visit, status: StatusCode, page: QuestionsPage) -> HttpResponse {
    visit.finish(Place::Datasets, Ok(page), |frame, page| answer_private_page(status, &QuestionsView { frame, page }))
}

/// Shows the questions at a dataset.
pub(crate) async fn show_questions(visit: Visit, name: web::Path<String>) -> HttpResponse {
    match load(&visit, name.into_inner()).await {
        Ok((page, _)) => show(&visit, StatusCode::OK, page),
        Err(error) => visit.follow(Place::Datasets, Err(error)),
    }
}

/// Asks at a dataset.
pub(crate) async fn ask(visit: Visit, name: web::Path<String>, form: Form) -> HttpResponse {
    if let Err(error) = must_be_of_this_reader(&visit, &form) {
        return visit.follow(Place::Datasets, Err(error));
    }
    let (mut page, dataset) = match load(&visit, name.into_inner()).await {
        Ok(loaded) => loaded,
        Err(error) => return visit.follow(Place::Datasets, Err(error)),
    };
    let back = format!("/datasets/{}/questions", page.slug);
    if is_honey_taken(&form) {
        return show_sent(&visit, Place::Datasets, back);
    }
    page.form.text = form.raw("text").to_owned();
    if !page.form.is_known {
        page.form.email = form.text("email").to_owned();
    }
    let state = &visit.pages.state;
    let account = visit.signed_in.as_ref().map(|signed_in| &signed_in.account);
    let act = Act::Ask(NewQuestion { dataset, text: page.form.text.clone() });
    match state.act(&visit.request, account, Some(&page.form.email), act).await {
        Ok(Taken::Done(_)) => visit.follow(Place::Datasets, Ok(format!("{back}?done=asked"))),
        Ok(Taken::LetterSent) => show_sent(&visit, Place::Datasets, back),
        Err(problem) => match told(&problem) {
            Ok((status, fault)) => {
                page.form.fault = Some(fault);
                show(&visit, status, page)
            }
            Err(error) => visit.follow(Place::Datasets, Err(error)),
        },
    }
}

async fn load_one(visit: &Visit, id: &str) -> Result<QuestionPage, PageError> {
    let id: QuestionId = id.parse().map_err(|_| PageError::NotFound)?;
    let account = visit.signed_in.as_ref().map(|signed_in| signed_in.account.clone());
    visit
        .read(move |tx| {
            let (question, home) = conversation::get_question(tx, id)?;
            let publisher = home.publisher.as_ref().map(|publisher| publisher.id);
            let (may_answer, may_hide) = match &account {
                Some(account) => (
                    conversation::may_answer_for(tx, account, publisher)?,
                    conversation::may_moderate_for(tx, account, publisher)?,
                ),
                None => (false, false),
            };
            let answer = question.answer.as_ref().map(|answer| answer.text.clone()).unwrap_or_default();
            Ok(QuestionPage {
                dataset: link_to(&home),
                // Staff see what is hidden; everybody else that it is and why.
                question: if may_answer { question } else { question.in_public() },
                may_answer,
                may_hide,
                answer,
                fault: None,
            })
        })
        .await
}

/// Shows one question; to staff of its publisher, with the forms to answer and hide it.
pub(crate) async fn show_question(visit: Visit, id: web::Path<String>) -> HttpResponse {
    let loaded = load_one(&visit, &id).await;
    visit.finish(Place::Datasets, loaded, |frame, page| {
        answer_private_page(StatusCode::OK, &QuestionView { frame, page })
    })
}

/// Answers, hides or shows a question.
pub(crate) async fn act_on_question(visit: Visit, id: web::Path<String>, form: Form) -> HttpResponse {
    let account = match visit.acting(&form) {
        Ok(signed_in) => signed_in.account.clone(),
        Err(error) => return visit.follow(Place::Datasets, Err(error)),
    };
    let mut page = match load_one(&visit, &id).await {
        Ok(page) => page,
        Err(error) => return visit.follow(Place::Datasets, Err(error)),
    };
    let (state, id) = (&visit.pages.state, page.question.id);
    let done = match form.text("act") {
        "answer" => {
            page.answer = form.raw("answer").to_owned();
            send_answer(state, &account, id, page.answer.clone()).await.map(drop)
        }
        _ if !page.may_hide => return visit.follow(Place::Datasets, Err(PageError::NotFound)),
        act => {
            let reason = (act == "hide").then(|| form.raw("reason").to_owned());
            let actor = format!("account:{}", account.id);
            state.write(move |tx| conversation::moderate_question(tx, id, reason.as_deref(), &actor)).await.map(drop)
        }
    };
    match done {
        Ok(()) => visit.follow(Place::Datasets, Ok(format!("/questions/{id}?done=saved"))),
        Err(problem) => match told(&problem) {
            Ok((status, fault)) => {
                page.fault = Some(fault);
                visit.finish(Place::Datasets, Ok(page), |frame, page| {
                    answer_private_page(status, &QuestionView { frame, page })
                })
            }
            Err(error) => visit.follow(Place::Datasets, Err(error)),
        },
    }
}

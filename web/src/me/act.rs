//! What one does about one's own account.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_api::caller::{SignedIn, signed_out_cookie};
use fairground_api::problem::Problem;
use fairground_catalog::account::{self, Reproof};
use fairground_domain::SessionId;

use super::{MePage, MeView};
use crate::layout::{Form, Link, Notice, PageError, Place, Visit, answer_private_page, see_other};
use crate::session::{Field, FormPage, ShortForm, go_in, link_token, show, show_again, with_cookie};

/// Shows what is kept about the reader.
pub(crate) async fn show_me(visit: Visit) -> HttpResponse {
    let loaded = load(&visit).await;
    visit.finish(Place::Me, loaded, |frame, page| answer_private_page(StatusCode::OK, &MeView { frame, page }))
}

async fn load(visit: &Visit) -> Result<MePage, PageError> {
    let who = visit.staff()?.clone();
    let state = &visit.pages.state;
    let (account, rules, secret) = (who.account.clone(), state.settings.sessions, state.catalog.secret.clone());
    let data = visit.read(move |tx| account::collect(tx, &secret, &account, &rules)).await?;
    let providers: Vec<(String, Link)> = state
        .federation()
        .list()
        .map(|(slug, title)| {
            let token = link_token(&state.catalog.secret, &who.arriving.token, slug);
            (slug.to_owned(), Link::new(title, format!("/sign-in/{slug}?link={token}")))
        })
        .collect();
    Ok(MePage::new(data, who.arriving.session.id, &providers, visit.language))
}

fn done(notice: Notice) -> String {
    format!("/me?done={}", notice.as_str())
}

/// Ends one session, or all of them.
pub(crate) async fn end_sessions(visit: Visit, form: Form) -> HttpResponse {
    let who = match visit.acting(&form) {
        Ok(who) => who.clone(),
        Err(error) => return visit.follow(Place::Me, Err(error)),
    };
    let account = who.account.id;
    let Some(id) = Some(form.text("session")).filter(|id| !id.is_empty()) else {
        let ended = visit.write(move |tx| account::end_all_sessions(tx, account, None)).await;
        let is_out = ended.is_ok();
        let to = ended.map(|_| format!("/?done={}", Notice::SignedOut.as_str()));
        let answer = visit.follow(Place::Me, to);
        return if is_out { with_cookie(answer, &signed_out_cookie(&visit.pages.state.settings)) } else { answer };
    };
    let ended = match id.parse::<SessionId>() {
        Ok(id) => visit.write(move |tx| account::end_session(tx, account, id)).await,
        Err(_) => Err(PageError::NotFound),
    };
    visit.follow(Place::Me, ended.map(|()| done(Notice::SessionEnded)))
}

/// Takes an identity away; what forbids it is said on the page.
pub(crate) async fn unlink(visit: Visit, form: Form) -> HttpResponse {
    let unlinked = match visit.acting(&form) {
        Ok(who) => {
            let (account, provider) = (who.account.id, form.text("provider").to_owned());
            visit.write(move |tx| account::unlink_identity(tx, account, &provider)).await
        }
        Err(error) => Err(error),
    };
    visit.follow(Place::Me, unlinked.map(|()| done(Notice::IdentityUnlinked)))
}

/// The fields by which somebody proves again who they are, as far as the account has them.
async fn proof_fields(visit: &Visit, who: &SignedIn) -> Result<Vec<Field>, PageError> {
    let account = who.account.id;
    let factor = visit.read(move |tx| account::find_factor(tx, account)).await?;
    let mut fields = Vec::new();
    if who.account.has_password {
        fields.push(Field { label: "me-present-password", ..Field::password() });
    }
    if factor.is_some_and(|factor| factor.confirmed_at.is_some()) {
        fields.push(Field::code());
    }
    Ok(fields)
}

fn proof(form: &Form) -> Reproof {
    Reproof { password: form.raw("password").to_owned(), code: form.text("code").to_owned() }
}

/// What a page is made of that asks for a proof.
struct Asking {
    title: &'static str,
    lead: &'static str,
    form: ShortForm,
}

async fn asking_page(visit: &Visit, asking: Asking) -> Result<FormPage, PageError> {
    let who = visit.staff()?;
    let mut fields = proof_fields(visit, who).await?;
    fields.extend(asking.form.fields);
    let form = ShortForm { fields, hidden: vec![("csrf", who.csrf_token.clone())], ..asking.form };
    Ok(FormPage::new(asking.title, asking.lead).with(form).link("me-back", "/me"))
}

async fn show_asking(visit: Visit, asking: Asking) -> HttpResponse {
    match asking_page(&visit, asking).await {
        Ok(page) => show(&visit, StatusCode::OK, page),
        Err(error) => visit.follow(Place::Me, Err(error)),
    }
}

/// The form again, with what was wrong.
async fn ask_again(visit: &Visit, problem: &Problem, asking: Asking) -> HttpResponse {
    match asking_page(visit, asking).await {
        Ok(page) => show_again(visit, problem, page),
        Err(error) => visit.follow(Place::Me, Err(error)),
    }
}

fn password_page() -> Asking {
    Asking {
        title: "me-change-password",
        lead: "me-signed-out-elsewhere",
        form: ShortForm {
            action: "/me/password".to_owned(),
            button: "session-change-password",
            fields: vec![Field::new_password()],
            ..ShortForm::default()
        },
    }
}

/// Shows the form for another password.
pub(crate) async fn show_password(visit: Visit) -> HttpResponse {
    show_asking(visit, password_page()).await
}

/// Changes the password.
pub(crate) async fn change_password(visit: Visit, form: Form) -> HttpResponse {
    let who = match visit.acting(&form) {
        Ok(who) => who.clone(),
        Err(error) => return visit.follow(Place::Me, Err(error)),
    };
    let (state, new) = (&visit.pages.state, form.raw("new-password").to_owned());
    match state.change_password(&visit.request, &who.arriving, proof(&form), new).await {
        Ok(session) => go_in(&visit, &session, &done(Notice::PasswordChanged)),
        Err(problem) => ask_again(&visit, &problem, password_page()).await,
    }
}

fn remove_page() -> Asking {
    Asking {
        title: "me-remove-factor",
        lead: "me-remove-factor-lead",
        form: ShortForm {
            action: "/me/second-factor/remove".to_owned(),
            button: "me-remove",
            is_grave: true,
            ..ShortForm::default()
        },
    }
}

/// Shows the form that takes the second factor away.
pub(crate) async fn show_remove_factor(visit: Visit) -> HttpResponse {
    show_asking(visit, remove_page()).await
}

/// Takes the second factor away.
pub(crate) async fn remove_factor(visit: Visit, form: Form) -> HttpResponse {
    let who = match visit.acting(&form) {
        Ok(who) => who.clone(),
        Err(error) => return visit.follow(Place::Me, Err(error)),
    };
    match visit.pages.state.remove_second_factor(&visit.request, &who.arriving, proof(&form)).await {
        Ok(()) => see_other(&done(Notice::FactorRemoved)),
        Err(problem) => ask_again(&visit, &problem, remove_page()).await,
    }
}

fn erase_page() -> Asking {
    Asking {
        title: "me-erase",
        lead: "me-erase-lead",
        form: ShortForm {
            action: "/me/erase".to_owned(),
            button: "me-erase-mine",
            is_grave: true,
            ..ShortForm::default()
        },
    }
}

/// Shows the form that erases the reader's account.
pub(crate) async fn show_erase(visit: Visit) -> HttpResponse {
    show_asking(visit, erase_page()).await
}

/// Erases the reader's account.
pub(crate) async fn erase(visit: Visit, form: Form) -> HttpResponse {
    let who = match visit.acting(&form) {
        Ok(who) => who.clone(),
        Err(error) => return visit.follow(Place::Me, Err(error)),
    };
    let state = &visit.pages.state;
    match state.erase_person(&visit.request, &who.arriving, proof(&form)).await {
        Ok(_) => {
            let to = format!("/?done={}", Notice::AccountErased.as_str());
            with_cookie(see_other(&to), &signed_out_cookie(&state.settings))
        }
        Err(problem) => ask_again(&visit, &problem, erase_page()).await,
    }
}

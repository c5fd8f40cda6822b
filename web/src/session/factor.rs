//! The second factor: passing it, setting it up, and the recovery codes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_api::caller::{Arriving, find_arriving};
use fairground_catalog::account::{self, Enrolment, Stage};
use qrcode::{Color, QrCode};

use super::act::wanted_next;
use super::form::{Field, FormPage, ShortForm, page_error, show, show_again};
use super::{go_in, safe_next, with_cookie};
use crate::layout::{Form, PageError, Place, Visit};

/// Light modules around the picture (ISO/IEC 18004, section 9.1).
const QUIET: usize = 4;

/// Who is on the way in, or in, at one of these stages.
async fn arriving(visit: &Visit, stages: &[Stage]) -> Result<Arriving, PageError> {
    let found = find_arriving(&visit.request, &visit.pages.state).await.map_err(|problem| page_error(&problem))?;
    found.filter(|arriving| stages.contains(&arriving.session.stage)).ok_or(PageError::SignInNeeded)
}

/// The same for an act: the form must carry the session's token.
async fn acting(visit: &Visit, form: &Form, stages: &[Stage]) -> Result<Arriving, PageError> {
    visit.must_be_our_form()?;
    let found = arriving(visit, stages).await?;
    if found.is_csrf_token(form.text("csrf")) {
        return Ok(found);
    }
    Err(PageError::Forbidden("The form is too old. Go back, reload the page and try again."))
}

fn pass_page(arriving: &Arriving, next: &str) -> FormPage {
    FormPage::new("session-factor-title", "session-factor-lead").with(ShortForm {
        action: "/sign-in/second-factor".to_owned(),
        button: "layout-sign-in",
        hidden: vec![("csrf", arriving.csrf_token.clone()), ("next", next.to_owned())],
        fields: vec![Field::code()],
        ..ShortForm::default()
    })
}

/// Asks for a code.
pub(crate) async fn show_pass_factor(visit: Visit) -> HttpResponse {
    match arriving(&visit, &[Stage::SecondFactor]).await {
        Ok(arriving) => show(&visit, StatusCode::OK, pass_page(&arriving, &wanted_next(&visit))),
        Err(error) => visit.follow(Place::Session, Err(error)),
    }
}

/// Passes the second factor and goes in.
pub(crate) async fn pass_factor(visit: Visit, form: Form) -> HttpResponse {
    let arriving = match acting(&visit, &form, &[Stage::SecondFactor]).await {
        Ok(arriving) => arriving,
        Err(error) => return visit.follow(Place::Session, Err(error)),
    };
    let next = form.text("next").to_owned();
    let code = form.text("code").to_owned();
    match visit.pages.state.pass_second_factor(&visit.request, &arriving, code).await {
        Ok(session) => go_in(&visit, &session, &next),
        Err(problem) => show_again(&visit, &problem, pass_page(&arriving, &next)),
    }
}

const ENROLS: [Stage; 2] = [Stage::Open, Stage::Enrolment];

fn intro_page(arriving: &Arriving, next: &str) -> FormPage {
    let lead = match arriving.session.stage {
        Stage::Enrolment => "session-factor-role-lead",
        Stage::Open | Stage::SecondFactor => "session-factor-open-lead",
    };
    FormPage::new("session-factor-set-up", lead).with(ShortForm {
        action: "/me/second-factor".to_owned(),
        button: "session-begin",
        hidden: vec![("csrf", arriving.csrf_token.clone()), ("next", next.to_owned()), ("act", "begin".to_owned())],
        ..ShortForm::default()
    })
}

fn enrolment_page(arriving: &Arriving, enrolment: &Enrolment, next: &str) -> FormPage {
    let (width, path) = picture(&enrolment.uri).unwrap_or_default();
    let mut page = FormPage::new("session-factor-set-up", "session-factor-scan").with(ShortForm {
        action: "/me/second-factor".to_owned(),
        button: "session-factor-use",
        text: "session-factor-then",
        hidden: vec![("csrf", arriving.csrf_token.clone()), ("next", next.to_owned()), ("act", "confirm".to_owned())],
        fields: vec![Field { hint: "session-six-digits", ..Field::code() }],
        ..ShortForm::default()
    });
    page.enrolment = Some((grouped(&enrolment.secret), width, path));
    page
}

/// A secret in groups of four, for typing.
fn grouped(secret: &str) -> String {
    let mut text = String::new();
    for (place, letter) in secret.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// The QR code of a text: its width in modules, and its dark modules as a path.
fn picture(text: &str) -> Option<(usize, String)> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let side = code.width();
    let mut path = String::new();
    for (place, colour) in code.to_colors().into_iter().enumerate() {
        if colour == Color::Dark {
            let (x, y) = (place % side + QUIET, place / side + QUIET);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some((side + 2 * QUIET, path))
}

/// Shows what a second factor is, with the button that begins it.
pub(crate) async fn show_factor(visit: Visit) -> HttpResponse {
    match arriving(&visit, &ENROLS).await {
        Ok(arriving) => show(&visit, StatusCode::OK, intro_page(&arriving, &wanted_next(&visit))),
        Err(error) => visit.follow(Place::Session, Err(error)),
    }
}

/// Begins to set up a second factor, or takes it into use.
pub(crate) async fn act_on_factor(visit: Visit, form: Form) -> HttpResponse {
    let arriving = match acting(&visit, &form, &ENROLS).await {
        Ok(arriving) => arriving,
        Err(error) => return visit.follow(Place::Session, Err(error)),
    };
    let next = form.text("next").to_owned();
    if form.text("act") == "confirm" {
        confirm(&visit, &form, &arriving, &next).await
    } else {
        begin(&visit, &arriving, &next).await
    }
}

async fn begin(visit: &Visit, arriving: &Arriving, next: &str) -> HttpResponse {
    match visit.pages.state.begin_second_factor(arriving).await {
        Ok(enrolment) => show(visit, StatusCode::OK, enrolment_page(arriving, &enrolment, next)),
        Err(problem) => show_again(visit, &problem, intro_page(arriving, next)),
    }
}

async fn confirm(visit: &Visit, form: &Form, arriving: &Arriving, next: &str) -> HttpResponse {
    let state = &visit.pages.state;
    let confirmed = state.confirm_second_factor(&visit.request, arriving, form.text("code").to_owned()).await;
    let problem = match confirmed {
        Ok((session, codes)) => {
            let mut page = FormPage::new("session-factor-in-use", "session-recovery-lead");
            page.codes = codes;
            let to = if next.is_empty() { "/me" } else { safe_next(next) };
            return with_cookie(
                show(visit, StatusCode::OK, page.link("session-go-on", to)),
                &state.cookie_of(&session),
            );
        }
        Err(problem) => problem,
    };
    let (secret, issuer) = (state.catalog.secret.clone(), state.settings.title.clone());
    let account = arriving.session.account.clone();
    match visit.read(move |tx| account::find_enrolment(tx, &secret, &account, &issuer)).await {
        Ok(Some(enrolment)) => show_again(visit, &problem, enrolment_page(arriving, &enrolment, next)),
        Ok(None) => show_again(visit, &problem, intro_page(arriving, next)),
        Err(error) => visit.follow(Place::Session, Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_as_text_and_as_a_picture() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
        let (width, path) = picture("otpauth://totp/x?secret=ABCDEFGH").expect("fits");
        assert!(width > 25 && path.starts_with("M4 4h1v1h-1z"), "{width} {path}");
    }
}

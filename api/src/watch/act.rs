//! What citizens do, for handlers here and pages elsewhere: at once where the address is proved, else after a letter.

use actix_web::HttpRequest;
use fairground_catalog::account::Account;
use fairground_catalog::citizen::{self, Act, Citizen, Done};
use fairground_catalog::letter;

use super::letters;
use crate::harvest::{check_webhook, new_webhook_secret};
use crate::mail::Tongue;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::state::{ApiState, MAIL_WINDOW};

/// What became of an act.
#[derive(Debug)]
pub enum Taken {
    /// It is done.
    Done(Box<(Citizen, Done)>),
    /// A letter is on its way; its link does it.
    LetterSent,
}

/// A web address that may not be called, in words that follow its name.
#[derive(Debug, thiserror::Error)]
#[error("the web address {0}")]
pub struct WebhookFault(pub String);

/// A web address that was judged, and a new secret to sign its calls with.
///
/// # Errors
/// When the address may not be called, or no secret could be made.
pub fn webhook(state: &ApiState, address: &str) -> Result<(String, String), WebhookFault> {
    let address = address.trim();
    check_webhook(address, &state.settings.reach).map_err(WebhookFault)?;
    let secret = new_webhook_secret().map_err(|error| WebhookFault(error.to_string()))?;
    Ok((address.to_owned(), secret))
}

impl From<WebhookFault> for Problem {
    fn from(fault: WebhookFault) -> Self {
        Self::new(ProblemKind::InvalidContent).errors(vec![Fault::at("/webhook_url", fault.0)])
    }
}

impl ApiState {
    /// Does what somebody wants who is signed in with a proved address; otherwise sends a letter to `email`, whose link does it.
    ///
    /// # Errors
    /// `InvalidContent` without an address or for an act that cannot be done, `NotFound` for what is not there,
    /// `TooManyAttempts` when too many letters were asked for from there or the address has had enough of them today.
    pub async fn act(
        &self,
        req: &HttpRequest,
        account: Option<&Account>,
        email: Option<&str>,
        act: Act,
    ) -> Result<Taken, Problem> {
        let secret = self.catalog.secret.clone();
        let proved = account.filter(|account| account.email_verified_at.is_some()).map(|account| account.email.clone());
        if let Some(own) = proved {
            let done = self.write(move |tx| citizen::act(tx, &secret, &own, act)).await?;
            return Ok(Taken::Done(Box::new(done)));
        }
        let given = email.map(str::trim).filter(|email| !email.is_empty()).map(str::to_owned);
        let email = given.or_else(|| account.map(|account| account.email.clone())).ok_or_else(|| {
            let fault = Fault::at("/email", "Is needed: a letter confirms that the address is yours.");
            Problem::new(ProblemKind::InvalidContent).errors(vec![fault])
        })?;
        self.may_ask_for_letter(req)?;
        if !self.may_write_to(&email) {
            return Err(Problem::new(ProblemKind::TooManyAttempts)
                .detail("That address has had enough letters from this portal today.")
                .retry_after(MAIL_WINDOW.as_secs()));
        }
        let settings = self.settings.clone();
        let asked = Tongue::asked_by(req).unwrap_or(settings.language);
        self.write(move |tx| {
            let tongue = Tongue::of_address(tx, &email, asked)?;
            let letter = letters::about(tx, tongue, &act)?;
            let (to, token) = citizen::begin(tx, &secret, &email, act)?;
            letter::enqueue(tx, &secret, letters::confirmation(&settings, tongue, &to, &token, &letter).into())?;
            Ok(())
        })
        .await?;
        self.post.wake();
        Ok(Taken::LetterSent)
    }

    /// Does what waited for its address to be confirmed.
    ///
    /// # Errors
    /// `NotFound` when the link is spent; else as the act says.
    pub async fn confirm_act(&self, token: &str) -> Result<(Citizen, Done), Problem> {
        let (secret, token) = (self.catalog.secret.clone(), token.trim().to_owned());
        self.write(move |tx| citizen::confirm(tx, &secret, &token)).await
    }
}

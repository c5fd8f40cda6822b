//! What letters about accounts say, and how they go out.

use std::sync::Arc;

use fairground_catalog::account::{LINK_SECS, Letter, LetterKind};
use fairground_catalog::letter;
use fairground_catalog::{CatalogError, Tx};

use crate::mail::Mail;
use crate::problem::Problem;
use crate::settings::ApiSettings;
use crate::state::ApiState;

const MINUTE_SECS: i64 = 60;

impl ApiState {
    /// Does what needs a letter and queues it in the same transaction. Whether it is sent is not told: an address gets only so
    /// many a day.
    ///
    /// # Errors
    /// What `work` says, as a problem.
    pub async fn write_letter(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Letter, CatalogError> + Send + 'static,
    ) -> Result<(), Problem> {
        let (letters, secret, settings) = (self.mails.clone(), self.catalog.secret.clone(), Arc::clone(&self.settings));
        self.write(move |tx| {
            let mail = mail(&settings, &work(tx)?);
            if letters.take(&mail.to) {
                letter::enqueue(tx, &secret, mail.into())?;
            } else {
                tracing::warn!("A letter was not sent: its address has had enough of them today");
            }
            Ok(())
        })
        .await?;
        self.post.wake();
        Ok(())
    }
}

/// The letter as it is sent.
fn mail(settings: &ApiSettings, letter: &Letter) -> Mail {
    let (title, url, token) = (&settings.title, &settings.public_url, &letter.token);
    let minutes = LINK_SECS / MINUTE_SECS;
    let (subject, text) = match letter.kind {
        LetterKind::Register => (
            "finish your registration",
            format!(
                "Somebody, we hope you, wants to register this address at {title}.\n\nThis link leads on, once, within \
                 {minutes} minutes:\n\n{url}/register/confirm?token={token}\n\nIf it was not you, ignore this letter: \
                 nothing has been kept."
            ),
        ),
        LetterKind::AlreadyRegistered => (
            "you have an account",
            format!(
                "Somebody, perhaps you, tried to register this address at {title}. It has an account already.\n\nSign in: \
                 {url}/sign-in\nA new password: {url}/forgotten-password\n\nIf it was not you, ignore this letter: nothing \
                 has changed."
            ),
        ),
        LetterKind::ResetPassword => (
            "choose a new password",
            format!(
                "Somebody, we hope you, asked for a new password at {title}.\n\nThis link leads on, once, within {minutes} \
                 minutes:\n\n{url}/forgotten-password/new?token={token}\n\nIf it was not you, ignore this letter: your \
                 password stays as it is."
            ),
        ),
        LetterKind::NoAccount => (
            "no account with this address",
            format!(
                "Somebody, perhaps you, asked for a new password at {title}. There is no account with this \
                 address.\n\nRegister: {url}/register\n\nIf it was not you, ignore this letter: nothing has been kept."
            ),
        ),
        LetterKind::AdoptIdentity => (
            "confirm your address",
            format!(
                "Somebody, we hope you, came to {title} from another service and wants to go on with this address.\n\nOpen \
                 this link in the same browser, within {minutes} minutes:\n\n{url}/sign-in/identity-link?token={token}\n\nIf \
                 it was not you, do not open it. Nothing has changed."
            ),
        ),
    };
    Mail { to: letter.email.clone(), subject: format!("{title}: {subject}"), text }
}

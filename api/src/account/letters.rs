//! What letters about accounts say, and how they go out.

use std::sync::Arc;

use actix_web::HttpRequest;
use fairground_catalog::account::{LINK_SECS, Letter, LetterKind};
use fairground_catalog::letter;
use fairground_catalog::{CatalogError, Tx};

use crate::mail::{Mail, Tongue};
use crate::problem::Problem;
use crate::settings::ApiSettings;
use crate::state::ApiState;

const MINUTE_SECS: i64 = 60;

impl ApiState {
    /// Does what needs a letter and queues it in the same transaction, in the reader's language. Whether it is sent is not told: an address gets only so
    /// many a day.
    ///
    /// # Errors
    /// What `work` says, as a problem.
    pub async fn write_letter(
        &self,
        req: &HttpRequest,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Letter, CatalogError> + Send + 'static,
    ) -> Result<(), Problem> {
        let asked = Tongue::asked_by(req).unwrap_or(self.settings.language);
        let (letters, secret, settings) = (self.mails.clone(), self.catalog.secret.clone(), Arc::clone(&self.settings));
        self.write(move |tx| {
            let letter = work(tx)?;
            let mail = mail(&settings, Tongue::of_address(tx, &letter.email, asked)?, &letter);
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
fn mail(settings: &ApiSettings, tongue: Tongue, letter: &Letter) -> Mail {
    let (title, url) = (settings.title.as_str(), settings.public_url.as_str());
    let minutes = (LINK_SECS / MINUTE_SECS).to_string();
    let (subject, text) = match letter.kind {
        LetterKind::Register => ("letter-register-subject", "letter-register"),
        LetterKind::AlreadyRegistered => ("letter-known-subject", "letter-known"),
        LetterKind::ResetPassword => ("letter-password-subject", "letter-password"),
        LetterKind::NoAccount => ("letter-unknown-subject", "letter-unknown"),
        LetterKind::AdoptIdentity => ("letter-adopt-subject", "letter-adopt"),
    };
    let arguments = [("title", title), ("url", url), ("token", letter.token.as_str()), ("minutes", minutes.as_str())];
    Mail { to: letter.email.clone(), subject: tongue.subject(title, subject, &[]), text: tongue.say(text, &arguments) }
}

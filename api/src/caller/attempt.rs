//! Acts by which somebody could guess: counted beforehand, by whom they are about and by where they come from.

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web;
use fairground_catalog::CatalogError;
use fairground_catalog::account::Entry;
use fairground_domain::Timestamp;

use super::device;
use super::session::cookie_token;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

impl ApiState {
    /// Where a request comes from, as the throttle counts it: an opaque number, which changes daily and is not stored.
    #[must_use]
    pub fn place_of(&self, req: &HttpRequest) -> String {
        let peer = req.peer_addr().map(|peer| peer.ip());
        format!("place {}", self.gate.place(peer, req.headers(), Timestamp::now()).number())
    }

    /// Under which circumstances a request signs in.
    #[must_use]
    pub fn entry(&self, req: &HttpRequest) -> Entry {
        let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Entry {
            rules: self.settings.sessions,
            second_factor_required: self.settings.second_factor_required,
            device: device::describe(agent),
            replaces: cookie_token(req),
        }
    }

    /// Does what could be a guess about somebody (`who`: an address, an account's id), on a thread that may block, unless there
    /// were too many wrong ones lately, about them or from there. A right one forgives the wrong ones before it.
    ///
    /// # Errors
    /// `TooManyAttempts`; else what `guess` says.
    pub async fn attempt<T: Send + 'static>(
        &self,
        req: &HttpRequest,
        who: &str,
        guess: impl FnOnce() -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (who, place) = (format!("who {}", who.trim().to_lowercase()), self.place_of(req));
        if !self.sign_ins.take(&place) {
            return Err(self.too_many());
        }
        if !self.sign_ins.take(&who) {
            self.sign_ins.give_back(&place);
            return Err(self.too_many());
        }
        let done = web::block(guess).await?;
        if is_wrong_guess(&done) {
            return Ok(done?);
        }
        self.sign_ins.give_back(&place);
        match &done {
            Ok(_) => self.sign_ins.forgive(&who),
            Err(_) => self.sign_ins.give_back(&who),
        }
        self.catalog.announce();
        Ok(done?)
    }

    fn too_many(&self) -> Problem {
        Problem::new(ProblemKind::TooManyAttempts).retry_after(self.sign_ins.window().as_secs())
    }

    /// Whether a letter to an address may be asked for from here. Whether it is sent is not said: an address gets only so many
    /// letters a day, whoever asks for them.
    ///
    /// # Errors
    /// `TooManyAttempts` when too many were asked for from here.
    pub fn may_ask_for_letter(&self, req: &HttpRequest) -> Result<(), Problem> {
        if self.letters_asked.take(&self.place_of(req)) {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::TooManyAttempts).retry_after(self.letters_asked.window().as_secs()))
    }
}

/// Whether what was shown was not the right thing.
fn is_wrong_guess<T>(done: &Result<T, CatalogError>) -> bool {
    match done {
        Ok(_) => false,
        Err(CatalogError::WrongCredentials) => true,
        Err(CatalogError::Invalid { field, .. }) => *field == "code",
        Err(CatalogError::NotFound { what, .. }) => *what == "link",
        Err(_) => false,
    }
}

//! What pages and API do alike: signing in and what belongs to it, each through the one throttle.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use fairground_catalog::CatalogError;
use fairground_catalog::account::{
    self, Enrolment, Erased, Reproof, Session, Stage, adopt_with_link, adopt_with_password, request_password_reset,
    request_registration, send_adoption_link,
};
use fairground_domain::{AccountId, Timestamp};

use crate::caller::{Arriving, session_cookie};
use crate::mail::Tongue;
use crate::problem::{Problem, ProblemKind};
use crate::state::ApiState;

/// What is said when another way to sign in is to be added long after signing in.
const STALE: &str = "Sign out and in again first: your sign-in is too long ago.";
/// Most bytes of a text that is looked at as a link's token; they have 64.
const MAX_TOKEN_BYTES: usize = 200;

impl ApiState {
    /// The cookie of a session that has begun.
    #[must_use]
    pub fn cookie_of(&self, session: &Session) -> Cookie<'static> {
        let secs = session.expires_at.as_secs() - Timestamp::now().as_secs();
        session_cookie(&self.settings, &session.token, secs)
    }

    /// Begins a session by password.
    ///
    /// # Errors
    /// `SignInFailed`, `TooManyAttempts`.
    pub async fn sign_in(&self, req: &HttpRequest, email: &str, password: String) -> Result<Session, Problem> {
        let (db, secret, entry) = (self.catalog.db.clone(), self.catalog.secret.clone(), self.entry(req));
        let address = email.to_owned();
        self.attempt(req, email, move || account::sign_in(&db, &secret, &address, &password, &entry)).await
    }

    /// Goes on in an open session after the second factor.
    ///
    /// # Errors
    /// `SignInFailed`, `TooManyAttempts`.
    pub async fn pass_second_factor(
        &self,
        req: &HttpRequest,
        arriving: &Arriving,
        code: String,
    ) -> Result<Session, Problem> {
        if arriving.session.stage != Stage::SecondFactor {
            return Err(Problem::new(ProblemKind::SignInRequired));
        }
        let (db, secret, entry) = (self.catalog.db.clone(), self.catalog.secret.clone(), self.entry(req));
        let (account, token) = (arriving.session.account.clone(), arriving.token.clone());
        let who = factor_subject(account.id);
        self.attempt(req, &who, move || {
            db.write(|tx| {
                if !account::pass_factor(tx, &secret, account.id, &code)? {
                    return Err(CatalogError::WrongCredentials);
                }
                account::rotate(tx, &secret, &account, &token, &entry)
            })
        })
        .await
    }

    /// Begins to set up a second factor.
    ///
    /// # Errors
    /// `Conflict` when there is one; `Forbidden` when the sign-in is too long ago.
    pub async fn begin_second_factor(&self, arriving: &Arriving) -> Result<Enrolment, Problem> {
        if arriving.session.stage == Stage::Open && !arriving.is_fresh() {
            return Err(Problem::new(ProblemKind::Forbidden).detail(STALE));
        }
        let (secret, issuer) = (self.catalog.secret.clone(), self.settings.title.clone());
        let account = arriving.session.account.clone();
        self.write(move |tx| account::begin_factor(tx, &secret, &account, &issuer)).await
    }

    /// Takes a second factor into use; goes on in a new, open session, and ends all others. Gives the recovery codes with it.
    ///
    /// # Errors
    /// `InvalidContent` when the code is wrong, `Conflict` when none was begun, `TooManyAttempts`.
    pub async fn confirm_second_factor(
        &self,
        req: &HttpRequest,
        arriving: &Arriving,
        code: String,
    ) -> Result<(Session, Vec<String>), Problem> {
        let (db, secret, entry) = (self.catalog.db.clone(), self.catalog.secret.clone(), self.entry(req));
        let (account, token) = (arriving.session.account.clone(), arriving.token.clone());
        let who = factor_subject(account.id);
        self.attempt(req, &who, move || {
            db.write(|tx| {
                let codes = account::confirm_factor(tx, &secret, account.id, &code)?;
                account::end_all_sessions(tx, account.id, None)?;
                Ok((account::rotate(tx, &secret, &account, &token, &entry)?, codes))
            })
        })
        .await
    }

    /// Proves again who somebody is who is signed in; then does what was asked for.
    ///
    /// # Errors
    /// `SignInFailed`, `Forbidden` (the sign-in is too long ago), `TooManyAttempts`; else what `act` says.
    pub async fn after_proof<T: Send + 'static>(
        &self,
        req: &HttpRequest,
        arriving: &Arriving,
        proof: Reproof,
        act: impl FnOnce(&fairground_catalog::Catalog, &Arriving) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, Problem> {
        let (catalog, arriving) = (self.catalog.clone(), arriving.clone());
        let who = factor_subject(arriving.session.account.id);
        self.attempt(req, &who, move || {
            account::prove_again(&catalog.db, &catalog.secret, &arriving.session, &proof)?;
            act(&catalog, &arriving)
        })
        .await
    }

    /// Changes the password of somebody who is signed in: their other sessions end, this one goes on under a new token.
    ///
    /// # Errors
    /// As [`Self::after_proof`]; `InvalidContent` when the new password must not be used.
    pub async fn change_password(
        &self,
        req: &HttpRequest,
        arriving: &Arriving,
        proof: Reproof,
        new_password: String,
    ) -> Result<Session, Problem> {
        let (rules, entry) = (self.settings.password_rules.clone(), self.entry(req));
        // Judged first, so that a code of the second factor is not used up for a password that is refused.
        rules.check(&new_password, &arriving.session.account.email)?;
        self.after_proof(req, arriving, proof, move |catalog, arriving| {
            let (account, token) = (&arriving.session.account, &arriving.token);
            account::change_password(&catalog.db, &catalog.secret, account, token, &new_password, &rules, &entry)
        })
        .await
    }

    /// Takes the second factor away; other sessions end.
    ///
    /// # Errors
    /// As [`Self::after_proof`].
    pub async fn remove_second_factor(
        &self,
        req: &HttpRequest,
        arriving: &Arriving,
        proof: Reproof,
    ) -> Result<(), Problem> {
        self.after_proof(req, arriving, proof, |catalog, arriving| {
            catalog.db.write(|tx| {
                account::remove_factor(tx, arriving.session.account.id)?;
                account::end_all_sessions(tx, arriving.session.account.id, Some(arriving.session.id))?;
                Ok(())
            })
        })
        .await
    }

    /// Erases somebody who is signed in.
    ///
    /// # Errors
    /// As [`Self::after_proof`]; `Conflict` for the portal's only operator.
    pub async fn erase_person(
        &self,
        req: &HttpRequest,
        arriving: &Arriving,
        proof: Reproof,
    ) -> Result<Erased, Problem> {
        let keys = std::sync::Arc::clone(&self.keys);
        self.after_proof(req, arriving, proof, move |catalog, arriving| {
            let account = &arriving.session.account;
            let actor = format!("account:{}", account.id);
            let erased = catalog.db.write(|tx| account::erase(tx, &catalog.secret, account, &actor))?;
            keys.catch_up()?;
            Ok(erased)
        })
        .await
    }

    /// Asks to register an address; says the same whether or not it has an account.
    ///
    /// # Errors
    /// `InvalidContent` for what is no address; `TooManyAttempts`.
    pub async fn ask_to_register(&self, req: &HttpRequest, email: &str) -> Result<(), Problem> {
        self.may_ask_for_letter(req)?;
        let (secret, email) = (self.catalog.secret.clone(), email.to_owned());
        self.write_letter(req, move |tx| request_registration(tx, &secret, &email)).await
    }

    /// Asks for a new password; says the same whether or not the address has an account.
    ///
    /// # Errors
    /// `InvalidContent` for what is no address; `TooManyAttempts`.
    pub async fn ask_for_password(&self, req: &HttpRequest, email: &str) -> Result<(), Problem> {
        self.may_ask_for_letter(req)?;
        let (secret, email) = (self.catalog.secret.clone(), email.to_owned());
        self.write_letter(req, move |tx| request_password_reset(tx, &secret, &email)).await
    }

    /// Makes the account of a registration's link.
    ///
    /// # Errors
    /// `NotFound` when the link is spent; `InvalidContent`; `TooManyAttempts`.
    pub async fn register(
        &self,
        req: &HttpRequest,
        token: &str,
        name: String,
        password: String,
    ) -> Result<Session, Problem> {
        let (catalog, entry) = (self.catalog.clone(), self.entry(req));
        let (token, rules) = (token_text(token)?, self.settings.password_rules.clone());
        let who = format!("link {token}");
        let made = self.attempt(req, &who, move || {
            account::confirm_registration(&catalog.db, &catalog.secret, &token, &name, &password, &rules, &entry)
        });
        let session = made.await?;
        if let Some(tongue) = Tongue::asked_by(req) {
            let account = session.account.id;
            self.write(move |tx| account::set_language(tx, account, &tongue.tag())).await?;
        }
        Ok(session)
    }

    /// Gives the account of a link a new password.
    ///
    /// # Errors
    /// `NotFound` when the link is spent; `InvalidContent`; `TooManyAttempts`.
    pub async fn reset_password(&self, req: &HttpRequest, token: &str, password: String) -> Result<(), Problem> {
        let catalog = self.catalog.clone();
        let (token, rules) = (token_text(token)?, self.settings.password_rules.clone());
        let who = format!("link {token}");
        self.attempt(req, &who, move || {
            account::reset_password(&catalog.db, &catalog.secret, &token, &password, &rules)
        })
        .await
    }

    /// The address of the account that a waiting identity may belong to, if its provider vouches for one.
    ///
    /// # Errors
    /// `NotFound` when nothing waits in this browser.
    pub async fn find_waiting(&self, token: &str, browser: &str) -> Result<Option<String>, Problem> {
        let (secret, token, browser) = (self.catalog.secret.clone(), token_text(token)?, browser.to_owned());
        self.read(move |tx| account::find_waiting(tx, &secret, &token, &browser)).await
    }

    /// Proves by password that a waiting identity belongs to an account here, and signs in.
    ///
    /// # Errors
    /// `NotFound` when nothing waits in this browser; `SignInFailed`, `Forbidden`, `TooManyAttempts`.
    pub async fn adopt_by_password(
        &self,
        req: &HttpRequest,
        token: &str,
        browser: String,
        proof: Reproof,
    ) -> Result<Session, Problem> {
        let (catalog, entry, token) = (self.catalog.clone(), self.entry(req), token_text(token)?);
        // Counted under the account's address, as guesses on the sign-in page are.
        let email = self.find_waiting(&token, &browser).await?.unwrap_or_default();
        self.attempt(req, &email, move || {
            adopt_with_password(&catalog.db, &catalog.secret, &token, &browser, &proof, &entry)
        })
        .await
    }

    /// Asks for a mailed link as proof for a waiting identity.
    ///
    /// # Errors
    /// `NotFound` when nothing waits in this browser; `InvalidContent`, `TooManyAttempts`.
    pub async fn ask_to_adopt(
        &self,
        req: &HttpRequest,
        token: &str,
        browser: String,
        email: &str,
    ) -> Result<(), Problem> {
        self.may_ask_for_letter(req)?;
        let (secret, token, email) = (self.catalog.secret.clone(), token_text(token)?, email.to_owned());
        self.write_letter(req, move |tx| send_adoption_link(tx, &secret, &token, &browser, &email)).await
    }

    /// Proves by a mailed link that a waiting identity's person has the address, and signs in.
    ///
    /// # Errors
    /// `NotFound` when the link is spent or the browser another one; `SignInFailed`, `Forbidden`, `TooManyAttempts`.
    pub async fn adopt_by_link(
        &self,
        req: &HttpRequest,
        token: &str,
        browser: String,
        code: String,
    ) -> Result<Session, Problem> {
        let (catalog, entry, token) = (self.catalog.clone(), self.entry(req), token_text(token)?);
        let who = format!("link {token}");
        self.attempt(req, &who, move || {
            let secret = &catalog.secret;
            catalog.db.write(|tx| adopt_with_link(tx, secret, &token, &browser, &code, &entry))
        })
        .await
    }
}

/// What tries about an account's second proof are counted under.
fn factor_subject(account: AccountId) -> String {
    format!("account {account}")
}

fn token_text(token: &str) -> Result<String, Problem> {
    let token = token.trim();
    if token.len() <= MAX_TOKEN_BYTES { Ok(token.to_owned()) } else { Err(Problem::not_found("link")) }
}

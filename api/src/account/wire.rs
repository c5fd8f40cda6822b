//! Accounts and sessions as they are told.

use fairground_catalog::account::{Account, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, Reproof, Role};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

const MAX_EMAIL_CHARS: usize = 254;

fn check_password(faults: &mut Vec<Fault>, pointer: &str, password: &str) {
    let chars = password.chars().count();
    if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
        let detail = format!("Must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters.");
        faults.push(Fault::at(pointer, detail));
    }
}

/// What is needed to make an account.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountIn {
    /// The e-mail address.
    #[schema(format = Email)]
    pub(super) email: String,
    /// The person's name; the address serves when it is empty.
    #[serde(default)]
    pub(super) name: String,
    /// `operator`, `steward`, `publisher` or `developer`.
    #[schema(value_type = String)]
    pub(super) role: Role,
    /// The slug of the publisher to act for; needed for stewards and publishers.
    #[serde(default)]
    pub(super) publisher: Option<String>,
    /// The password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub(super) password: String,
}

/// Never with the password.
impl std::fmt::Debug for AccountIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountIn").field("role", &self.role).finish_non_exhaustive()
    }
}

impl Checked for AccountIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/email", &self.email, MAX_EMAIL_CHARS);
        check_password(&mut faults, "/password", &self.password);
        if self.role.acts_for_a_publisher() && self.publisher.is_none() {
            faults.push(Fault::at("/publisher", "This role acts for one publisher: name it."));
        }
        faults
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AccountOut {
    /// Its id.
    pub(super) id: String,
    /// The e-mail address.
    pub(super) email: String,
    /// The person's name.
    pub(super) name: String,
    /// `operator`, `steward`, `publisher` or `developer`.
    pub(super) role: &'static str,
    /// The id of the publisher that it acts for; absent for operators and developers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) publisher_id: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
}

impl From<Account> for AccountOut {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email,
            name: account.name,
            role: account.role.as_str(),
            publisher_id: account.publisher_id.map(|id| id.to_string()),
            created_at: account.created_at,
        }
    }
}

/// What signs in.
#[derive(Clone, Deserialize, ToSchema)]
pub(super) struct SignInIn {
    /// The e-mail address.
    #[schema(format = Email)]
    pub(super) email: String,
    /// The password.
    #[schema(format = Password)]
    pub(super) password: String,
}

/// Never with the password.
impl std::fmt::Debug for SignInIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignInIn(…)")
    }
}

impl Checked for SignInIn {}

/// A session that has begun. The same token is set as a cookie for browsers.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct NewSessionOut {
    /// For programs: `Authorization: Bearer …`. Shown this once.
    pub(super) token: String,
    /// For pages: sent in `X-Csrf-Token` with every write by cookie.
    pub(super) csrf_token: String,
    /// What it is good for: `open` for everything, `second-factor` to pass that, `enrolment` to set one up.
    pub(super) stage: &'static str,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub(super) expires_at: Timestamp,
    /// Who signed in.
    pub(super) account: AccountOut,
}

/// The present session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SessionOut {
    /// For pages: sent in `X-Csrf-Token` with every write by cookie.
    pub(super) csrf_token: String,
    /// Who is signed in.
    pub(super) account: AccountOut,
}

/// An e-mail address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct AddressIn {
    /// The e-mail address.
    #[schema(format = Email)]
    pub(super) email: String,
}

impl Checked for AddressIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/email", &self.email, MAX_EMAIL_CHARS);
        faults
    }
}

/// What turns a registration's link into an account.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationIn {
    /// What the link carries.
    pub(super) token: String,
    /// The person's name; the address serves when it is empty.
    #[serde(default)]
    pub(super) name: String,
    /// The password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub(super) password: String,
}

impl Checked for RegistrationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_password(&mut faults, "/password", &self.password);
        faults
    }
}

/// What turns a link into a new password.
#[derive(Clone, Deserialize, ToSchema)]
pub(super) struct NewPasswordIn {
    /// What the link carries.
    pub(super) token: String,
    /// The new password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub(super) password: String,
}

impl Checked for NewPasswordIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_password(&mut faults, "/password", &self.password);
        faults
    }
}

/// A code of the second factor.
#[derive(Clone, Deserialize, ToSchema)]
pub(super) struct CodeIn {
    /// Six digits of the app, or a recovery code.
    pub(super) code: String,
}

impl Checked for CodeIn {}

/// What proves again who somebody is.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofIn {
    /// The password; left out by accounts without one.
    #[serde(default)]
    #[schema(format = Password)]
    pub(super) password: String,
    /// A code of the second factor, or a recovery code; left out by accounts without one.
    #[serde(default)]
    pub(super) code: String,
}

impl Checked for ProofIn {}

impl From<ProofIn> for Reproof {
    fn from(proof: ProofIn) -> Self {
        Self { password: proof.password, code: proof.code }
    }
}

/// A new password, with the proof.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordIn {
    /// The present password; left out by accounts without one.
    #[serde(default)]
    #[schema(format = Password)]
    pub(super) password: String,
    /// A code of the second factor, or a recovery code; left out by accounts without one.
    #[serde(default)]
    pub(super) code: String,
    /// The new password.
    #[schema(format = Password, min_length = 10, max_length = 256)]
    pub(super) new_password: String,
}

impl Checked for PasswordIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_password(&mut faults, "/new_password", &self.new_password);
        faults
    }
}

/// What an app needs to make codes. Shown this once.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct EnrolmentOut {
    /// The shared secret in base32, for typing.
    pub(super) secret: String,
    /// The same as an `otpauth:` address, for scanning.
    pub(super) uri: String,
}

/// A second factor in use.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct NewFactorOut {
    /// Codes for the day when the app is lost; each works once. Shown this once.
    pub(super) recovery_codes: Vec<String>,
    /// The session's new token.
    pub(super) token: String,
    /// For pages: sent in `X-Csrf-Token` with every write by cookie.
    pub(super) csrf_token: String,
}

/// An identity provider.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ProviderOut {
    /// Its name in addresses.
    pub(super) slug: String,
    /// Its name.
    pub(super) title: String,
    /// Where a browser begins to sign in through it.
    pub(super) sign_in: String,
}

/// The identity providers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ProviderList {
    /// The providers.
    pub(super) items: Vec<ProviderOut>,
}

/// Never with what they hold.
macro_rules! silent_debug {
    ($($name:ident)*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

silent_debug!(NewSessionOut RegistrationIn NewPasswordIn CodeIn ProofIn PasswordIn EnrolmentOut NewFactorOut);

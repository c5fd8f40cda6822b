//! Accounts and sessions as they are told.

use fairground_catalog::account::{Account, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, Role};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

const MAX_EMAIL_CHARS: usize = 254;

/// What is needed to make an account.
#[derive(Clone, Deserialize, ToSchema)]
pub(super) struct AccountIn {
    /// The e-mail address.
    #[schema(format = Email)]
    pub(super) email: String,
    /// The person's name; the address serves when it is empty.
    #[serde(default)]
    pub(super) name: String,
    /// `operator`, `steward` or `publisher`.
    #[schema(value_type = String)]
    pub(super) role: Role,
    /// The slug of the publisher to act for; needed unless the role is operator.
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
        let chars = self.password.chars().count();
        if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
            let detail = format!("Must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters.");
            faults.push(Fault::at("/password", detail));
        }
        if self.role != Role::Operator && self.publisher.is_none() {
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
    /// `operator`, `steward` or `publisher`.
    pub(super) role: &'static str,
    /// The id of the publisher that it acts for; absent for operators.
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
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct NewSessionOut {
    /// For programs: `Authorization: Bearer …`. Shown this once.
    pub(super) token: String,
    /// For pages: sent in `X-Csrf-Token` with every write by cookie.
    pub(super) csrf_token: String,
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

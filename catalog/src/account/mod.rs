//! Accounts of those who sign in: their roles, the ways by which they prove who they are, their sessions, and everything
//! that is kept about them.
//!
//! A person signs in by password ([`sign_in`]) or through an identity provider ([`arrive`]); who has a second factor
//! ([`pass_factor`]) passes it either way. An account comes into being by a mailed link, by a provider that vouches for the
//! address, or by an operator.

mod breached;
mod factor;
mod identity;
mod language;
mod link;
mod password;
mod person;
mod proof;
mod session;
mod store;

use fairground_domain::{AccountId, PublisherId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

pub use breached::PasswordRules;
pub use factor::{
    Enrolment, FactorState, RECOVERY_CODES, begin_factor, confirm_factor, find_enrolment, find_factor, pass_factor,
    remove_factor,
};
pub use identity::{
    ATTEMPT_SECS, Arrival, Attempt, AttemptSecrets, Claimed, Identity, adopt_with_password, arrive, begin_attempt,
    find_waiting, link_identity, list_identities, send_adoption_link, take_attempt, unlink_identity,
};
pub use language::{find_language, set_language};
pub use link::{
    LINK_SECS, Letter, LetterKind, adopt_with_link, confirm_registration, request_password_reset, request_registration,
    reset_password,
};
pub use password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
pub use person::{Datum, Erased, PersonalData, collect, erase};
pub use proof::{FRESH_SECS, Reproof, change_password, prove_again};
pub use session::{
    Entry, Presented, Session, SessionCard, SessionRules, Stage, end_all_sessions, end_session, find_session,
    list_sessions, rotate, sign_out, touch_session,
};
pub use store::{NewAccount, count, create, find_by_email, get, list, sign_in};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything on the portal.
    Operator,
    /// Sources and harvests of one publisher, and whether a braked harvest goes on.
    Steward,
    /// Sees sources and harvests of one publisher, and starts them.
    Publisher,
    /// Has applications and nothing else here: whoever registers.
    Developer,
    /// Sees every publisher's work and the whole audit, and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Steward, Self::Publisher, Self::Developer, Self::Auditor];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Steward => "steward",
            Self::Publisher => "publisher",
            Self::Developer => "developer",
            Self::Auditor => "auditor",
        }
    }

    /// Whether it acts for one publisher, which its account names.
    #[must_use]
    pub const fn acts_for_a_publisher(self) -> bool {
        matches!(self, Self::Steward | Self::Publisher)
    }

    /// Whether it decides about other people's things, or sees what is not public, so that a password alone is too little.
    #[must_use]
    pub const fn wants_second_factor(self) -> bool {
        matches!(self, Self::Operator | Self::Steward | Self::Auditor)
    }

    /// The role that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The e-mail address, lower case.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// For whom; operators act for all.
    pub publisher_id: Option<PublisherId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the address was proved; never for accounts that an operator made and nobody has proved since.
    pub email_verified_at: Option<Timestamp>,
    /// Whether it can sign in by password.
    pub has_password: bool,
}

impl Account {
    /// Whether it may see and start what belongs to a publisher.
    #[must_use]
    pub fn works_for(&self, publisher: Option<PublisherId>) -> bool {
        match self.role {
            Role::Operator => true,
            Role::Steward | Role::Publisher => publisher.is_some() && publisher == self.publisher_id,
            Role::Developer | Role::Auditor => false,
        }
    }

    /// Whether it may change sources of a publisher and release braked harvests.
    #[must_use]
    pub fn manages(&self, publisher: Option<PublisherId>) -> bool {
        matches!(self.role, Role::Operator | Role::Steward) && self.works_for(publisher)
    }
}

/// Longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3).
const MAX_EMAIL_BYTES: usize = 254;

/// Reads an e-mail address: one `@` between something and a dotted host, no blanks, lower case.
///
/// # Errors
/// `Invalid` when the text cannot be one.
pub(crate) fn parse_email(text: &str) -> Result<String, CatalogError> {
    let email = text.trim().to_lowercase();
    let sound = email.len() <= MAX_EMAIL_BYTES
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'))
        && email.split_once('@').is_some_and(|(local, host)| {
            (1..=64).contains(&local.len())
                && !host.contains('@')
                && host.contains('.')
                && host.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        });
    if sound {
        Ok(email)
    } else {
        Err(CatalogError::Invalid {
            field: "email",
            problem: "must be an e-mail address such as ada@example.org".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["ada@example.org", " Ada.L+open@data.example.org "] {
            assert!(parse_email(good).is_ok(), "{good}");
        }
        for bad in
            ["", "ada", "@x.org", "a@b", "a@b..org", "a@@b.org", "a b@c.org", "a@-b.org", "a@b.org\r\nBcc: c@d.org"]
        {
            assert!(parse_email(bad).is_err(), "{bad:?}");
        }
    }
}

//! Accounts of those who sign in, their roles, and their sessions.

mod password;
mod store;

use fairground_domain::{AccountId, PublisherId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

pub use password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
pub use store::{NewAccount, Session, count, create, find_session, get, list, sign_in, sign_out};

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
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Operator, Self::Steward, Self::Publisher];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Steward => "steward",
            Self::Publisher => "publisher",
        }
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
}

impl Account {
    /// Whether it may see and start what belongs to a publisher.
    #[must_use]
    pub fn works_for(&self, publisher: Option<PublisherId>) -> bool {
        match self.role {
            Role::Operator => true,
            Role::Steward | Role::Publisher => publisher.is_some() && publisher == self.publisher_id,
        }
    }

    /// Whether it may change sources of a publisher and release braked harvests.
    #[must_use]
    pub fn manages(&self, publisher: Option<PublisherId>) -> bool {
        self.role != Role::Publisher && self.works_for(publisher)
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

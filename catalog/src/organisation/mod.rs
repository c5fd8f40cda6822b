//! Organisations: several people who look after applications together.
//!
//! An organisation is verified by a published rule ([`VERIFICATION_RULE`]) and by nobody's judgement. Being verified is said
//! beside its name and changes nothing else: limits follow from an application's plan alone.

mod invitation;
mod member;
mod store;

use fairground_domain::{AccountId, InvitationId, OrganisationId, Slug, Timestamp};

pub use invitation::{
    INVITATION_SECS, Invited, MAX_INVITATIONS, accept_invitation, find_invitation, invite, list_invitations,
    withdraw_invitation,
};
pub use member::{MAX_MEMBERS, forget_account, leave, list_members, remove_member, set_member_role};
pub use store::{
    MAX_ORGANISATIONS, NewOrganisation, OrganisationChange, change, create, dissolve, get, get_for, list_of, verify,
};

/// The rule by which organisations are verified, in words.
pub const VERIFICATION_RULE: &str = "A member has confirmed an e-mail address whose host is the organisation's domain, or lies \
     below it, and the domain is not one where anybody gets a mailbox.";

/// Domains where anybody gets a mailbox: an address there proves nothing about an organisation.
pub const PUBLIC_MAIL_DOMAINS: [&str; 24] = [
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.ru",
    "zoho.com",
];

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its readable address.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Its domain, such as `example.org`, by which it is verified.
    pub domain: Option<String>,
    /// Since when the rule holds.
    pub verified_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberRole {
    /// Everything, members included.
    Owner,
    /// Its applications.
    Member,
}

impl MemberRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Owner, Self::Member];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Member => "member",
        }
    }

    /// The role that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Somebody who belongs to an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their account.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: MemberRole,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Somebody who was asked to join and has not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Where it was mailed to.
    pub email: String,
    /// What they may do once they joined.
    pub role: MemberRole,
    /// When it was sent.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// Whether an address proves a domain: its host is the domain, or lies below it, and the domain is not for everybody.
#[must_use]
pub fn proves_domain(email: &str, domain: &str) -> bool {
    let Some((_, host)) = email.rsplit_once('@') else { return false };
    let below = host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    below && domain.contains('.') && !PUBLIC_MAIL_DOMAINS.contains(&domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_proves_its_own_domain_only() {
        for (email, domain, proves) in [
            ("ada@example.org", "example.org", true),
            ("ada@data.example.org", "example.org", true),
            ("ada@example.org", "data.example.org", false),
            ("ada@evilexample.org", "example.org", false),
            ("ada@example.org.evil.net", "example.org", false),
            ("ada@gmail.com", "gmail.com", false),
            ("ada@example.org", "org", false),
            ("ada@example.org", "", false),
            ("example.org", "example.org", false),
        ] {
            assert_eq!(proves_domain(email, domain), proves, "{email} {domain}");
        }
        assert!(PUBLIC_MAIL_DOMAINS.is_sorted());
    }
}

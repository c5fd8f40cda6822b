//! Organisations as they are told.

use fairground_catalog::organisation::{Invitation, Member, MemberRole, Organisation, VERIFICATION_RULE};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 120;
/// Longest e-mail address or domain, in characters.
const MAX_ADDRESS_CHARS: usize = 254;

/// What is needed to make an organisation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganisationIn {
    /// Its name.
    #[schema(min_length = 1, max_length = 120)]
    pub(super) name: String,
    /// Its readable address; made from the name when absent.
    #[serde(default)]
    pub(super) slug: Option<String>,
    /// Its domain, such as `example.org`, by which it is verified.
    #[serde(default)]
    pub(super) domain: Option<String>,
}

impl Checked for OrganisationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/name", &self.name, MAX_NAME_CHARS);
        faults
    }
}

/// What changes about an organisation; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganisationPatch {
    /// Its name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 120)]
    pub(super) name: Option<String>,
    /// Its domain; an empty text takes it away. Another domain is verified anew.
    #[serde(default)]
    pub(super) domain: Option<String>,
}

impl Checked for OrganisationPatch {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(name) = &self.name {
            check_text(&mut faults, "/name", name, MAX_NAME_CHARS);
        }
        faults
    }
}

/// What a member may do: `owner` (everything) or `member` (its applications).
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RoleWord {
    /// Everything, members included.
    Owner,
    /// Its applications.
    Member,
}

impl From<RoleWord> for MemberRole {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Owner => Self::Owner,
            RoleWord::Member => Self::Member,
        }
    }
}

impl From<MemberRole> for RoleWord {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Owner => Self::Owner,
            MemberRole::Member => Self::Member,
        }
    }
}

/// Another role for a member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberPatch {
    /// What they may do.
    pub(super) role: RoleWord,
}

impl Checked for MemberPatch {}

/// Who is invited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationIn {
    /// Where the invitation is mailed to.
    #[schema(format = Email)]
    pub(super) email: String,
    /// What they may do once they joined; `member` when absent.
    #[serde(default)]
    pub(super) role: Option<RoleWord>,
}

impl Checked for InvitationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/email", &self.email, MAX_ADDRESS_CHARS);
        faults
    }
}

/// The token of the link that was mailed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct AcceptIn {
    /// What follows `token=` in the link.
    pub(super) token: String,
}

impl Checked for AcceptIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/token", &self.token, 200);
        faults
    }
}

/// An organisation, for its members.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OrganisationOut {
    /// Its readable address.
    pub(super) slug: String,
    /// Its name.
    pub(super) name: String,
    /// Its domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) domain: Option<String>,
    /// Since when the published rule finds it to be what it says. It changes no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) verified_at: Option<Timestamp>,
    /// The published rule.
    pub(super) verification_rule: &'static str,
    /// What you may do.
    pub(super) role: RoleWord,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
}

/// Organisations.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OrganisationList {
    /// The organisations, by name.
    pub(super) items: Vec<OrganisationOut>,
}

impl From<(Organisation, MemberRole)> for OrganisationOut {
    fn from((organisation, role): (Organisation, MemberRole)) -> Self {
        Self {
            slug: organisation.slug.to_string(),
            name: organisation.name,
            domain: organisation.domain,
            verified_at: organisation.verified_at,
            verification_rule: VERIFICATION_RULE,
            role: role.into(),
            created_at: organisation.created_at,
        }
    }
}

/// Somebody who belongs to an organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MemberOut {
    /// Their account's id.
    pub(super) account: String,
    /// Their name.
    pub(super) name: String,
    /// Their e-mail address.
    pub(super) email: String,
    /// What they may do.
    pub(super) role: RoleWord,
    /// Since when they belong to it.
    #[schema(value_type = String, format = DateTime)]
    pub(super) joined_at: Timestamp,
}

/// Members.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MemberList {
    /// The members, in the order in which they joined.
    pub(super) items: Vec<MemberOut>,
}

impl From<Member> for MemberOut {
    fn from(member: Member) -> Self {
        Self {
            account: member.account.to_string(),
            name: member.name,
            email: member.email,
            role: member.role.into(),
            joined_at: member.joined_at,
        }
    }
}

/// An invitation that waits for an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct InvitationOut {
    /// Its id.
    pub(super) id: String,
    /// Where it was mailed to.
    pub(super) email: String,
    /// What they may do once they joined.
    pub(super) role: RoleWord,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime)]
    pub(super) expires_at: Timestamp,
}

/// Invitations that wait for an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct InvitationList {
    /// The invitations, oldest first.
    pub(super) items: Vec<InvitationOut>,
}

impl From<Invitation> for InvitationOut {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email,
            role: invitation.role.into(),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

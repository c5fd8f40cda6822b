//! Members, invitations and policies on the wire.

use fairground_catalog::member::{GrantOrigin, KnownPolicy, MemberGrant, MemberInvitation, PublisherNode, Workplace};
use fairground_domain::{LONGEST_OBJECTION_DAYS, PublisherRole, ReviewPolicy, ReviewRule, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::dataset::PublisherBrief;
use crate::problem::Fault;

/// Longest invitation token, in characters.
const TOKEN_CHARS: usize = 200;
/// Longest id, slug or address that is taken, in characters.
const NAME_CHARS: usize = 254;

/// What somebody is for a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PublisherRoleWord {
    /// Writes drafts and submits them.
    Editor,
    /// Approves or returns drafts of others.
    Reviewer,
    /// Decides about members, policies and sources.
    Manager,
}

impl From<PublisherRole> for PublisherRoleWord {
    fn from(role: PublisherRole) -> Self {
        match role {
            PublisherRole::Editor => Self::Editor,
            PublisherRole::Reviewer => Self::Reviewer,
            PublisherRole::Manager => Self::Manager,
        }
    }
}

impl From<PublisherRoleWord> for PublisherRole {
    fn from(word: PublisherRoleWord) -> Self {
        match word {
            PublisherRoleWord::Editor => Self::Editor,
            PublisherRoleWord::Reviewer => Self::Reviewer,
            PublisherRoleWord::Manager => Self::Manager,
        }
    }
}

/// A publisher that you work for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WorkplaceOut {
    /// The publisher.
    publisher: PublisherBrief,
    /// What you are for it.
    roles: Vec<PublisherRoleWord>,
    /// Whether you may write drafts.
    may_write: bool,
    /// Whether you may review drafts of others.
    may_review: bool,
    /// Whether you may decide about members, policies and sources.
    may_manage: bool,
}

impl From<Workplace> for WorkplaceOut {
    fn from(place: Workplace) -> Self {
        let rights = place.rights;
        Self {
            publisher: (&place.publisher).into(),
            roles: rights.roles().into_iter().map(PublisherRoleWord::from).collect(),
            may_write: rights.writes_as().is_some(),
            may_review: rights.reviews_as().is_some(),
            may_manage: rights.manages_as().is_some(),
        }
    }
}

/// A right that somebody has for a publisher.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct GrantOut {
    /// The grant's id; absent for what an account has by its own role on the portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// The account's id.
    account: String,
    /// The person's name.
    name: String,
    /// Their address.
    email: String,
    /// What they may do.
    role: PublisherRoleWord,
    /// Where it comes from: `granted`, `delegated` or `standing` (by the account's own role on the portal).
    origin: &'static str,
    /// The account that delegated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    delegated_by: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when; absent for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// Whether it works now: it has not ended, and who delegated it still has it.
    works: bool,
}

impl From<MemberGrant> for GrantOut {
    fn from(grant: MemberGrant) -> Self {
        let (origin, delegated_by) = match grant.origin {
            GrantOrigin::Granted => ("granted", None),
            GrantOrigin::Delegated { from } => ("delegated", Some(from.to_string())),
            GrantOrigin::Standing => ("standing", None),
        };
        Self {
            id: grant.id.map(|id| id.to_string()),
            account: grant.account.to_string(),
            name: grant.name,
            email: grant.email,
            role: grant.role.into(),
            origin,
            delegated_by,
            created_at: grant.created_at,
            ends_at: grant.ends_at,
            works: grant.works,
        }
    }
}

/// A role for an account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantIn {
    /// The account's id.
    pub(super) account: String,
    /// The role.
    pub(super) role: PublisherRoleWord,
    /// Until when; without it, for good.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) ends_at: Option<Timestamp>,
}

impl Checked for GrantIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/account", &self.account, NAME_CHARS);
        faults
    }
}

/// One of your own roles for somebody else, for a while.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DelegationIn {
    /// Their account's id.
    pub(super) account: String,
    /// The role.
    pub(super) role: PublisherRoleWord,
    /// Until when: within a year.
    #[schema(value_type = String, format = DateTime)]
    pub(super) ends_at: Timestamp,
}

impl Checked for DelegationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/account", &self.account, NAME_CHARS);
        faults
    }
}

/// A grant that was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct GrantMade {
    /// Its id.
    pub(super) id: String,
}

/// Somebody who is asked to work for a publisher.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublisherInvitationIn {
    /// Where the letter goes.
    pub(super) email: String,
    /// What they will be.
    pub(super) role: PublisherRoleWord,
    /// When the role ends that they get; without it, never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) ends_at: Option<Timestamp>,
}

impl Checked for PublisherInvitationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/email", &self.email, NAME_CHARS);
        faults
    }
}

/// An invitation that waits for an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PublisherInvitationOut {
    /// Its id.
    id: String,
    /// Where it was mailed to.
    email: String,
    /// What they will be.
    role: PublisherRoleWord,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When the role ends that it gives; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    grant_ends_at: Option<Timestamp>,
}

impl From<MemberInvitation> for PublisherInvitationOut {
    fn from(invitation: MemberInvitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email,
            role: invitation.role.into(),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            grant_ends_at: invitation.grant_ends_at,
        }
    }
}

/// The token of an invitation's link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublisherAcceptIn {
    /// The token.
    pub(super) token: String,
}

impl Checked for PublisherAcceptIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/token", &self.token, TOKEN_CHARS);
        faults
    }
}

/// What was accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PublisherJoined {
    /// For whom you work now.
    pub(super) publisher: PublisherBrief,
    /// What you are.
    pub(super) role: PublisherRoleWord,
}

/// How drafts come from review to approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReviewRuleWord {
    /// A reviewer who did not write it approves or returns it.
    FourEyes,
    /// It passes when the window is over, unless a reviewer holds it with a reason.
    ObjectionWindow,
}

/// How a publisher wants drafts to be reviewed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ReviewPolicyOut {
    /// The rule for drafts made by hand.
    drafts: ReviewRuleWord,
    /// Days of the objection window.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u16>,
    /// Whether harvested datasets are published at once when the gate lets them pass.
    trusts_sources: bool,
    /// The id of the publisher that set it: this one, or the nearest above it. Absent where nobody has, and the portal's own holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_by: Option<String>,
    /// The revision of this publisher's own policy; 0 when it has none.
    revision: i32,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
}

impl ReviewPolicyOut {
    /// What holds for `own`, and where it comes from.
    pub(super) fn of(known: Option<KnownPolicy>, own: fairground_domain::PublisherId) -> Self {
        let policy = known.as_ref().map(|known| known.policy).unwrap_or_default();
        let (drafts, days) = match policy.drafts {
            ReviewRule::FourEyes => (ReviewRuleWord::FourEyes, None),
            ReviewRule::ObjectionWindow { days } => (ReviewRuleWord::ObjectionWindow, Some(days)),
        };
        Self {
            drafts,
            days,
            trusts_sources: policy.trusts_sources,
            set_by: known.as_ref().map(|known| known.publisher.to_string()),
            revision: known.as_ref().filter(|known| known.publisher == own).map_or(0, |known| known.revision),
            changed_at: known.map(|known| known.changed_at),
        }
    }
}

/// A policy for a publisher.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewPolicyIn {
    /// The rule for drafts made by hand.
    drafts: ReviewRuleWord,
    /// Days of the objection window, 1 to 90; only with that rule.
    #[serde(default)]
    days: Option<u16>,
    /// Whether harvested datasets are published at once when the gate lets them pass.
    trusts_sources: bool,
    /// The revision of the publisher's own policy that you looked at; 0 when it had none.
    pub(super) revision: i32,
}

impl Checked for ReviewPolicyIn {
    fn faults(&self) -> Vec<Fault> {
        let bad = match (self.drafts, self.days) {
            (ReviewRuleWord::FourEyes, Some(_)) => Some("Only an objection window has days.".to_owned()),
            (ReviewRuleWord::ObjectionWindow, None | Some(0)) => {
                Some(format!("An objection window has 1 to {LONGEST_OBJECTION_DAYS} days."))
            }
            (ReviewRuleWord::ObjectionWindow, Some(days)) if days > LONGEST_OBJECTION_DAYS => {
                Some(format!("An objection window has 1 to {LONGEST_OBJECTION_DAYS} days."))
            }
            _ => None,
        };
        bad.map(|detail| Fault::at("/days", detail)).into_iter().collect()
    }
}

impl ReviewPolicyIn {
    /// What it says.
    pub(super) fn policy(&self) -> ReviewPolicy {
        let drafts = match (self.drafts, self.days) {
            (ReviewRuleWord::ObjectionWindow, Some(days)) => ReviewRule::ObjectionWindow { days },
            (ReviewRuleWord::ObjectionWindow, None) | (ReviewRuleWord::FourEyes, _) => ReviewRule::FourEyes,
        };
        ReviewPolicy { drafts, trusts_sources: self.trusts_sources }
    }
}

/// The publisher above another.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ParentIn {
    /// Its id or slug; `null` for none.
    pub(super) parent: Option<String>,
}

impl Checked for ParentIn {}

/// A publisher below another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PublisherBelow {
    /// The publisher.
    publisher: PublisherBrief,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

impl From<PublisherNode> for PublisherBelow {
    fn from(node: PublisherNode) -> Self {
        Self { publisher: (&node.publisher).into(), since: node.since }
    }
}

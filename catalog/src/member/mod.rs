//! Who may do what for a publisher: grants, delegations with an end, invitations by mail, the tree of publishers and the policy
//! by which their drafts are reviewed.
//!
//! A right comes from the account's role on the portal ([`crate::account::Role`]: the operator may do everything, the auditor
//! see everything; a steward is manager and reviewer of their publisher, a publisher's account its editor) or from a grant. What
//! somebody may do for a publisher, they may do for all below it in the tree. Every change is in the audit and the journal.

mod actor;
mod grant;
mod invitation;
mod policy;
mod token;
mod tree;

pub use actor::Actor;
pub use grant::{
    GrantOrigin, LONGEST_DELEGATION_DAYS, MAX_GRANTS, MemberGrant, Workplace, delegate, forget_account, grant,
    list_grants, list_workplaces, must_manage, must_review, must_see, must_write, revoke, rights,
};
pub(crate) use grant::{decides_by_grant, managed_by_grant, people_with, places_of, steered_places};
pub use invitation::{
    INVITATION_SECS, InvitedMember, MAX_INVITATIONS, MemberInvitation, accept_invitation, find_invitation, invite,
    list_invitations, withdraw_invitation,
};
pub(crate) use policy::any_distrusts;
pub use policy::{KnownPolicy, find_policy, policy_of, set_policy};
pub use token::{
    LONGEST_TOKEN_DAYS, MAX_TOKEN_NAME_CHARS, MAX_TOKENS, PlainToken, PublishingToken, TOKEN_PREFIX, TokenBearer,
    create_token, find_bearer, list_publisher_tokens, list_tokens, report_token_leak, revoke_token, touch_token,
};
pub use tree::{DEEPEST_TREE, PublisherNode, children, lineage, set_parent, subtree};

//! Organisations: one's own, one of them, and invitations.

mod act;

use askama::Template;
use fairground_catalog::organisation::VERIFICATION_RULE;
use fairground_domain::Timestamp;

use crate::layout::Frame;

pub(crate) use act::{
    accept_invitation, change_organisation, create_organisation, dissolve_organisation, invite, list_organisations,
    remove_member, set_member_role, show_invitation, show_organisation, verify_organisation, withdraw_invitation,
};

/// One's organisations, with the form for another.
#[derive(Debug, Clone, Default)]
pub struct OrganisationsPage {
    /// What forms carry.
    pub csrf: String,
    /// The organisations.
    pub organisations: Vec<OrganisationLine>,
    /// What was wrong with the last form: the field's place, and the fault.
    pub fault: Option<(String, String)>,
    /// What was typed as name.
    pub name: String,
    /// What was typed as domain.
    pub domain: String,
}

/// One organisation in the list.
#[derive(Debug, Clone)]
pub struct OrganisationLine {
    /// Its readable address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether the rule finds it to be what it says.
    pub is_verified: bool,
    /// Whether the reader is an owner.
    pub is_owner: bool,
}

/// One organisation, for a member.
#[derive(Debug, Clone)]
pub struct OrganisationPage {
    /// Its readable address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its domain; empty for none.
    pub domain: String,
    /// Since when the rule finds it to be what it says.
    pub verified_at: Option<Timestamp>,
    /// Whether the reader is an owner.
    pub is_owner: bool,
    /// The members.
    pub members: Vec<MemberLine>,
    /// Invitations that wait: id, address, role, end.
    pub invitations: Vec<InvitationLine>,
    /// Its applications: id, name and plan.
    pub applications: Vec<(String, String, String)>,
    /// What forms carry.
    pub csrf: String,
    /// What was wrong with the last form: the field's place, and the fault.
    pub fault: Option<(String, String)>,
}

impl OrganisationPage {
    /// The published rule.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        VERIFICATION_RULE
    }
}

/// One member.
#[derive(Debug, Clone)]
pub struct MemberLine {
    /// Their account's id.
    pub account: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they are an owner.
    pub is_owner: bool,
    /// Whether they are the reader.
    pub is_reader: bool,
}

/// One invitation that waits.
#[derive(Debug, Clone)]
pub struct InvitationLine {
    /// Its id.
    pub id: String,
    /// Where it was mailed to.
    pub email: String,
    /// Whether it makes an owner.
    pub is_owner: bool,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// What a mailed link invites to.
#[derive(Debug, Clone, Default)]
pub struct InvitationPage {
    /// What forms carry.
    pub csrf: String,
    /// What the link carries.
    pub token: String,
    /// The organisation's name; `None` when the link is wrong, too old or was used.
    pub organisation: Option<String>,
}

macro_rules! views {
    ($($name:ident of $page:ident is $path:literal;)*) => {$(
        #[doc = concat!("The template of [`", stringify!($page), "`].")]
        #[derive(Debug, Template)]
        #[template(path = $path)]
        pub struct $name<'a> {
            /// The frame.
            pub frame: &'a Frame<'a>,
            /// What it shows.
            pub page: &'a $page,
        }
    )*};
}

views! {
    OrganisationsView of OrganisationsPage is "developer/organisations.html";
    OrganisationView of OrganisationPage is "developer/organisation.html";
    InvitationView of InvitationPage is "developer/invitation.html";
}

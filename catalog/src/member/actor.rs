//! Who acts.

use fairground_domain::{AccountId, ActingRole, PublisherId, PublisherRole, Rights, Who};

use crate::account::{Account, Role};

/// Whoever calls a use case of the workflow. Made at the door, from the account that signed in; use cases ask it for rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    account: Option<AccountId>,
    standing: Standing,
    /// The one publisher that it may act for, where a token speaks for a person.
    confined: Option<PublisherId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Operator,
    Auditor,
    /// The publisher that the account's role on the portal is for, and what it is for it.
    Staff(PublisherId, &'static [PublisherRole]),
    Person,
    /// The portal itself, when a moment has come.
    Portal,
}

impl Actor {
    /// Somebody with an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let standing = match (account.role, account.publisher_id) {
            (Role::Operator, _) => Standing::Operator,
            (Role::Auditor, _) => Standing::Auditor,
            (Role::Steward, Some(own)) => Standing::Staff(own, &[PublisherRole::Reviewer, PublisherRole::Manager]),
            (Role::Publisher, Some(own)) => Standing::Staff(own, &[PublisherRole::Editor]),
            (Role::Steward | Role::Publisher, None) | (Role::Developer, _) => Standing::Person,
        };
        Self { name: format!("account:{}", account.id), account: Some(account.id), standing, confined: None }
    }

    /// The same person by a publishing token: with their rights for that publisher, and with none for any other.
    #[must_use]
    pub(super) fn confined_to(self, publisher: PublisherId) -> Self {
        Self { confined: Some(publisher), ..self }
    }

    /// Whether a publishing token speaks for the person.
    #[must_use]
    pub const fn is_confined(&self) -> bool {
        self.confined.is_some()
    }

    /// The publisher that it is confined to.
    pub(super) const fn confinement(&self) -> Option<PublisherId> {
        self.confined
    }

    /// Whether it may act for the publisher that a lineage begins with at all.
    pub(super) fn reaches(&self, lineage: &[PublisherId]) -> bool {
        self.confined.is_none_or(|only| lineage.first() == Some(&only))
    }

    /// Whoever sits at the machine: an operator without an account.
    #[must_use]
    pub fn command_line() -> Self {
        Self { name: "command-line".to_owned(), account: None, standing: Standing::Operator, confined: None }
    }

    /// The portal, doing what was decided before.
    #[must_use]
    pub(crate) fn portal() -> Self {
        Self { name: "portal".to_owned(), account: None, standing: Standing::Portal, confined: None }
    }

    /// As the journal names it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account, where there is one.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// Whether every publisher's work is open to it: the operator's and the auditor's.
    #[must_use]
    pub const fn sees_everything(&self) -> bool {
        self.confined.is_none() && matches!(self.standing, Standing::Operator | Standing::Auditor)
    }

    /// Whether it is the portal's operator.
    #[must_use]
    pub const fn is_operator(&self) -> bool {
        self.confined.is_none() && matches!(self.standing, Standing::Operator)
    }

    /// It, acting from a role.
    #[must_use]
    pub fn acting(&self, role: ActingRole) -> Who {
        Who { actor: self.name.clone(), role }
    }

    /// What follows from the account's role on the portal alone, for publishers of a lineage.
    pub(super) fn standing_rights(&self, lineage: &[PublisherId]) -> Rights {
        let mut rights = Rights::default();
        if !self.reaches(lineage) {
            return rights;
        }
        match &self.standing {
            Standing::Operator => rights.operator = true,
            Standing::Auditor => rights.auditor = true,
            Standing::Staff(own, roles) if lineage.contains(own) => roles.iter().for_each(|role| rights.add(*role)),
            Standing::Staff(..) | Standing::Person | Standing::Portal => {}
        }
        rights
    }

    /// Whether the account's own role on the portal is for a publisher of a lineage.
    pub(crate) fn is_staff_of(&self, lineage: &[PublisherId]) -> bool {
        self.reaches(lineage) && self.home().is_some_and(|own| lineage.contains(&own))
    }

    /// The publisher that the account's role on the portal is for.
    pub(crate) const fn home(&self) -> Option<PublisherId> {
        match &self.standing {
            Standing::Staff(own, _) => Some(*own),
            Standing::Operator | Standing::Auditor | Standing::Person | Standing::Portal => None,
        }
    }
}

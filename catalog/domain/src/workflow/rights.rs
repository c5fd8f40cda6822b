//! Who may do what for a publisher.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What somebody is for a publisher. One person may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublisherRole {
    /// Writes drafts and submits them.
    Editor,
    /// Approves drafts or returns them, never their own; releases what the gate holds.
    Reviewer,
    /// Decides about members, policies and sources.
    Manager,
}

impl PublisherRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Editor, Self::Reviewer, Self::Manager];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Manager => "manager",
        }
    }

    /// The role that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// From which role somebody acts, as the audit keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActingRole {
    /// As an editor of the publisher.
    Editor,
    /// As a reviewer of the publisher.
    Reviewer,
    /// As a manager of the publisher.
    Manager,
    /// As the portal's operator.
    Operator,
    /// As the portal's auditor; reads only.
    Auditor,
    /// The portal itself, when a moment has come.
    Portal,
    /// As whoever they are: leaving, accepting an invitation.
    Oneself,
}

impl ActingRole {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Editor, Self::Reviewer, Self::Manager, Self::Operator, Self::Auditor, Self::Portal, Self::Oneself];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Manager => "manager",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Portal => "portal",
            Self::Oneself => "oneself",
        }
    }

    /// The one that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl From<PublisherRole> for ActingRole {
    fn from(role: PublisherRole) -> Self {
        match role {
            PublisherRole::Editor => Self::Editor,
            PublisherRole::Reviewer => Self::Reviewer,
            PublisherRole::Manager => Self::Manager,
        }
    }
}

/// Who did something, and from which role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// As the journal names them: `account:ID`, `command-line`, `portal`.
    pub actor: String,
    /// From which role.
    pub role: ActingRole,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.actor, self.role.as_str())
    }
}

/// What somebody may do for one publisher.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights {
    /// Is an editor.
    pub editor: bool,
    /// Is a reviewer.
    pub reviewer: bool,
    /// Is a manager.
    pub manager: bool,
    /// Is the portal's operator: everything, but not the review of their own drafts.
    pub operator: bool,
    /// Is the portal's auditor: sees everything, changes nothing.
    pub auditor: bool,
}

impl Rights {
    /// Adds a role.
    pub fn add(&mut self, role: PublisherRole) {
        match role {
            PublisherRole::Editor => self.editor = true,
            PublisherRole::Reviewer => self.reviewer = true,
            PublisherRole::Manager => self.manager = true,
        }
    }

    /// Whether they see unpublished things at all; for everybody else these do not exist.
    #[must_use]
    pub const fn may_see(self) -> bool {
        self.editor || self.reviewer || self.manager || self.operator || self.auditor
    }

    /// The role from which they write drafts; `None` when they may not.
    #[must_use]
    pub const fn writes_as(self) -> Option<ActingRole> {
        match self {
            Self { editor: true, .. } => Some(ActingRole::Editor),
            Self { operator: true, .. } => Some(ActingRole::Operator),
            _ => None,
        }
    }

    /// The role from which they review; `None` when they may not. Whose draft it is, is another question.
    #[must_use]
    pub const fn reviews_as(self) -> Option<ActingRole> {
        match self {
            Self { reviewer: true, .. } => Some(ActingRole::Reviewer),
            Self { operator: true, .. } => Some(ActingRole::Operator),
            _ => None,
        }
    }

    /// The role from which they decide about members, policies and sources; `None` when they may not.
    #[must_use]
    pub const fn manages_as(self) -> Option<ActingRole> {
        match self {
            Self { manager: true, .. } => Some(ActingRole::Manager),
            Self { operator: true, .. } => Some(ActingRole::Operator),
            _ => None,
        }
    }

    /// Whether they have that role for the publisher, or stand above it.
    #[must_use]
    pub const fn has(self, role: PublisherRole) -> bool {
        match role {
            PublisherRole::Editor => self.writes_as().is_some(),
            PublisherRole::Reviewer => self.reviews_as().is_some(),
            PublisherRole::Manager => self.manages_as().is_some(),
        }
    }

    /// The publisher's roles that they have, by the order of [`PublisherRole::ALL`].
    #[must_use]
    pub fn roles(self) -> Vec<PublisherRole> {
        let held = [self.editor, self.reviewer, self.manager];
        PublisherRole::ALL.into_iter().zip(held).filter(|(_, held)| *held).map(|(role, _)| role).collect()
    }
}

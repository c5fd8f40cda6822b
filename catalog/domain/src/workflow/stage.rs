//! Where a draft stands, and every move there is.
//!
//! ```text
//!            submit                approve at a time             its moment comes
//!  Draft ──────────▶ InReview ───────────────────▶ Approved ─────────────────────▶ Published
//!    ▲                 │  │ └──────────────────────────────── approve at once ──────▲
//!    │ recall ◀────────┘  │ return, with comments by field
//!    │                    ▼
//!    └─────(edited)── Returned            whatever is not published can be discarded
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::release::Release;
use super::rights::Who;
use crate::time::Timestamp;

/// A remark on one field of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldComment {
    /// Where in the draft's document, as a JSON pointer (RFC 6901) such as `/title/en`; empty for the whole of it.
    #[serde(default)]
    pub pointer: String,
    /// What the reviewer says.
    pub text: String,
}

/// One return of a draft to those who write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnNote {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Who,
    /// The revision that was looked at.
    pub revision: i32,
    /// What is to be mended.
    pub comments: Vec<FieldComment>,
}

/// A reviewer's reason to let an objection window not pass by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Who,
    /// Why.
    pub reason: String,
}

/// Where a draft stands. What belongs to one stage lives inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "stage")]
pub enum Stage {
    /// Somebody writes it.
    Draft,
    /// It waits for a reviewer.
    InReview {
        /// Since when.
        submitted_at: Timestamp,
        /// Who submitted it.
        submitted_by: Who,
        /// When it passes by itself, under an objection window; never while there is an objection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passes_at: Option<Timestamp>,
        /// Why it does not pass by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        objection: Option<Objection>,
    },
    /// A reviewer wants it mended. It is edited as a draft is.
    Returned(ReturnNote),
    /// It will be public at a time.
    Approved {
        /// When it was approved.
        approved_at: Timestamp,
        /// By whom; the portal where an objection window passed.
        approved_by: Who,
        /// When it becomes public.
        release: Release,
        /// The number of the embargo's entry in the public register.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        embargo: Option<i64>,
    },
    /// It is a version of its dataset.
    Published {
        /// Since when.
        published_at: Timestamp,
        /// Who approved it.
        approved_by: Who,
        /// The version's number.
        version: i32,
    },
    /// It was given up.
    Discarded {
        /// When.
        discarded_at: Timestamp,
        /// By whom.
        discarded_by: Who,
    },
}

/// The bare stage, as it stands in rows and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    /// See [`Stage::Draft`].
    Draft,
    /// See [`Stage::InReview`].
    InReview,
    /// See [`Stage::Returned`].
    Returned,
    /// See [`Stage::Approved`].
    Approved,
    /// See [`Stage::Published`].
    Published,
    /// See [`Stage::Discarded`].
    Discarded,
}

impl StageName {
    /// Every stage.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::InReview, Self::Returned, Self::Approved, Self::Published, Self::Discarded];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in-review",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Discarded => "discarded",
        }
    }

    /// The stage that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// Whether nothing more becomes of a draft in it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Published | Self::Discarded)
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InReview => "in review",
            other => other.as_str(),
        })
    }
}

/// A move that the stage does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the draft is {found}: {problem}")]
pub struct WrongStage {
    /// Where it stands.
    pub found: StageName,
    /// Why that does not go, and what does.
    pub problem: &'static str,
}

impl Stage {
    /// The bare stage.
    #[must_use]
    pub const fn name(&self) -> StageName {
        match self {
            Self::Draft => StageName::Draft,
            Self::InReview { .. } => StageName::InReview,
            Self::Returned(_) => StageName::Returned,
            Self::Approved { .. } => StageName::Approved,
            Self::Published { .. } => StageName::Published,
            Self::Discarded { .. } => StageName::Discarded,
        }
    }

    fn wrong(&self, problem: &'static str) -> WrongStage {
        WrongStage { found: self.name(), problem }
    }

    /// Whether its content may change.
    ///
    /// # Errors
    /// When it is under review, approved, or nothing more becomes of it.
    pub fn must_be_open(&self) -> Result<(), WrongStage> {
        match self {
            Self::Draft | Self::Returned(_) => Ok(()),
            Self::InReview { .. } | Self::Approved { .. } => Err(self.wrong("take it back before you change it")),
            Self::Published { .. } => Err(self.wrong("begin a new version of its dataset")),
            Self::Discarded { .. } => Err(self.wrong("begin another draft")),
        }
    }

    /// Hands it to the reviewers; under an objection window it passes at `passes_at`.
    ///
    /// # Errors
    /// When it is not open.
    pub fn submit(&self, now: Timestamp, by: Who, passes_at: Option<Timestamp>) -> Result<Self, WrongStage> {
        match self {
            Self::Draft | Self::Returned(_) => {
                Ok(Self::InReview { submitted_at: now, submitted_by: by, passes_at, objection: None })
            }
            Self::InReview { .. } | Self::Approved { .. } => Err(self.wrong("it was submitted already")),
            Self::Published { .. } | Self::Discarded { .. } => Err(self.wrong("nothing more becomes of it")),
        }
    }

    /// Takes it back to be edited.
    ///
    /// # Errors
    /// When it was not submitted.
    pub fn recall(&self) -> Result<Self, WrongStage> {
        match self {
            Self::InReview { .. } | Self::Approved { .. } => Ok(Self::Draft),
            Self::Draft | Self::Returned(_) => Err(self.wrong("it is with its editors already")),
            Self::Published { .. } => Err(self.wrong("withdraw its dataset, or begin a new version")),
            Self::Discarded { .. } => Err(self.wrong("nothing more becomes of it")),
        }
    }

    /// Holds it back from passing by itself.
    ///
    /// # Errors
    /// When no objection window runs, or somebody objected before.
    pub fn object(&self, objection: Objection) -> Result<Self, WrongStage> {
        match self {
            Self::InReview { submitted_at, submitted_by, passes_at: Some(passes_at), objection: None } => {
                Ok(Self::InReview {
                    submitted_at: *submitted_at,
                    submitted_by: submitted_by.clone(),
                    passes_at: Some(*passes_at),
                    objection: Some(objection),
                })
            }
            Self::InReview { objection: Some(_), .. } => Err(self.wrong("it is held already")),
            Self::InReview { passes_at: None, .. } => {
                Err(self.wrong("it does not pass by itself: approve or return it"))
            }
            Self::Draft
            | Self::Returned(_)
            | Self::Approved { .. }
            | Self::Published { .. }
            | Self::Discarded { .. } => Err(self.wrong("only what is in review can be held")),
        }
    }

    /// Gives it back with comments.
    ///
    /// # Errors
    /// When it is neither in review nor approved.
    pub fn give_back(&self, note: ReturnNote) -> Result<Self, WrongStage> {
        match self {
            Self::InReview { .. } | Self::Approved { .. } => Ok(Self::Returned(note)),
            Self::Draft | Self::Returned(_) => Err(self.wrong("it was not submitted")),
            Self::Published { .. } | Self::Discarded { .. } => Err(self.wrong("nothing more becomes of it")),
        }
    }

    /// Whether a reviewer may approve it, or plan its release anew.
    ///
    /// # Errors
    /// When it is neither in review nor approved.
    pub fn must_be_approvable(&self) -> Result<(), WrongStage> {
        match self {
            Self::InReview { .. } | Self::Approved { .. } => Ok(()),
            Self::Draft | Self::Returned(_) => Err(self.wrong("its editors have not submitted it")),
            Self::Published { .. } | Self::Discarded { .. } => Err(self.wrong("nothing more becomes of it")),
        }
    }

    /// Approves it, to be released at a time.
    ///
    /// # Errors
    /// As [`Self::must_be_approvable`].
    pub fn approve(&self, now: Timestamp, by: Who, release: Release, embargo: Option<i64>) -> Result<Self, WrongStage> {
        self.must_be_approvable()?;
        Ok(Self::Approved { approved_at: now, approved_by: by, release, embargo })
    }

    /// Makes it a version of its dataset. `by` is who approved it where that happens in the same moment; what was approved
    /// before keeps who did.
    ///
    /// # Errors
    /// When it is neither in review nor approved.
    pub fn publish(&self, now: Timestamp, by: Who, version: i32) -> Result<Self, WrongStage> {
        self.must_be_approvable()?;
        let approved_by = match self {
            Self::Approved { approved_by, .. } => approved_by.clone(),
            Self::Draft
            | Self::InReview { .. }
            | Self::Returned(_)
            | Self::Published { .. }
            | Self::Discarded { .. } => by,
        };
        Ok(Self::Published { published_at: now, approved_by, version })
    }

    /// Gives it up.
    ///
    /// # Errors
    /// When it is published or discarded.
    pub fn discard(&self, now: Timestamp, by: Who) -> Result<Self, WrongStage> {
        match self {
            Self::Draft | Self::InReview { .. } | Self::Returned(_) | Self::Approved { .. } => {
                Ok(Self::Discarded { discarded_at: now, discarded_by: by })
            }
            Self::Published { .. } => Err(self.wrong("withdraw its dataset instead")),
            Self::Discarded { .. } => Err(self.wrong("it was discarded before")),
        }
    }

    /// When the portal itself has to act: the release's moment, or the end of an objection window that nobody stopped.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match self {
            Self::Approved { release, .. } => Some(release.at),
            Self::InReview { passes_at, objection: None, .. } => *passes_at,
            Self::Draft
            | Self::InReview { .. }
            | Self::Returned(_)
            | Self::Published { .. }
            | Self::Discarded { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::release::LocalRelease;
    use super::super::rights::ActingRole;
    use super::*;

    fn who(role: ActingRole) -> Who {
        Who { actor: "account:1".to_owned(), role }
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_micros(secs * 1_000_000)
    }

    fn release() -> Release {
        let plan = LocalRelease {
            local: "2027-01-01T09:00".to_owned(),
            zone: "Europe/Rome".to_owned(),
            rule: super::super::LocalTimeRule::Compatible,
        };
        plan.resolve().expect("a time")
    }

    fn note() -> ReturnNote {
        let comments = vec![FieldComment { pointer: "/title/en".to_owned(), text: "Say which year".to_owned() }];
        ReturnNote { at: at(5), by: who(ActingRole::Reviewer), revision: 3, comments }
    }

    /// One of every stage, by the order of [`StageName::ALL`].
    fn every_stage() -> [Stage; 6] {
        let review = Stage::Draft.submit(at(1), who(ActingRole::Editor), Some(at(100))).expect("open");
        [
            Stage::Draft,
            review.clone(),
            review.give_back(note()).expect("in review"),
            review.approve(at(2), who(ActingRole::Reviewer), release(), None).expect("in review"),
            review.publish(at(2), who(ActingRole::Reviewer), 1).expect("in review"),
            Stage::Draft.discard(at(2), who(ActingRole::Editor)).expect("open"),
        ]
    }

    #[test]
    fn every_move_is_allowed_from_its_stages_and_refused_from_all_others() {
        type Move = fn(&Stage) -> Result<Stage, WrongStage>;
        use StageName as N;
        let moves: [(&str, Move, &[StageName], Option<StageName>); 8] = [
            ("edit", |s| s.must_be_open().map(|()| s.clone()), &[N::Draft, N::Returned], None),
            ("submit", |s| s.submit(at(9), who(ActingRole::Editor), None), &[N::Draft, N::Returned], Some(N::InReview)),
            ("recall", Stage::recall, &[N::InReview, N::Approved], Some(N::Draft)),
            (
                "object",
                |s| s.object(Objection { at: at(9), by: who(ActingRole::Reviewer), reason: "no".to_owned() }),
                &[N::InReview],
                Some(N::InReview),
            ),
            ("return", |s| s.give_back(note()), &[N::InReview, N::Approved], Some(N::Returned)),
            (
                "approve",
                |s| s.approve(at(9), who(ActingRole::Reviewer), release(), Some(4)),
                &[N::InReview, N::Approved],
                Some(N::Approved),
            ),
            (
                "publish",
                |s| s.publish(at(9), who(ActingRole::Portal), 2),
                &[N::InReview, N::Approved],
                Some(N::Published),
            ),
            (
                "discard",
                |s| s.discard(at(9), who(ActingRole::Editor)),
                &[N::Draft, N::InReview, N::Returned, N::Approved],
                Some(N::Discarded),
            ),
        ];
        for (stage, name) in every_stage().iter().zip(StageName::ALL) {
            assert_eq!(stage.name(), name);
            assert_eq!(StageName::parse(name.as_str()), Some(name));
            for (named, make, from, to) in moves {
                match make(stage) {
                    Ok(next) => {
                        assert!(from.contains(&name), "{named} from {name}");
                        assert_eq!(next.name(), to.unwrap_or(name), "{named} from {name}");
                    }
                    Err(refused) => {
                        assert!(!from.contains(&name), "{named} from {name}: {refused}");
                        assert_eq!(refused.found, name);
                    }
                }
            }
        }
    }

    #[test]
    fn an_objection_stops_the_window_and_only_one_that_runs() {
        let review = Stage::Draft.submit(at(1), who(ActingRole::Editor), Some(at(100))).expect("open");
        assert_eq!(review.due_at(), Some(at(100)));
        let objection = Objection { at: at(9), by: who(ActingRole::Reviewer), reason: "wrong year".to_owned() };
        let held = review.object(objection.clone()).expect("a window runs");
        assert_eq!(held.due_at(), None);
        assert!(held.object(objection.clone()).is_err(), "held already");
        let four_eyes = Stage::Draft.submit(at(1), who(ActingRole::Editor), None).expect("open");
        assert!(four_eyes.object(objection).is_err(), "no window runs");
    }

    #[test]
    fn what_was_approved_before_keeps_who_approved_it() {
        let review = Stage::Draft.submit(at(1), who(ActingRole::Editor), None).expect("open");
        let approved = review.approve(at(2), who(ActingRole::Reviewer), release(), None).expect("in review");
        assert_eq!(approved.due_at(), Some(release().at));
        let published = approved.publish(at(3), who(ActingRole::Portal), 7).expect("approved");
        let expected = Stage::Published { published_at: at(3), approved_by: who(ActingRole::Reviewer), version: 7 };
        assert_eq!(published, expected);
    }

    #[test]
    fn stages_read_back_as_they_were_written() {
        for stage in every_stage() {
            let text = serde_json::to_string(&stage).expect("JSON");
            assert_eq!(serde_json::from_str::<Stage>(&text).expect("JSON"), stage, "{text}");
        }
    }
}

//! The publish workflow's words and rules: who may do what for a publisher, the stages of a draft, and when it is released.
//!
//! Nothing here knows the store. [`Stage`] is the whole of the state machine: each move is a method that gives the next stage or
//! says why there is none; who may make a move is [`Rights`]' question, asked by the use cases in the catalogue.

mod policy;
mod release;
mod rights;
mod stage;

pub use policy::{LONGEST_OBJECTION_DAYS, ReviewPolicy, ReviewRule};
pub use release::{LocalRelease, LocalTimeRule, Reading, Release, ReleaseFault};
pub use rights::{ActingRole, PublisherRole, Rights, Who};
pub use stage::{FieldComment, Objection, ReturnNote, Stage, StageName, WrongStage};

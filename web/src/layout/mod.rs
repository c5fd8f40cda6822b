//! What every page has around its content: the frame, the way it is answered, the page that says what went wrong.

mod answer;
mod crawler;
mod error;
mod frame;
mod language;
mod link;
mod visit;

pub use answer::{PAGE_POLICY, answer_page, answer_private_page, answer_with, see_other};
pub(crate) use crawler::{opensearch, robots};
pub use error::{ErrorPage, PageError};
pub use frame::{Frame, Notice, Person, Place, Site};
pub(crate) use language::choose_language;
pub use link::{CountedLink, Label, Link, Tone};
pub(crate) use visit::{Form, Visit, WideForm};
pub use visit::{Pages, Told};

//! What every page has around its content: the frame, the way it is answered, the page that says what went wrong.

mod answer;
mod crawler;
mod error;
mod frame;
mod link;

pub use answer::{PAGE_POLICY, answer_page, answer_private_page, answer_with, see_other};
pub(crate) use crawler::{opensearch, robots};
pub use error::{ErrorPage, PageError};
pub use frame::{Flash, Frame, Person, Place, Site};
pub use link::{CountedLink, Label, Link, Tone};

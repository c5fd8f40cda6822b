//! How data comes in: sources, jobs, records, and the job runner.
//!
//! A harvest goes through named steps. [`gather`] brings a source into a folder of parts, through [`fetch`] when it lies
//! on the web; the engine surveys those parts, decodes each record with the codecs of `fairground-standards` and hands
//! batches to the store of `fairground-catalog`, which alone writes SQL. Nothing here serves HTTP or knows a page.

pub mod fetch;
pub mod gather;
mod stop;

pub use stop::{Stop, StopReason};

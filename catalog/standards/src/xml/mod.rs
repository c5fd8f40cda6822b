//! XML that lists or describes datasets: where its records lie, and one record as a tree.
//!
//! quick-xml reads; nothing here loads a DTD, resolves an external entity or expands a declared one. References other than
//! the five predefined entities and characters are left out and noted.

pub(crate) mod document;
mod embedded;
pub(crate) mod page;
pub(crate) mod record;
pub(crate) mod survey;
pub(crate) mod tree;

pub(crate) use tree::Element;

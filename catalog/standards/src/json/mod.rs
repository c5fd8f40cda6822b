//! JSON documents read as a stream: a scanner that knows brackets and strings, and what catalogues look like from outside.

pub(crate) mod document;
pub(crate) mod nested;
pub(crate) mod nodes;
pub(crate) mod outline;
pub(crate) mod record;
pub(crate) mod scan;

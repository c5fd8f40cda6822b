//! The interactive documentation of the API: a page around Swagger UI, from our own files.

use askama::Template;

use crate::layout::Frame;

/// Swagger UI draws its arrows as `data:` pictures and sets styles from script, which `style-src 'self'` permits; it needs
/// no more than any other page.
pub const DOCS_POLICY: &str = crate::layout::PAGE_POLICY;

/// The page.
#[derive(Debug, Template)]
#[template(path = "docs/page.html")]
pub struct DocsView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
}

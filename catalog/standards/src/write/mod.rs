//! Drafts in foreign formats, for content negotiation.

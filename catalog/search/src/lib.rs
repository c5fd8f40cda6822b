//! The search index: documents in, ranked answers out.

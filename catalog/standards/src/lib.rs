//! Foreign catalogue formats to domain types and back.

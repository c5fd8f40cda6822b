//! Single values: what they are, by form and check.

pub(crate) mod account;
pub(crate) mod address;
pub(crate) mod date;
pub(crate) mod email;
pub(crate) mod network;
pub(crate) mod phone;

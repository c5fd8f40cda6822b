//! Which addresses the portal may reach on behalf of others: harvests follow addresses that catalogues name, the gateway
//! calls those that agencies register.
//!
//! [`is_public`] knows the public internet from everything else; [`AllowList`] is the operator's list of exceptions. Names are
//! resolved by the callers; [`AllowList::may_connect`] judges what they resolve to.

mod address;
mod allow;

pub use address::{is_public, plain};
pub use allow::{AllowList, HostStanding, InvalidAllowEntry};

//! Citizens: whoever follows, asks or supports by a confirmed address, with an account or without one.
//!
//! Nothing is known of a citizen but the address: it is sealed, and found by a keyed digest. What somebody wants to do stands
//! nowhere but in a sealed confirmation until the link in a letter was opened ([`begin`], [`confirm`]); whoever is signed in
//! with a proved address needs no letter ([`act`]). Who has nothing left here is forgotten (`forget_if_idle`).

mod confirmation;
mod personal;
mod store;

use fairground_domain::{CitizenId, DataRequestId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conversation::{DataRequest, NewDataRequest, NewQuestion, Question};
use crate::watch::{Follow, NewFollow};

pub use confirmation::{CONFIRM_SECS, MOST_WAITING, act, begin, confirm, look_at};
pub use personal::{CitizenData, about, collect, data_of, erase, erase_citizen};
pub use store::{address_of, by_token, of_email, page_token, replace_page_link};
pub(crate) use store::{find, forget_if_idle, same_text};

/// Somebody whose address is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citizen {
    /// The id, by which everything of theirs is found.
    pub id: CitizenId,
    /// Counts up when the link to their page is replaced.
    pub(crate) generation: i32,
    /// Since when they are known.
    pub created_at: Timestamp,
}

/// What a citizen wants to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// To be told of changes.
    Follow(NewFollow),
    /// To ask at a dataset.
    Ask(NewQuestion),
    /// To ask for data.
    Request(NewDataRequest),
    /// To ask for what somebody else asked for.
    Support(DataRequestId),
}

/// What was done.
#[derive(Debug, Clone)]
pub enum Done {
    /// They are told from now on.
    Followed(Follow),
    /// The question is public.
    Asked(Question),
    /// The request is public.
    Requested(DataRequest),
    /// The request has a supporter more, or had this one already.
    Supported(DataRequest),
}

//! Letters on their way: queued in the transaction that made them needed, handed over by a worker, deleted then.
//!
//! A letter is handed over at least once. Whoever takes one holds it for [`HOLD_SECS`]; if the process dies between the mail
//! server's yes and the deletion, the letter is handed over again after that, under the same id and so with the same
//! `Message-ID`, by which mailboxes know it for the same. The text is sealed with the portal's secret: it may hold links that
//! open doors.

mod store;

use fairground_domain::{LetterId, Timestamp};

pub use store::{
    count_put_off, count_waiting, enqueue, enqueue_listed, give_up, handed_over, make_due, put_off, take_due,
};

/// Hand-overs that are tried before a letter is given up; with the pauses between them about two days.
pub const MAX_ATTEMPTS: i32 = 12;
/// How long whoever takes a letter may need to hand it over, in seconds.
pub const HOLD_SECS: i64 = 300;
/// How long it stays known that a letter was given up, in seconds (30 days); its text goes at once.
pub const KEEP_FAILED_SECS: i64 = 30 * 86_400;
/// First pause after a failure, in seconds.
const FIRST_PAUSE_SECS: i64 = 30;
/// Longest pause between two tries, in seconds.
const LONGEST_PAUSE_SECS: i64 = 12 * 3_600;

/// A letter to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// The reader's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A letter that somebody has taken to hand it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenLetter {
    /// Its id, the same at every try.
    pub id: LetterId,
    /// What it is.
    pub letter: NewLetter,
    /// Where its reader ends such letters with one click (RFC 8058), for letters that somebody subscribed to.
    pub unsubscribe: Option<String>,
    /// The number of this try, from 1.
    pub attempt: i32,
    /// When it was queued.
    pub queued_at: Timestamp,
}

/// How long to wait after so many failed tries, in seconds: twice as long each time, up to half a day.
#[must_use]
pub fn pause_secs(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(30);
    FIRST_PAUSE_SECS.saturating_mul(1 << doublings).min(LONGEST_PAUSE_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!([1, 2, 3].map(pause_secs), [30, 60, 120]);
        assert_eq!(pause_secs(i32::MAX), LONGEST_PAUSE_SECS);
        assert_eq!(pause_secs(0), 30);
        let all: i64 = (1..MAX_ATTEMPTS).map(pause_secs).sum();
        assert!((12 * 3_600..3 * 86_400).contains(&all), "{all} s");
    }
}

//! Keys that a thread has digested lately, so that the next call with the same key need not be.
//!
//! What is kept is no key: a text is known again by 128 bits of a keyed hash (SipHash under secrets of this process that
//! are never shown), beside the digest that the key ring is asked with. Whoever guesses cannot aim at a place in the table
//! and learns nothing from how long it takes: neither hash nor digest can be computed without the secrets. A wrong or mistyped key
//! is never kept, and a key that is revoked is refused by the ring as before: only the digest is remembered, not the verdict.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

use super::identify::ReadKey;
use super::key_ring::Digest;

/// How many keys a thread remembers; a power of two. A busier key takes another's place.
const PLACES: usize = 1_024;

/// What a place holds: a key's two hashes, and its digest.
type Known = (u64, u64, Digest);

thread_local! {
    static KNOWN: RefCell<Vec<Option<Known>>> = const { RefCell::new(Vec::new()) };
}

/// `read`, with a memory.
pub(super) fn remembering(read: ReadKey) -> ReadKey {
    // Secrets of this gate: two gates of one process never take each other's keys for their own.
    let (one, other) = (RandomState::new(), RandomState::new());
    Box::new(move |text| {
        let hashes = (one.hash_one(text), other.hash_one(text));
        KNOWN.with_borrow_mut(|known| {
            if known.is_empty() {
                known.resize(PLACES, None);
            }
            let place = usize::try_from(hashes.0 % PLACES as u64).unwrap_or(0);
            let slot = known.get_mut(place)?;
            match slot {
                Some((a, b, digest)) if (*a, *b) == hashes => Some(*digest),
                _ => {
                    let digest = read(text)?;
                    *slot = Some((hashes.0, hashes.1, digest));
                    Some(digest)
                }
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn counted(mark: u8) -> (ReadKey, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let read: ReadKey = Box::new(move |text: &str| {
            counter.fetch_add(1, Ordering::Relaxed);
            let first = text.strip_prefix("fg_")?.bytes().next()?;
            let mut digest = [mark; 32];
            digest[0] = first;
            Some(digest)
        });
        (remembering(read), count)
    }

    #[test]
    fn a_key_is_digested_once_and_a_wrong_one_every_time() {
        let (read, count) = counted(1);
        let first = read("fg_a").expect("a key");
        assert_eq!((read("fg_a"), read("fg_a")), (Some(first), Some(first)));
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert_ne!(read("fg_b"), Some(first));
        assert_eq!((read("wrong"), read("wrong")), (None, None));
        assert_eq!(count.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn many_keys_take_each_others_places_and_are_never_mistaken() {
        let (read, _) = counted(1);
        for round in 0..3 {
            for number in 0..5_000_u32 {
                let letter = char::from_digit(number % 36, 36).expect("a digit");
                let digest = read(&format!("fg_{letter}{number}")).expect("a key");
                assert_eq!(char::from(digest[0]), letter, "round {round}");
            }
        }
    }

    #[test]
    fn two_gates_of_one_process_do_not_share_keys() {
        let ((one, _), (other, count)) = (counted(1), counted(2));
        assert_ne!(one("fg_a"), other("fg_a"));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}

//! The keys, in memory: by digest, without a lock and without a database.
//!
//! A digest is uniform, so its first bits pick one of [`SHARDS`] sorted slices and the next bits say about where in it to
//! look. A slice is immutable behind an atomic pointer: readers never wait, and a change replaces one slice (at a million
//! keys about 250 entries, some 30 kB) instead of the whole. What is shared by every empty shard is allocated once.
//!
//! A key is never compared with anything: its text becomes an HMAC-SHA-256 digest under the portal's secret, and the digest
//! is looked up. How long that takes depends on bits that nobody without the secret can choose or predict, so timing tells a
//! guesser nothing about keys that exist.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use fairground_admission::{Party, PlanRef};
use fairground_domain::{ApiKeyId, ApplicationId, Timestamp};
use parking_lot::Mutex;

use fairground_catalog::application::{KeyScopes, Restrictions};

/// How many slices; a power of two.
const SHARDS: usize = 4096;
/// First bits of a digest that pick the slice.
const SHARD_BITS: u32 = SHARDS.trailing_zeros();

/// What is looked up: the HMAC-SHA-256 digest of a key.
pub type Digest = [u8; 32];

/// Whether a key opens the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStanding {
    /// It does, until a moment in seconds since 1970 if it has an end.
    Active {
        /// The end.
        until_secs: Option<i64>,
    },
    /// It was revoked.
    Revoked,
    /// Its application is suspended: the public register says why.
    Suspended,
}

/// Everything that the hot path knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Whom limits count: the application's number.
    pub party: Party,
    /// The plan the application is on.
    pub plan: PlanRef,
    /// The application that holds the key.
    pub application: ApplicationId,
    /// The key.
    pub key: ApiKeyId,
    /// Whether it opens the door.
    pub standing: KeyStanding,
    /// For which operations it was given.
    pub scopes: KeyScopes,
    /// From where it may come; `None`, as for nearly all keys: from anywhere.
    pub restrictions: Option<Arc<Restrictions>>,
}

impl KeyEntry {
    /// Whether it is past its end at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        matches!(self.standing, KeyStanding::Active { until_secs: Some(until) } if until <= now.as_secs())
    }
}

/// One change of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyChange {
    /// The key is new or different.
    Put(Digest, KeyEntry),
    /// The key is gone.
    Remove(Digest),
}

impl KeyChange {
    const fn digest(&self) -> &Digest {
        match self {
            Self::Put(digest, _) | Self::Remove(digest) => digest,
        }
    }
}

/// A key in its slice.
#[derive(Debug)]
struct Slot {
    digest: Digest,
    entry: KeyEntry,
    /// The minute since 1970 in which it was last used, as far as this process knows; 0 for never. It is written at most once
    /// a minute, on a line that the look-up has just read.
    used: AtomicU32,
}

impl Slot {
    fn new(digest: Digest, entry: KeyEntry) -> Self {
        Self { digest, entry, used: AtomicU32::new(0) }
    }
}

impl Clone for Slot {
    /// A use that is noted while its slice is being replaced is lost; the next one is noted again.
    fn clone(&self) -> Self {
        Self { digest: self.digest, entry: self.entry.clone(), used: AtomicU32::new(self.used.load(Ordering::Relaxed)) }
    }
}

type Shard = [Slot];

/// The keys of the portal, for readers on every thread.
#[derive(Debug)]
pub struct KeyRing {
    shards: Box<[ArcSwap<Box<Shard>>]>,
    keys: AtomicUsize,
    /// One writer at a time, so that no change is lost between reading and replacing a slice.
    writer: Mutex<()>,
}

impl Default for KeyRing {
    fn default() -> Self {
        let empty: Arc<Box<Shard>> = Arc::default();
        Self {
            shards: (0..SHARDS).map(|_| ArcSwap::new(Arc::clone(&empty))).collect(),
            keys: AtomicUsize::new(0),
            writer: Mutex::new(()),
        }
    }
}

impl KeyRing {
    /// A ring without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys it knows, revoked ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.load(Ordering::Relaxed)
    }

    /// True when it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known of a key.
    #[must_use]
    pub fn find(&self, digest: &Digest) -> Option<KeyEntry> {
        let shard = self.shards.get(shard_of(digest))?.load();
        place(&shard, digest).ok().and_then(|at| shard.get(at)).map(|slot| slot.entry.clone())
    }

    /// Judges the use of a key where it lies; a use that is judged good is noted in `minute` (since 1970). `None` for a key that
    /// is not known.
    pub fn judge<T, E>(
        &self,
        digest: &Digest,
        minute: u32,
        verdict: impl FnOnce(&KeyEntry) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let shard = self.shards.get(shard_of(digest))?.load();
        let slot = place(&shard, digest).ok().and_then(|at| shard.get(at))?;
        let judged = verdict(&slot.entry);
        if judged.is_ok() && slot.used.load(Ordering::Relaxed) < minute {
            slot.used.store(minute, Ordering::Relaxed);
        }
        Some(judged)
    }

    /// The keys that were used in `minute` or later, each with its last minute: for whoever writes them down.
    #[must_use]
    pub fn used_since(&self, minute: u32) -> Vec<(ApiKeyId, u32)> {
        let of_shard = |shard: &ArcSwap<Box<Shard>>| {
            let of_slot = |slot: &Slot| {
                let used = slot.used.load(Ordering::Relaxed);
                (used >= minute.max(1)).then_some((slot.entry.key, used))
            };
            shard.load().iter().filter_map(of_slot).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(of_shard).collect()
    }

    /// The entries of some keys, found by going through all of them: for rare events such as a revocation.
    #[must_use]
    pub fn find_by_key(&self, keys: &[ApiKeyId]) -> Vec<(Digest, KeyEntry)> {
        if keys.is_empty() {
            return Vec::new();
        }
        let of_shard = |shard: &ArcSwap<Box<Shard>>| {
            let wanted = |slot: &&Slot| keys.contains(&slot.entry.key);
            shard.load().iter().filter(wanted).map(|slot| (slot.digest, slot.entry.clone())).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(of_shard).collect()
    }

    /// Applies changes in their order; readers see each of them at once, not all of them together.
    pub fn apply(&self, changes: impl IntoIterator<Item = KeyChange>) {
        let mut by_shard: HashMap<usize, Vec<KeyChange>> = HashMap::new();
        for change in changes {
            by_shard.entry(shard_of(change.digest())).or_default().push(change);
        }
        let _writer = self.writer.lock();
        for (shard, changes) in by_shard {
            let Some(slot) = self.shards.get(shard) else { continue };
            let before = slot.load_full();
            let mut keys = before.to_vec();
            for change in changes {
                match (place(&keys, change.digest()), change) {
                    (Ok(at), KeyChange::Put(digest, entry)) => {
                        if let Some(slot) = keys.get_mut(at) {
                            *slot = Slot { digest, entry, used: AtomicU32::new(slot.used.load(Ordering::Relaxed)) };
                        }
                    }
                    (Err(at), KeyChange::Put(digest, entry)) => keys.insert(at, Slot::new(digest, entry)),
                    (Ok(at), KeyChange::Remove(_)) => drop(keys.remove(at)),
                    (Err(_), KeyChange::Remove(_)) => {}
                }
            }
            self.count(before.len(), keys.len());
            slot.store(Arc::new(keys.into_boxed_slice()));
        }
    }

    /// Forgets everything and knows these keys; of two with one digest the last counts.
    pub fn replace_all(&self, keys: impl IntoIterator<Item = (Digest, KeyEntry)>) {
        let mut shards: Vec<Vec<Slot>> = vec![Vec::new(); SHARDS];
        for (digest, entry) in keys {
            if let Some(shard) = shards.get_mut(shard_of(&digest)) {
                shard.push(Slot::new(digest, entry));
            }
        }
        let empty: Arc<Box<Shard>> = Arc::default();
        let _writer = self.writer.lock();
        for (slot, mut keys) in self.shards.iter().zip(shards) {
            keys.reverse();
            keys.sort_by_key(|slot| slot.digest);
            keys.dedup_by(|a, b| a.digest == b.digest);
            self.count(slot.load().len(), keys.len());
            slot.store(if keys.is_empty() { Arc::clone(&empty) } else { Arc::new(keys.into_boxed_slice()) });
        }
    }

    fn count(&self, before: usize, after: usize) {
        if after >= before {
            self.keys.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.keys.fetch_sub(before - after, Ordering::Relaxed);
        }
    }
}

/// The first 64 bits of a digest, as a number.
fn head(digest: &Digest) -> u64 {
    digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

fn shard_of(digest: &Digest) -> usize {
    usize::try_from(head(digest) >> (u64::BITS - SHARD_BITS)).unwrap_or(0)
}

/// Where the digest is in a sorted slice, or where it belongs.
///
/// Digests are uniform, so the entry is looked for near its expected place first; wherever the first steps end, a binary
/// search over what remains gives the answer, so a skewed slice is slower but never wrong.
fn place(shard: &Shard, digest: &Digest) -> Result<usize, usize> {
    const STRIDE: usize = 8;
    let within = u128::from((head(digest) << SHARD_BITS) >> 1) << 1;
    let guess = usize::try_from((within * shard.len() as u128) >> u64::BITS).unwrap_or(0);
    let low = guess.saturating_sub(STRIDE);
    let high = guess.saturating_add(STRIDE).min(shard.len());
    let window = shard.get(low..high).unwrap_or_default();
    let holds = window.first().is_some_and(|first| first.digest <= *digest)
        && window.last().is_some_and(|last| *digest <= last.digest);
    if !holds {
        return shard.binary_search_by(|known| known.digest.cmp(digest));
    }
    window.binary_search_by(|known| known.digest.cmp(digest)).map(|at| low + at).map_err(|at| low + at)
}

#[cfg(test)]
mod tests {
    use fairground_admission::{Admission, AdmissionSettings, MemoryStore};
    use fairground_domain::{ContentHash, Tariff};

    use super::*;

    fn plan() -> PlanRef {
        let tariff = Tariff::default_at(Timestamp::from_micros(0));
        let admission = Admission::new(&tariff, Arc::new(MemoryStore::default()), AdmissionSettings::default());
        admission.plan(Tariff::OPEN).expect("the default tariff has it")
    }

    fn digest(number: u64) -> Digest {
        *ContentHash::of(&number.to_be_bytes()).as_bytes()
    }

    fn entry(plan: PlanRef, number: u64) -> KeyEntry {
        KeyEntry {
            party: Party::application(number),
            plan,
            application: ApplicationId::new(),
            key: ApiKeyId::new(),
            standing: KeyStanding::Active { until_secs: None },
            scopes: KeyScopes::ALL,
            restrictions: None,
        }
    }

    /// A million keys must stay cheap: what is asked of few of them stands behind a pointer.
    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<KeyEntry>() <= 80, "{} bytes", size_of::<KeyEntry>());
        assert!(size_of::<Slot>() <= 120, "{} bytes", size_of::<Slot>());
    }

    #[test]
    fn uses_are_noted_by_the_minute_and_outlive_a_change_of_the_key() {
        let (ring, plan) = (KeyRing::new(), plan());
        ring.replace_all((0..10).map(|n| (digest(n), entry(plan, n))));
        let good = |entry: &KeyEntry| Ok::<_, ()>(entry.clone());
        let used = ring.judge(&digest(3), 500, good).expect("is known").expect("is good");
        assert_eq!(ring.used_since(0), [(used.key, 500)]);
        ring.apply([KeyChange::Put(digest(3), KeyEntry { standing: KeyStanding::Suspended, ..used.clone() })]);
        assert_eq!(ring.used_since(500), [(used.key, 500)]);
        assert_eq!(ring.judge(&digest(3), 900, |_| Err::<(), _>(())), Some(Err(())), "a refused use is none");
        assert!(ring.judge(&digest(3), 499, good).is_some());
        assert_eq!(ring.used_since(500), [(used.key, 500)], "a use never goes back");
        assert_eq!(ring.used_since(501), []);
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        const KEYS: u64 = 50_000;
        let (ring, plan) = (KeyRing::new(), plan());
        ring.replace_all((0..KEYS).map(|n| (digest(n), entry(plan, n))));
        assert_eq!(ring.len(), 50_000);
        assert!((0..KEYS).all(|n| ring.find(&digest(n)).is_some_and(|e| e.party == Party::application(n))));
        assert!((KEYS..KEYS + 10_000).all(|n| ring.find(&digest(n)).is_none()));
    }

    #[test]
    fn changes_are_seen_at_once_and_counted() {
        let (ring, plan) = (KeyRing::new(), plan());
        ring.apply((0..3000).map(|n| KeyChange::Put(digest(n), entry(plan, n))));
        let revoked = KeyEntry { standing: KeyStanding::Revoked, ..entry(plan, 7) };
        ring.apply([
            KeyChange::Put(digest(7), revoked),
            KeyChange::Remove(digest(8)),
            KeyChange::Remove(digest(9_999)),
        ]);
        assert_eq!(ring.find(&digest(7)).map(|e| e.standing), Some(KeyStanding::Revoked));
        assert_eq!(ring.find(&digest(8)), None);
        assert_eq!(ring.len(), 2999);
        let known = ring.find(&digest(9)).expect("is known");
        assert_eq!(ring.find_by_key(&[known.key, ApiKeyId::new()]), [(digest(9), known)]);
        ring.replace_all([]);
        assert!(ring.is_empty() && ring.find(&digest(7)).is_none());
    }

    #[test]
    fn digests_that_are_not_uniform_are_found_all_the_same() {
        let (ring, plan) = (KeyRing::new(), plan());
        let skewed = |n: u64| {
            let mut digest = [0u8; 32];
            digest[24..].copy_from_slice(&n.to_be_bytes());
            digest
        };
        ring.replace_all((0..2000).map(|n| (skewed(n * 2), entry(plan, n))));
        assert!((0..2000).all(|n| ring.find(&skewed(n * 2)).is_some() && ring.find(&skewed(n * 2 + 1)).is_none()));
    }

    #[test]
    fn a_key_ends_at_its_moment() {
        let ends = KeyEntry { standing: KeyStanding::Active { until_secs: Some(100) }, ..entry(plan(), 1) };
        assert!(!ends.is_expired(Timestamp::from_micros(99_999_999)));
        assert!(ends.is_expired(Timestamp::from_micros(100_000_000)));
    }
}

//! Whom a limit counts, as a number that says nothing about them.

/// An opaque party: an application, or whoever calls without a key from one network address.
///
/// The two kinds live in disjoint ranges (the top bit tells them apart), so a keyless caller can never draw on an
/// application's quota. A keyless party stays in this process: it is never sent to a [`QuotaStore`](crate::QuotaStore).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party(u64);

const KEYLESS_BIT: u64 = 1 << 63;

impl Party {
    /// The application of that number; numbers are below 2⁶³ (the top bit is ignored).
    #[must_use]
    pub const fn application(number: u64) -> Self {
        Self(number & !KEYLESS_BIT)
    }

    /// A caller without a key, by a digest of the network address. The digest should be keyed with a secret of the
    /// process, so that nobody can aim at another's number.
    #[must_use]
    pub const fn keyless(digest: u64) -> Self {
        Self(digest | KEYLESS_BIT)
    }

    /// Whether it is a caller without a key.
    #[must_use]
    pub const fn is_keyless(self) -> bool {
        self.0 & KEYLESS_BIT != 0
    }

    /// The number, top bit included: for maps in memory.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The number that a usage record may carry: the application's, and 0 for every keyless caller, because what is
    /// derived from an address is never written down.
    #[must_use]
    pub const fn usage_number(self) -> u64 {
        if self.is_keyless() { 0 } else { self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Party;

    #[test]
    fn applications_and_keyless_callers_never_meet() {
        for number in [0, 1, 41, u64::MAX / 2, u64::MAX] {
            let (application, keyless) = (Party::application(number), Party::keyless(number));
            assert_ne!(application, keyless);
            assert!(keyless.is_keyless() && !application.is_keyless());
            assert_eq!(keyless.usage_number(), 0);
            assert_eq!(application.usage_number(), number & (u64::MAX >> 1));
        }
    }
}

//! One answered request, in 60 bytes.

use std::ops::BitOr;

/// A record's size on disk, checksum included.
pub const RECORD_BYTES: usize = 60;
/// Where the checksum starts: CRC-32 (ISO-HDLC) of all before it.
const CRC_AT: usize = RECORD_BYTES - 4;
/// The first byte of the layout below; also keeps a run of zeros from passing for a record.
const LAYOUT: u8 = 1;

/// What is particular about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Flags(u8);

impl Flags {
    /// Nothing particular.
    pub const NONE: Self = Self(0);
    /// Refused by admission: free of charge.
    pub const DENIED: Self = Self(1);
    /// Answered from a cache.
    pub const CACHED: Self = Self(1 << 1);
    /// The portal's own use.
    pub const OWN_USE: Self = Self(1 << 2);
    /// Answered 304: the caller had it already.
    pub const NOT_MODIFIED: Self = Self(1 << 3);
    /// On disk only: the record names a dataset.
    const HAS_DATASET: Self = Self(1 << 7);
    /// What callers of [`UsageRecord`] see of the byte on disk.
    const SEEN: u8 = 0b1111;

    /// How many lots keyless callers are told apart by; see [`UsageRecord::lot`].
    const LOTS: u8 = 8;
    /// Where the lot stands in the byte on disk.
    const LOT_SHIFT: u8 = 4;

    /// Whether all of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The byte on disk, with what the record adds to the flags.
    const fn on_disk(self, lot: u8, has_dataset: bool) -> u8 {
        let dataset = if has_dataset { Self::HAS_DATASET.0 } else { 0 };
        (self.0 & Self::SEEN) | ((lot % Self::LOTS) << Self::LOT_SHIFT) | dataset
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the meter keeps of one answered request. Nothing in it says who a person is: `party` is an application's number,
/// or 0 for whoever calls without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageRecord {
    /// When it was answered, in microseconds since 1970-01-01T00:00:00Z.
    pub at_micros: i64,
    /// The application's number, 0 for keyless callers.
    pub party: u64,
    /// The dataset that was asked for, if one.
    pub dataset: Option<[u8; 16]>,
    /// Cost units charged.
    pub units: u32,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// From the request's arrival to its answer, in microseconds.
    pub latency_micros: u32,
    /// The operation's place in the segment's [`Names`](crate::Names).
    pub operation: u16,
    /// The HTTP status.
    pub status: u16,
    /// The plan's place in the segment's [`Names`](crate::Names).
    pub plan: u8,
    /// The operation class's dense number.
    pub class: u8,
    /// What is particular about it.
    pub flags: Flags,
    /// For callers without a key: which of eight lots the caller fell into today, 0 to 7; else 0. An eighth of the world
    /// shares a lot, so it says nothing about anybody; but five lots in a sum are at least five callers, and small numbers
    /// need not be published.
    pub lot: u8,
}

impl UsageRecord {
    /// The record as it stands on disk, little-endian:
    /// layout 1, class 1, plan 1, flags with lot 1, operation 2, status 2, at 8, party 8, dataset 16, bytes 8, units 4, latency 4,
    /// checksum 4.
    #[must_use]
    pub fn encode(&self) -> [u8; RECORD_BYTES] {
        let flags = self.flags.on_disk(self.lot, self.dataset.is_some());
        let mut writer = Writer { bytes: [0; RECORD_BYTES], at: 0 };
        writer.put(&[LAYOUT, self.class, self.plan, flags]);
        writer.put(&self.operation.to_le_bytes());
        writer.put(&self.status.to_le_bytes());
        writer.put(&self.at_micros.to_le_bytes());
        writer.put(&self.party.to_le_bytes());
        writer.put(&self.dataset.unwrap_or_default());
        writer.put(&self.bytes.to_le_bytes());
        writer.put(&self.units.to_le_bytes());
        writer.put(&self.latency_micros.to_le_bytes());
        writer.seal()
    }

    /// Reads what [`Self::encode`] wrote; `None` when layout or checksum do not fit.
    #[must_use]
    pub fn decode(bytes: &[u8; RECORD_BYTES]) -> Option<Self> {
        let mut reader = Reader { rest: bytes };
        let [layout, class, plan, flags] = reader.take()?;
        let record = Self {
            class,
            plan,
            flags: Flags(flags & Flags::SEEN),
            lot: (flags >> Flags::LOT_SHIFT) % Flags::LOTS,
            operation: u16::from_le_bytes(reader.take()?),
            status: u16::from_le_bytes(reader.take()?),
            at_micros: i64::from_le_bytes(reader.take()?),
            party: u64::from_le_bytes(reader.take()?),
            dataset: Some(reader.take()?).filter(|_| Flags(flags).contains(Flags::HAS_DATASET)),
            bytes: u64::from_le_bytes(reader.take()?),
            units: u32::from_le_bytes(reader.take()?),
            latency_micros: u32::from_le_bytes(reader.take()?),
        };
        let (sealed, _) = bytes.split_at(CRC_AT);
        let intact = u32::from_le_bytes(reader.take()?) == crc32fast::hash(sealed);
        (layout == LAYOUT && intact).then_some(record)
    }
}

struct Writer {
    bytes: [u8; RECORD_BYTES],
    at: usize,
}

impl Writer {
    /// Of known length, so that each field is one store and no call.
    #[inline]
    fn put<const N: usize>(&mut self, field: &[u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut) {
            *place = *field;
        }
        self.at += N;
    }

    fn seal(mut self) -> [u8; RECORD_BYTES] {
        debug_assert_eq!(self.at, CRC_AT, "the fields fill the record");
        let (sealed, _) = self.bytes.split_at(CRC_AT);
        let crc = crc32fast::hash(sealed);
        self.put(&crc.to_le_bytes());
        self.bytes
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*field)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_record() -> impl Strategy<Value = UsageRecord> {
        let numbers = (any::<i64>(), any::<u64>(), any::<u64>(), any::<u32>(), any::<u32>());
        let small = (any::<u16>(), any::<u16>(), any::<u8>(), any::<u8>(), 0_u8..16, 0_u8..8);
        (numbers, small, any::<Option<[u8; 16]>>()).prop_map(|(numbers, small, dataset)| UsageRecord {
            at_micros: numbers.0,
            party: numbers.1,
            bytes: numbers.2,
            units: numbers.3,
            latency_micros: numbers.4,
            operation: small.0,
            status: small.1,
            plan: small.2,
            class: small.3,
            flags: Flags(small.4),
            lot: small.5,
            dataset,
        })
    }

    proptest! {
        #[test]
        fn a_record_reads_back_as_it_was_written(record in any_record()) {
            prop_assert_eq!(UsageRecord::decode(&record.encode()), Some(record));
        }

        #[test]
        fn a_record_with_any_bit_turned_is_refused(record in any_record(), bit in 0..RECORD_BYTES * 8) {
            let mut bytes = record.encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(UsageRecord::decode(&bytes), None);
        }
    }

    /// The figure that operators plan their disks by.
    const MOST_BYTES_A_REQUEST: usize = 60;

    #[test]
    fn a_request_takes_no_more_than_it_was_promised_to() {
        let full = UsageRecord { dataset: Some([7; 16]), bytes: u64::MAX, lot: 7, ..UsageRecord::default() };
        assert!(full.encode().len() <= MOST_BYTES_A_REQUEST);
        assert_eq!(full.encode().len(), RECORD_BYTES);
    }

    #[test]
    fn zeros_are_not_a_record() {
        assert_eq!(UsageRecord::decode(&[0; RECORD_BYTES]), None);
    }
}

//! The head of a segment: what it is, and what its numbers mean.

use std::io::Read;

use crate::MeterError;
use crate::names::{NAMES_MAX_BYTES, Names};

/// Says what the file is and which layout it has.
const MAGIC: [u8; 8] = *b"FGUSAGE1";
/// Magic and the length of the names.
const FIXED_BYTES: usize = MAGIC.len() + 4;
const CRC_BYTES: usize = 4;

/// The head as bytes: magic 8, length of the names 4 (little-endian), the names, CRC-32 of all that.
pub(crate) fn encode(names: &Names) -> Result<Vec<u8>, MeterError> {
    let names = names.encode()?;
    let length = u32::try_from(names.len()).map_err(|_| MeterError::NamesTooLong(names.len()))?;
    let mut head = Vec::with_capacity(FIXED_BYTES + names.len() + CRC_BYTES);
    head.extend(MAGIC);
    head.extend(length.to_le_bytes());
    head.extend(names);
    head.extend(crc32fast::hash(&head).to_le_bytes());
    Ok(head)
}

/// What the start of a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Whole; records start at that offset.
    Whole { names: Names, bytes: u64 },
    /// Not all of it is there: being written, or cut off by a crash.
    Partial,
    /// Something else.
    Foreign,
}

/// Reads the head from the start of a file.
pub(crate) fn read(file: &mut impl Read) -> std::io::Result<Head> {
    let mut head = Vec::new();
    if !read_up_to(file, FIXED_BYTES, &mut head)? {
        return Ok(if MAGIC.starts_with(head.get(..MAGIC.len()).unwrap_or(&head)) {
            Head::Partial
        } else {
            Head::Foreign
        });
    }
    let Some((magic, length)) = head.split_first_chunk::<8>() else { return Ok(Head::Foreign) };
    let length = <[u8; 4]>::try_from(length).map_or(u32::MAX, u32::from_le_bytes);
    let names_bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if *magic != MAGIC || names_bytes > NAMES_MAX_BYTES {
        return Ok(Head::Foreign);
    }
    if !read_up_to(file, names_bytes + CRC_BYTES, &mut head)? {
        return Ok(Head::Partial);
    }
    Ok(check(&head).unwrap_or(Head::Foreign))
}

fn check(head: &[u8]) -> Option<Head> {
    let (sealed, crc) = head.split_last_chunk::<CRC_BYTES>()?;
    let names = Names::decode(sealed.get(FIXED_BYTES..)?)?;
    let intact = u32::from_le_bytes(*crc) == crc32fast::hash(sealed);
    intact.then_some(Head::Whole { names, bytes: u64::try_from(head.len()).ok()? })
}

/// Appends `count` bytes; `false` when the file ends before.
fn read_up_to(file: &mut impl Read, count: usize, into: &mut Vec<u8>) -> std::io::Result<bool> {
    let limit = u64::try_from(count).unwrap_or(u64::MAX);
    Ok(file.by_ref().take(limit).read_to_end(into)? == count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_whole_partial_or_foreign() {
        let names = Names { plans: vec!["open".to_owned()], operations: vec!["find_dataset".to_owned()] };
        let bytes = encode(&names).expect("short names");
        let whole = Head::Whole { names, bytes: bytes.len() as u64 };
        assert_eq!(read(&mut &bytes[..]).expect("reads"), whole);
        for cut in 0..bytes.len() {
            assert_eq!(read(&mut &bytes[..cut]).expect("reads"), Head::Partial, "cut at {cut}");
        }
        for other in ["not a segment at all", "FGUSAGE9............"] {
            assert_eq!(read(&mut other.as_bytes()).expect("reads"), Head::Foreign);
        }
        let mut turned = bytes;
        turned[14] ^= 1;
        assert_eq!(read(&mut &turned[..]).expect("reads"), Head::Foreign);
    }
}

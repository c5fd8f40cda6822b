//! Cursors: where a page begins, as a short opaque text that holds for one question about one snapshot.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairground_domain::ContentHash;

use crate::plan::Start;

/// Bytes of a cursor that tie it to its question.
const TAG_BYTES: usize = 8;

/// Writes a cursor: a tag over the question and the place, the row, the rows before. About 20 characters.
pub(super) fn write(question: ContentHash, row: u64, offset: u64) -> String {
    let mut place = Vec::with_capacity(20);
    write_number(row, &mut place);
    write_number(offset, &mut place);
    let mut bytes = tag(question, &place).to_vec();
    bytes.append(&mut place);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor; `None` when it is none, or of another question.
pub(super) fn read(question: ContentHash, text: &str) -> Option<Start> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (head, place) = bytes.split_first_chunk::<TAG_BYTES>()?;
    if *head != tag(question, place) {
        return None;
    }
    let (row, rest) = read_number(place)?;
    let (offset, rest) = read_number(rest)?;
    rest.is_empty().then_some(Start::AfterRow { row, offset })
}

fn tag(question: ContentHash, place: &[u8]) -> [u8; TAG_BYTES] {
    let hash = ContentHash::of_parts([question.as_bytes().as_slice(), place]);
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// Seven bits a byte, the lowest first, the highest bit set while more follow.
fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7F).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

fn read_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7F);
        number |= bits.checked_shl(u32::try_from(7 * at).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_back_by_its_own_question_alone(row: u64, offset: u64) {
            let (mine, other) = (ContentHash::of(b"mine"), ContentHash::of(b"other"));
            let text = write(mine, row, offset);
            prop_assert!(text.len() <= 38);
            prop_assert_eq!(read(mine, &text), Some(Start::AfterRow { row, offset }));
            prop_assert_eq!(read(other, &text), None);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            prop_assert_eq!(read(ContentHash::of(b"mine"), &text), None);
        }
    }
}

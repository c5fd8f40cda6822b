//! Where a page ended, as opaque text.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairground_domain::DatasetId;
use uuid::Uuid;

use crate::error::SearchError;
use crate::query::Sort;

/// First byte of every cursor; raised when the meaning of the rest changes.
const FORMAT: u8 = 1;
/// Longest text that can be a cursor.
const MAX_TEXT: usize = 1_024;
/// Bytes before the key: format, sort, words that had to match, day.
const HEAD: usize = 5;
/// Bytes after the key: dataset id and checksum.
const TAIL: usize = 16 + 4;

/// The place after the last hit of a page: the value it was sorted by and its id.
///
/// It names a place in the order, not a row number: it costs the same at any depth, and what is added or removed elsewhere
/// neither repeats nor hides a hit. Under [`Sort::Relevance`] scores move a little when documents change, so a hit right at
/// the edge of a page may do so too; the other orders are exact. Written as URL-safe text by `Display`, read by `FromStr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) sort: Sort,
    /// How many of the words had to match on the first page (see [`crate::Reading`]); 0 for all.
    pub(crate) required: u8,
    /// The day on which freshness was taken, in days since 1970.
    pub(crate) day: u16,
    pub(crate) key: Key,
    pub(crate) id: DatasetId,
}

/// The value that the last hit was sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// A rank: the smaller, the earlier.
    Rank(u64),
    /// A folded title, or a slug.
    Title(String),
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sort = match self.sort {
            Sort::Relevance => b'r',
            Sort::Modified => b'm',
            Sort::Issued => b'i',
            Sort::Title => b't',
            Sort::TitleDescending => b'T',
            Sort::Slug => b's',
            Sort::SlugDescending => b'S',
            Sort::Updated => b'u',
            Sort::UpdatedAscending => b'U',
            Sort::Id => b'd',
            Sort::IdDescending => b'D',
        };
        let mut bytes = vec![FORMAT, sort, self.required];
        bytes.extend(self.day.to_be_bytes());
        match &self.key {
            Key::Rank(rank) => bytes.extend(rank.to_be_bytes()),
            Key::Title(title) => bytes.extend(title.as_bytes()),
        }
        bytes.extend(self.id.as_uuid().as_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, SearchError> {
        read(text).ok_or(SearchError::InvalidCursor)
    }
}

fn read(text: &str) -> Option<Cursor> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if body.len() + sum.len() < HEAD + TAIL || crc32fast::hash(body) != u32::from_be_bytes(*sum) {
        return None;
    }
    let (rest, id) = body.split_last_chunk::<16>()?;
    let (&[format, sort, required, day_high, day_low], key) = rest.split_first_chunk::<HEAD>()?;
    if format != FORMAT {
        return None;
    }
    let sort = match sort {
        b'r' => Sort::Relevance,
        b'm' => Sort::Modified,
        b'i' => Sort::Issued,
        b't' => Sort::Title,
        b'T' => Sort::TitleDescending,
        b's' => Sort::Slug,
        b'S' => Sort::SlugDescending,
        b'u' => Sort::Updated,
        b'U' => Sort::UpdatedAscending,
        b'd' => Sort::Id,
        b'D' => Sort::IdDescending,
        _ => return None,
    };
    let key = if sort.is_by_text() {
        Key::Title(String::from_utf8(key.to_vec()).ok()?)
    } else {
        Key::Rank(u64::from_be_bytes(key.try_into().ok()?))
    };
    let id = DatasetId::from_uuid(Uuid::from_bytes(*id));
    Some(Cursor { sort, required, day: u16::from_be_bytes([day_high, day_low]), key, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        for (sort, key) in [
            (Sort::Relevance, Key::Rank(7)),
            (Sort::Modified, Key::Rank(u64::MAX)),
            (Sort::Issued, Key::Rank(0)),
            (Sort::Title, Key::Title("été à la mer".to_owned())),
            (Sort::Title, Key::Title(String::new())),
        ] {
            let cursor = Cursor { sort, required: 3, day: 20_000, key, id: DatasetId::new() };
            let text = cursor.to_string();
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
            assert_eq!(text.parse::<Cursor>().ok(), Some(cursor));
        }
    }

    #[test]
    fn what_is_not_a_cursor_is_refused_by_name() {
        let good =
            Cursor { sort: Sort::Modified, required: 0, day: 1, key: Key::Rank(7), id: DatasetId::new() }.to_string();
        let turned: String = good.chars().rev().collect();
        let cut = &good[..good.len() - 3];
        let long = "A".repeat(MAX_TEXT + 1);
        for bad in ["", "x", "1", "null", "../../etc/passwd", "é", &turned, cut, &long, &format!("{good}A")] {
            assert!(matches!(bad.parse::<Cursor>(), Err(SearchError::InvalidCursor)), "{bad}");
        }
    }
}

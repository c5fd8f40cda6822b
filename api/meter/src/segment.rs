//! How segments are named and where one is in them.

use std::fmt;
use std::path::{Path, PathBuf};

/// How a segment's file name ends.
pub(crate) const SUFFIX: &str = ".usage";
/// Digits of the counter, so that names sort as numbers do.
const COUNTER_DIGITS: usize = 12;

/// A segment's id: the node that wrote it and a number that node never gives twice. Sorts in the order of writing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId {
    /// The writing node's id: lower-case letters and digits.
    pub node: String,
    /// Counts up from 1.
    pub counter: u64,
}

/// A place in a segment: all before `offset` has been read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentPosition {
    /// The writing node's id.
    pub node: String,
    /// The segment's number.
    pub segment: u64,
    /// In bytes from the start of the file; 0 before anything was read.
    pub offset: u64,
}

/// What is known of a segment without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Which one.
    pub id: SegmentId,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Whether a recorder of this process still writes to it.
    pub is_live: bool,
}

impl SegmentId {
    pub(crate) fn path(&self, dir: &Path) -> PathBuf {
        dir.join(self.file_name())
    }

    /// Reads a file name; `None` for other files.
    pub(crate) fn from_file_name(name: &str) -> Option<Self> {
        let (node, counter) = name.strip_suffix(SUFFIX)?.rsplit_once('-')?;
        let fits = counter.len() >= COUNTER_DIGITS && counter.bytes().all(|b| b.is_ascii_digit()) && is_node_id(node);
        fits.then_some(())?;
        Some(Self { node: node.to_owned(), counter: counter.parse().ok()? })
    }

    /// The place before the segment's first record.
    #[must_use]
    pub fn start(&self) -> SegmentPosition {
        SegmentPosition { node: self.node.clone(), segment: self.counter, offset: 0 }
    }
}

impl SegmentId {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{self}{SUFFIX}")
    }
}

impl SegmentPosition {
    /// The segment it is a place in.
    #[must_use]
    pub fn id(&self) -> SegmentId {
        SegmentId { node: self.node.clone(), counter: self.segment }
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:0width$}", self.node, self.counter, width = COUNTER_DIGITS)
    }
}

/// 4 to 40 of `a-z 0-9`.
pub(crate) fn is_node_id(text: &str) -> bool {
    (4..=40).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_in_the_order_of_writing_and_read_back() {
        let id = |counter| SegmentId { node: "ab12".to_owned(), counter };
        let names: Vec<String> = [1, 9, 10, 999_999_999_999].map(|n| format!("{}{SUFFIX}", id(n))).into();
        assert!(names.is_sorted());
        for (name, counter) in names.iter().zip([1, 9, 10, 999_999_999_999]) {
            assert_eq!(SegmentId::from_file_name(name), Some(id(counter)));
        }
        for other in
            ["node", "ab12-1.usage", "ab12-00000000000x.usage", "../e-000000000001.usage", "-000000000001.usage"]
        {
            assert_eq!(SegmentId::from_file_name(other), None, "{other}");
        }
    }
}

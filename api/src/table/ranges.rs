//! Parts of files: `Range` and `If-Range` (RFC 9110, section 14).

use std::ops::Range;

use actix_web::http::header::{self, HeaderMap};

use fairground_domain::Timestamp;

/// What part of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// These bytes, the end excluded; never empty.
    Bytes(Range<u64>),
    /// None that there is.
    Beyond,
}

impl Part {
    /// Reads `Range`, unless `If-Range` names another state of the file than this. Several ranges, and units that are not bytes, count as
    /// none (RFC 9110, section 14.2 lets a server ignore the field).
    pub(crate) fn asked(headers: &HeaderMap, length: u64, etag: &str, last_modified: Timestamp) -> Self {
        let Some(range) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Self::Whole };
        if let Some(condition) = headers.get(header::IF_RANGE) {
            let holds = condition.to_str().is_ok_and(|text| text == etag || text == last_modified.http_date());
            if !holds {
                return Self::Whole;
            }
        }
        let Some(spec) = range.trim().strip_prefix("bytes=") else { return Self::Whole };
        match spec.trim().split_once('-') {
            Some((first, last)) => Self::of(first.trim(), last.trim(), length),
            None => Self::Whole,
        }
    }

    fn of(first: &str, last: &str, length: u64) -> Self {
        match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => Self::cut(first, last.saturating_add(1), length),
            (Ok(first), Err(_)) if last.is_empty() => Self::cut(first, length, length),
            (Err(_), Ok(tail)) if first.is_empty() => match tail {
                0 => Self::Beyond,
                tail => Self::cut(length.saturating_sub(tail), length, length),
            },
            _ => Self::Whole,
        }
    }

    fn cut(first: u64, end: u64, length: u64) -> Self {
        let end = end.min(length);
        if first < end { Self::Bytes(first..end) } else { Self::Beyond }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn parts_are_read_as_the_standard_says() {
        for (range, part) in [
            ("", Part::Whole),
            ("bytes=0-9", Part::Bytes(0..10)),
            ("bytes=90-", Part::Bytes(90..100)),
            ("bytes=-10", Part::Bytes(90..100)),
            ("bytes=-1000", Part::Bytes(0..100)),
            ("bytes=99-1000", Part::Bytes(99..100)),
            ("bytes=100-", Part::Beyond),
            ("bytes=200-300", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=9-3", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("rows=0-9", Part::Whole),
        ] {
            let mut headers = HeaderMap::new();
            if !range.is_empty() {
                headers.insert(header::RANGE, HeaderValue::from_static(range));
            }
            assert_eq!(Part::asked(&headers, 100, "\"x\"", Timestamp::from_micros(0)), part, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_state_is_not_given() {
        let at = Timestamp::from_micros(784_111_777_000_000);
        for (condition, part) in [
            ("\"x\"", Part::Bytes(0..10)),
            ("\"y\"", Part::Whole),
            ("W/\"x\"", Part::Whole),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Part::Bytes(0..10)),
            ("Sun, 06 Nov 1994 08:49:38 GMT", Part::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-9"));
            headers.insert(HeaderName::from_static("if-range"), HeaderValue::from_static(condition));
            assert_eq!(Part::asked(&headers, 100, "\"x\"", at), part, "{condition}");
        }
    }
}

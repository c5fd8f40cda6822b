//! The path of a call, normalised once: what operation classes are judged by is what is forwarded.
//!
//! Servers differ in how they read unusual paths: one resolves `..` after decoding, another before; one cuts `;…` off, another
//! does not. A gateway that reads a path differently from the upstream behind it can be talked past. So whatever can be read
//! in two ways is refused here, and the rest is put into the normal form of RFC 3986, section 6.2.2.

use std::fmt;

/// Longest path that is read, in bytes.
pub const MAX_PATH_BYTES: usize = 8 * 1024;

/// What one upstream's paths may hold beyond the plain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathRules {
    /// Matrix parameters (`/stations;year=2026`): many servers cut them off before they route, so a service must ask for them.
    pub matrix_parameters: bool,
}

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathRefused {
    /// It does not begin with a slash.
    #[error("a path begins with `/`")]
    NotRooted,
    /// Longer than [`MAX_PATH_BYTES`].
    #[error("the path is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
    /// A byte that no path may hold unescaped.
    #[error("the path holds a character that must be escaped")]
    BadCharacter,
    /// A `%` without two hexadecimal digits.
    #[error("the path holds a `%` without two hexadecimal digits")]
    BadEscape,
    /// A control character, NUL included, in escaped form.
    #[error("the path holds an escaped control character")]
    EscapedControl,
    /// `%2F` or `%5C`, or a backslash.
    #[error("the path holds an escaped slash or a backslash")]
    EscapedSlash,
    /// An escape that would become another one when it is read twice.
    #[error("the path is escaped twice")]
    EscapedTwice,
    /// `.` or `..`, in whatever form.
    #[error("the path holds `.` or `..` as a segment")]
    DotSegment,
    /// `//`.
    #[error("the path holds an empty segment")]
    EmptySegment,
    /// A matrix parameter where the service has none.
    #[error("the path holds a `;`, which this service does not use")]
    MatrixParameter,
}

/// A path in normal form: it begins with a slash, holds no empty, `.` or `..` segment, no control character, no backslash and
/// no escaped slash; characters that need no escape are not escaped, and escapes are in capitals.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CleanPath(String);

impl CleanPath {
    /// Reads the path of a request target (RFC 9112, section 3.2.1), without its query. An empty one is `/`.
    ///
    /// # Errors
    /// A [`PathRefused`] for whatever can be read in two ways.
    pub fn parse(raw: &str, rules: PathRules) -> Result<Self, PathRefused> {
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathRefused::TooLong);
        }
        if raw.is_empty() {
            return Ok(Self("/".to_owned()));
        }
        if !raw.starts_with('/') {
            return Err(PathRefused::NotRooted);
        }
        let clean = unescape(raw, rules)?;
        judge_segments(&clean)?;
        Ok(Self(clean))
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its segments as routes see them: without matrix parameters, and without the emptiness behind a slash at the end.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        let inner = self.0.trim_start_matches('/').trim_end_matches('/');
        let bare = |segment: &'_ str| -> usize { segment.find(';').unwrap_or(segment.len()) };
        let parts = (!inner.is_empty()).then(|| inner.split('/')).into_iter().flatten();
        parts.map(move |segment| segment.get(..bare(segment)).unwrap_or(segment))
    }
}

impl fmt::Display for CleanPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Unreserved characters (RFC 3986, section 2.3).
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// What a path may hold as it is, apart from unreserved characters (RFC 3986, section 3.3).
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

fn unescape(raw: &str, rules: PathRules) -> Result<String, PathRefused> {
    let mut clean = String::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (Some(high), Some(low)) = (bytes.next().and_then(digit), bytes.next().and_then(digit)) else {
                    return Err(PathRefused::BadEscape);
                };
                push_escaped(&mut clean, high << 4 | low, ahead(&bytes), rules)?;
            }
            b';' if rules.matrix_parameters => clean.push(';'),
            b';' => return Err(PathRefused::MatrixParameter),
            b'\\' => return Err(PathRefused::EscapedSlash),
            _ if is_unreserved(byte) || is_plain(byte) => clean.push(char::from(byte)),
            _ => return Err(PathRefused::BadCharacter),
        }
    }
    Ok(clean)
}

/// The next two bytes, zeros where there are none.
fn ahead(rest: &std::str::Bytes<'_>) -> [u8; 2] {
    let mut rest = rest.clone();
    [rest.next().unwrap_or(0), rest.next().unwrap_or(0)]
}

fn push_escaped(clean: &mut String, byte: u8, next: [u8; 2], rules: PathRules) -> Result<(), PathRefused> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    match byte {
        b'/' | b'\\' => return Err(PathRefused::EscapedSlash),
        0..=0x1f | 0x7f => return Err(PathRefused::EscapedControl),
        b';' if !rules.matrix_parameters => return Err(PathRefused::MatrixParameter),
        // `%252e`: a server that decodes twice would see what was refused above.
        b'%' if is_dangerous_twice(next) => return Err(PathRefused::EscapedTwice),
        _ if is_unreserved(byte) => clean.push(char::from(byte)),
        _ => {
            clean.push('%');
            for digit in [byte >> 4, byte & 0xf] {
                clean.push(char::from(HEX.get(usize::from(digit)).copied().unwrap_or(b'0')));
            }
        }
    }
    Ok(())
}

/// Two hexadecimal digits that stand for a dot, a slash, a backslash, a semicolon, a `%` or a control character.
fn is_dangerous_twice([high, low]: [u8; 2]) -> bool {
    let (Some(high), Some(low)) = (digit(high), digit(low)) else { return false };
    matches!(high << 4 | low, b'.' | b'/' | b'\\' | b';' | b'%' | 0..=0x1f | 0x7f)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn judge_segments(clean: &str) -> Result<(), PathRefused> {
    let inner = clean.strip_prefix('/').unwrap_or(clean);
    let last = inner.split('/').count().saturating_sub(1);
    for (at, segment) in inner.split('/').enumerate() {
        // With a matrix parameter, `..;a=b` is `..` to those who cut it off.
        let bare = segment.split(';').next().unwrap_or_default();
        if bare == "." || bare == ".." {
            return Err(PathRefused::DotSegment);
        }
        if segment.is_empty() && at < last {
            return Err(PathRefused::EmptySegment);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: PathRules = PathRules { matrix_parameters: false };
    const MATRIX: PathRules = PathRules { matrix_parameters: true };

    #[test]
    fn a_path_has_one_normal_form() {
        for (raw, clean) in [
            ("", "/"),
            ("/", "/"),
            ("/stations", "/stations"),
            ("/stations/", "/stations/"),
            ("/%73tations/%7e%2D", "/stations/~-"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/a%20b", "/a%20b"),
            ("/a:b@c,d=e+f", "/a:b@c,d=e+f"),
            ("/...", "/..."),
            ("/100%25", "/100%25"),
            ("/100%2541", "/100%2541"),
        ] {
            let parsed = CleanPath::parse(raw, PLAIN).expect(raw);
            assert_eq!(parsed.as_str(), clean, "{raw}");
            assert_eq!(CleanPath::parse(clean, PLAIN).as_ref(), Ok(&parsed), "{raw} is not stable");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        use PathRefused as R;
        for (raw, why) in [
            ("stations", R::NotRooted),
            ("http://evil.example/", R::NotRooted),
            ("/a b", R::BadCharacter),
            ("/a\u{0}b", R::BadCharacter),
            ("/caf\u{e9}", R::BadCharacter),
            ("/a\"b", R::BadCharacter),
            ("/a<b>", R::BadCharacter),
            ("/a?b", R::BadCharacter),
            ("/a#b", R::BadCharacter),
            ("/%", R::BadEscape),
            ("/%2", R::BadEscape),
            ("/%zz", R::BadEscape),
            ("/%+1", R::BadEscape),
            ("/%00", R::EscapedControl),
            ("/%0d%0aX:y", R::EscapedControl),
            ("/%7F", R::EscapedControl),
            ("/a%2fb", R::EscapedSlash),
            ("/a%2Fb", R::EscapedSlash),
            ("/a%5cb", R::EscapedSlash),
            ("/a\\b", R::EscapedSlash),
            ("/%252e%252e/", R::EscapedTwice),
            ("/%252f", R::EscapedTwice),
            ("/%2525", R::EscapedTwice),
            ("/..", R::DotSegment),
            ("/./a", R::DotSegment),
            ("/a/../b", R::DotSegment),
            ("/a/%2e%2e/b", R::DotSegment),
            ("/a/.%2E/b", R::DotSegment),
            ("//", R::EmptySegment),
            ("/a//b", R::EmptySegment),
            ("//evil.example/a", R::EmptySegment),
            ("/a;b=c", R::MatrixParameter),
            ("/a%3bb", R::MatrixParameter),
        ] {
            assert_eq!(CleanPath::parse(raw, PLAIN), Err(why), "{raw}");
        }
        assert_eq!(CleanPath::parse(&format!("/{}", "a".repeat(MAX_PATH_BYTES)), PLAIN), Err(R::TooLong));
    }

    #[test]
    fn matrix_parameters_hide_no_segment_from_routes() {
        let path = CleanPath::parse("/stations;year=2026/7/", MATRIX).expect("allowed");
        assert_eq!(path.as_str(), "/stations;year=2026/7/");
        assert_eq!(path.segments().collect::<Vec<_>>(), ["stations", "7"]);
        assert_eq!(CleanPath::parse("/a/..;x=y/b", MATRIX), Err(PathRefused::DotSegment));
        assert_eq!(CleanPath::parse("/", MATRIX).expect("the root").segments().count(), 0);
    }
}

//! Patterns over paths: `/stations/{station}/values`, `/exports/{rest...}`.

use crate::path::CleanPath;

/// Most segments that a pattern may have.
const MAX_SEGMENTS: usize = 32;

/// A pattern. Letter case makes no difference, and neither does a slash at the end: an upstream that sees no difference there
/// cannot be used to get a dear operation for the price of a cheap one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
    /// Ends in `{name...}`: whatever follows.
    open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Any,
}

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path pattern; write for example `/stations/{{station}}/values` or `/exports/{{rest...}}`")]
pub struct InvalidPattern(pub String);

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `InvalidPattern` with the text.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = || InvalidPattern(text.chars().take(200).collect());
        let inner = text.strip_prefix('/').ok_or_else(invalid)?.trim_end_matches('/');
        let mut pattern = Self { segments: Vec::new(), open: false };
        for part in inner.split('/').filter(|_| !inner.is_empty()) {
            if pattern.open || pattern.segments.len() == MAX_SEGMENTS {
                return Err(invalid());
            }
            match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if name.ends_with("...") => pattern.open = true,
                Some(name) if !name.is_empty() && !name.contains(['{', '}']) => pattern.segments.push(Segment::Any),
                Some(_) => return Err(invalid()),
                None => {
                    let bytes =
                        part.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'{' | b'}' | b'?' | b'#' | b';'));
                    if part.is_empty() || !bytes {
                        return Err(invalid());
                    }
                    pattern.segments.push(Segment::Fixed(part.to_owned()));
                }
            }
        }
        Ok(pattern)
    }

    /// Whether a path is one of those that are meant.
    #[must_use]
    pub fn matches(&self, path: &CleanPath) -> bool {
        let mut given = path.segments();
        for wanted in &self.segments {
            let Some(segment) = given.next() else { return false };
            match wanted {
                Segment::Fixed(text) if !text.eq_ignore_ascii_case(segment) => return false,
                Segment::Fixed(_) | Segment::Any => {}
            }
        }
        self.open || given.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::PathRules;

    #[test]
    fn patterns_match_paths_however_they_are_written() {
        for (pattern, path, matches) in [
            ("/", "/", true),
            ("/", "/a", false),
            ("/stations", "/stations", true),
            ("/stations/", "/stations", true),
            ("/stations", "/Stations/", true),
            ("/stations", "/%73tations", true),
            ("/stations", "/stations;a=b", true),
            ("/stations/{id}", "/stations/7", true),
            ("/stations/{id}", "/stations", false),
            ("/stations/{id}", "/stations/7/values", false),
            ("/stations/{id}/values", "/stations/7/values", true),
            ("/exports/{rest...}", "/exports/a/b/c", true),
            ("/exports/{rest...}", "/exports", true),
            ("/exports/{rest...}", "/export", false),
            ("/{all...}", "/", true),
        ] {
            let parsed = PathPattern::parse(pattern).expect(pattern);
            let path = CleanPath::parse(path, PathRules { matrix_parameters: true }).expect(path);
            assert_eq!(parsed.matches(&path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let deep = "/a".repeat(MAX_SEGMENTS + 1);
        for bad in ["", "stations", "/a//b", "/{}", "/{a}{b}", "/a{b}", "/{rest...}/b", "/a?b", "/a b", "/a;b", &deep] {
            assert!(PathPattern::parse(bad).is_err(), "{bad}");
        }
    }
}

//! `Cache-Control` (RFC 9111, section 5.2), in calls and answers.

use http::header::{self, HeaderMap};

/// Longest time that is believed, in seconds (RFC 9111, section 1.2.2).
const LONGEST_SECS: u64 = 2_147_483_648;

/// The directives that matter to a shared cache. Of one that is said twice, the stricter counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) no_store: bool,
    /// `no-cache`, also when it names fields: those could not be told apart safely.
    pub(crate) no_cache: bool,
    /// `private`, also when it names fields.
    pub(crate) private: bool,
    pub(crate) public: bool,
    pub(crate) must_revalidate: bool,
    pub(crate) proxy_revalidate: bool,
    pub(crate) must_understand: bool,
    pub(crate) only_if_cached: bool,
    pub(crate) max_age: Option<u64>,
    pub(crate) s_maxage: Option<u64>,
    pub(crate) min_fresh: Option<u64>,
    pub(crate) stale_if_error: Option<u64>,
}

impl Control {
    /// Reads the fields of a message.
    pub(crate) fn of(fields: &HeaderMap) -> Self {
        let mut control = Self::default();
        for value in fields.get_all(header::CACHE_CONTROL) {
            match value.to_str() {
                Ok(text) => directives(text, |name, value| control.take(name, value)),
                // What cannot be read forbids.
                Err(_) => control.no_store = true,
            }
        }
        control
    }

    fn take(&mut self, name: &str, value: Option<&str>) {
        let least = |earlier: Option<u64>| {
            let secs = secs(value);
            Some(earlier.map_or(secs, |earlier| earlier.min(secs)))
        };
        match name.to_ascii_lowercase().as_str() {
            "no-store" => self.no_store = true,
            "no-cache" => self.no_cache = true,
            "private" => self.private = true,
            "public" => self.public = true,
            "must-revalidate" => self.must_revalidate = true,
            "proxy-revalidate" => self.proxy_revalidate = true,
            "must-understand" => self.must_understand = true,
            "only-if-cached" => self.only_if_cached = true,
            "max-age" => self.max_age = least(self.max_age),
            "s-maxage" => self.s_maxage = least(self.s_maxage),
            "min-fresh" => self.min_fresh = Some(self.min_fresh.unwrap_or(0).max(secs(value))),
            "stale-if-error" => self.stale_if_error = least(self.stale_if_error),
            _ => {}
        }
    }
}

/// Seconds; what is no number is none at all, so that the answer is stale.
fn secs(value: Option<&str>) -> u64 {
    let Some(value) = value.filter(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())) else {
        return 0;
    };
    value.parse().unwrap_or(LONGEST_SECS).min(LONGEST_SECS)
}

/// Splits a list of directives; commas inside quotes do not divide.
fn directives(text: &str, mut each: impl FnMut(&str, Option<&str>)) {
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    let mut ends = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => ends.push(at),
            _ => {}
        }
    }
    ends.push(text.len());
    for end in ends {
        let part = text.get(start..end).unwrap_or_default().trim();
        start = end + 1;
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
            None => (part, None),
        };
        if !name.is_empty() {
            each(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(values: &[&str]) -> Control {
        let mut fields = HeaderMap::new();
        for value in values {
            fields.append(header::CACHE_CONTROL, HeaderValue::from_str(value).expect(value));
        }
        Control::of(&fields)
    }

    #[test]
    fn directives_are_read_and_the_stricter_counts() {
        let none = Control::default();
        for (values, control) in [
            (&[""][..], none.clone()),
            (&["max-age=60, public"], Control { max_age: Some(60), public: true, ..none.clone() }),
            (&["Max-Age=\"60\""], Control { max_age: Some(60), ..none.clone() }),
            (&["max-age=60", "max-age=10"], Control { max_age: Some(10), ..none.clone() }),
            (&["max-age=-1"], Control { max_age: Some(0), ..none.clone() }),
            (&["max-age"], Control { max_age: Some(0), ..none.clone() }),
            (&["s-maxage=99999999999999999999"], Control { s_maxage: Some(LONGEST_SECS), ..none.clone() }),
            (&["private=\"set-cookie, no-store\""], Control { private: true, ..none.clone() }),
            (&["no-cache=\"x\", no-store"], Control { no_cache: true, no_store: true, ..none.clone() }),
            (&["stale-if-error=30,,foo=bar"], Control { stale_if_error: Some(30), ..none.clone() }),
        ] {
            assert_eq!(of(values), control, "{values:?}");
        }
    }
}

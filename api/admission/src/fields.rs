//! The `RateLimit-Policy` and `RateLimit` fields as Structured Fields (draft-ietf-httpapi-ratelimit-headers-11, RFC 9651).

use std::fmt::Write;

use crate::terms::ClassTerms;

/// The largest Integer of Structured Fields (RFC 9651, section 3.3.1).
const MAX_INTEGER: u64 = 999_999_999_999_999;
/// Says that a quota counts cost units: an ordinary call takes one, a heavy one several. The registered units
/// (`requests`, `content-bytes`, `concurrent-requests`) have no word for it, so `qu` stays at its default and this
/// parameter, prefixed as section 3.1 asks, says the rest.
const UNIT_PARAMETER: &str = ";fairground-unit=\"cost\"";

/// What a cap on calls at once counts: one of the draft's registered units.
const AT_ONCE_UNIT: &str = ";qu=\"concurrent-requests\"";

/// What is left under one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Left {
    /// `r`: the available quota.
    pub(crate) remaining: u64,
    /// `t`: seconds within which no more than that can be used.
    pub(crate) within_secs: u64,
}

/// A String of Structured Fields (RFC 9651, section 3.3.3); what ASCII cannot say becomes `?`.
pub(crate) fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    text.push('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            ' '..='~' => text.push(c),
            _ => text.push('?'),
        }
    }
    text.push('"');
    text
}

/// One Quota Policy Item (section 3.1).
pub(crate) fn push_policy(field: &mut String, quoted_name: &str, quota: u64, window_secs: u64, cost_units: bool) {
    separate(field);
    field.push_str(quoted_name);
    push_parameter(field, ";q=", quota);
    push_parameter(field, ";w=", window_secs.max(1));
    if cost_units {
        field.push_str(UNIT_PARAMETER);
    }
}

/// One Service Limit Item (section 4.1).
pub(crate) fn push_limit(field: &mut impl Write, first: bool, quoted_name: &str, left: Left) {
    // Writing to memory cannot fail.
    let _ = if first { Ok(()) } else { field.write_str(", ") };
    let _ = field.write_str(quoted_name);
    push_parameter(field, ";r=", left.remaining);
    push_parameter(field, ";t=", left.within_secs);
}

/// The whole `RateLimit-Policy` value of a class: its rate, its quotas, then how many calls it takes at once.
pub(crate) fn policy_field(class: &ClassTerms) -> String {
    let mut field = String::new();
    push_policy(&mut field, &class.rate_quoted, u64::from(class.rate.burst), class.rate.window_secs(), false);
    for quota in &class.quotas {
        push_policy(&mut field, &quota.quoted, quota.quota, quota.window_secs, true);
    }
    separate(&mut field);
    field.push_str(&class.at_once_quoted);
    push_parameter(&mut field, ";q=", u64::from(class.at_once));
    field.push_str(AT_ONCE_UNIT);
    field
}

fn separate(field: &mut String) {
    if !field.is_empty() {
        field.push_str(", ");
    }
}

fn push_parameter(field: &mut impl Write, key: &str, value: u64) {
    let _ = field.write_str(key);
    let _ = field.write_str(itoa::Buffer::new().format(value.min(MAX_INTEGER)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_structured_field_strings() {
        for (name, text) in [("open-day", r#""open-day""#), (r#"a"b\c"#, r#""a\"b\\c""#), ("café\n", r#""caf??""#)] {
            assert_eq!(quoted(name), text);
        }
    }

    #[test]
    fn items_are_lists_with_parameters_in_the_drafts_order() {
        let mut field = String::new();
        push_policy(&mut field, "\"burst\"", 40, 4, false);
        push_policy(&mut field, "\"day\"", u64::MAX, 0, true);
        assert_eq!(field, r#""burst";q=40;w=4, "day";q=999999999999999;w=1;fairground-unit="cost""#);
        let mut field = String::new();
        push_limit(&mut field, true, "\"day\"", Left { remaining: 7, within_secs: 60 });
        assert_eq!(field, r#""day";r=7;t=60"#);
    }
}

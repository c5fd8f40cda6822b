//! One kept answer: whether it may be kept at all, how old it is, and what may be done with it (RFC 9111, sections 3 and 4).

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};

use crate::control::Control;

/// Statuses that are kept. Parts (206) are not: they pass through.
const KEPT: [StatusCode; 8] = [
    StatusCode::OK,
    StatusCode::NON_AUTHORITATIVE_INFORMATION,
    StatusCode::NO_CONTENT,
    StatusCode::MULTIPLE_CHOICES,
    StatusCode::MOVED_PERMANENTLY,
    StatusCode::PERMANENT_REDIRECT,
    StatusCode::NOT_FOUND,
    StatusCode::GONE,
];
/// Statuses for which a stale answer may stand in (RFC 5861, section 4).
const FAILED: [StatusCode; 4] = [
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];
/// Fields that a 304 may not change: they are about the body that is kept (RFC 9111, section 3.2).
const OF_THE_BODY: [HeaderName; 4] =
    [header::CONTENT_ENCODING, header::CONTENT_TYPE, header::CONTENT_RANGE, header::CONTENT_LENGTH];

/// A kept answer, with its fields as callers get them.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    pub(crate) body: Bytes,
    /// What the call said in the fields that `Vary` names.
    pub(crate) selected: Vec<(HeaderName, Option<HeaderValue>)>,
    control: Control,
    lifetime: Duration,
    /// How old it was when it came …
    age_then: Duration,
    /// … and when that was.
    came_at: SystemTime,
}

/// What may be done with a kept answer for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is given as it is.
    Fresh,
    /// The upstream must be asked whether it still holds.
    Stale,
}

/// Whether an answer with this status stands for a failure of the upstream.
pub(crate) fn has_failed(status: StatusCode) -> bool {
    FAILED.contains(&status)
}

/// Whether an answer may be kept, judged by its head and the fields that its call was sent with.
pub(crate) fn may_keep(status: StatusCode, answer: &HeaderMap, sent: &HeaderMap) -> bool {
    let control = Control::of(answer);
    let asked = Control::of(sent);
    if !KEPT.contains(&status)
        || control.no_store
        || control.private
        || asked.no_store
        || (control.must_understand && !KEPT.contains(&status))
        || vary(answer).is_none()
    {
        return false;
    }
    let told = control.public || control.s_maxage.is_some() || control.must_revalidate;
    if sent.contains_key(header::AUTHORIZATION) && !told {
        return false;
    }
    let lifetime =
        control.s_maxage.or(control.max_age).is_some_and(|secs| secs > 0) || answer.contains_key(header::EXPIRES);
    lifetime || has_validator(answer)
}

fn has_validator(fields: &HeaderMap) -> bool {
    fields.contains_key(header::ETAG) || fields.contains_key(header::LAST_MODIFIED)
}

/// The fields that an answer depends on; `None` for `*`. An encoded answer depends on `Accept-Encoding`, whether its upstream
/// thought of saying so or not.
fn vary(answer: &HeaderMap) -> Option<Vec<HeaderName>> {
    let mut names = Vec::new();
    for value in answer.get_all(header::VARY) {
        for name in value.to_str().ok()?.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if name == "*" {
                return None;
            }
            names.push(name.parse().ok()?);
        }
    }
    if answer.contains_key(header::CONTENT_ENCODING) {
        names.push(header::ACCEPT_ENCODING);
    }
    names.sort_unstable_by(|a: &HeaderName, b| a.as_str().cmp(b.as_str()));
    names.dedup();
    Some(names)
}

/// All values of a field as one; `None` when there is none.
fn joined(fields: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let mut values = fields.get_all(name).iter();
    let first = values.next()?;
    let mut all = first.as_bytes().to_vec();
    for value in values {
        all.extend_from_slice(b", ");
        all.extend_from_slice(value.as_bytes());
    }
    HeaderValue::from_bytes(&all).ok()
}

fn date(fields: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(fields.get(name)?.to_str().ok()?).ok()
}

fn lifetime(fields: &HeaderMap, control: &Control, came_at: SystemTime) -> Duration {
    if let Some(secs) = control.s_maxage.or(control.max_age) {
        return Duration::from_secs(secs);
    }
    if !fields.contains_key(header::EXPIRES) {
        return Duration::ZERO;
    }
    let dated = date(fields, &header::DATE).unwrap_or(came_at);
    // An `Expires` that is no date is in the past (RFC 9111, section 5.3).
    date(fields, &header::EXPIRES).and_then(|end| end.duration_since(dated).ok()).unwrap_or_default()
}

/// RFC 9111, section 4.2.3: the larger of what its clock and what its way say.
fn age_at_arrival(fields: &HeaderMap, asked_at: SystemTime, came_at: SystemTime) -> Duration {
    let apparent = date(fields, &header::DATE).and_then(|dated| came_at.duration_since(dated).ok()).unwrap_or_default();
    let said = fields.get(header::AGE).and_then(|age| age.to_str().ok()?.trim().parse().ok()).unwrap_or(0);
    let delay = came_at.duration_since(asked_at).unwrap_or_default();
    apparent.max(Duration::from_secs(said) + delay)
}

impl Stored {
    /// Keeps an answer that [`may_keep`]; `sent` are the fields that its call was sent with.
    pub(crate) fn new(
        status: StatusCode,
        fields: HeaderMap,
        body: Bytes,
        sent: &HeaderMap,
        [asked_at, came_at]: [SystemTime; 2],
    ) -> Self {
        let control = Control::of(&fields);
        let names = vary(&fields).unwrap_or_default();
        Self {
            status,
            selected: names.into_iter().map(|name| (name.clone(), joined(sent, &name))).collect(),
            lifetime: lifetime(&fields, &control, came_at),
            age_then: age_at_arrival(&fields, asked_at, came_at),
            control,
            fields,
            body,
            came_at,
        }
    }

    /// Whether it answers a call with these fields (RFC 9111, section 4.1).
    pub(crate) fn answers(&self, call: &HeaderMap) -> bool {
        self.selected.iter().all(|(name, value)| joined(call, name) == *value)
    }

    /// How old it is.
    pub(crate) fn age(&self, now: SystemTime) -> Duration {
        self.age_then + now.duration_since(self.came_at).unwrap_or_default()
    }

    /// What may be done with it for a call that says `asked`.
    pub(crate) fn standing(&self, asked: &Control, now: SystemTime) -> Standing {
        let age = self.age(now);
        let in_time = self.lifetime > age + Duration::from_secs(asked.min_fresh.unwrap_or(0));
        let wanted = asked.max_age.is_none_or(|secs| age <= Duration::from_secs(secs));
        if in_time && wanted && !self.control.no_cache && !asked.no_cache { Standing::Fresh } else { Standing::Stale }
    }

    /// Whether it may stand in for a failed answer (RFC 5861, section 4); its upstream must have said so.
    pub(crate) fn may_stand_in(&self, asked: &Control, now: SystemTime) -> bool {
        let strict = self.control.must_revalidate
            || self.control.proxy_revalidate
            || self.control.s_maxage.is_some()
            || self.control.no_cache
            || asked.no_cache;
        let grace = self.control.stale_if_error.map(Duration::from_secs);
        !strict && grace.is_some_and(|grace| self.age(now) <= self.lifetime + grace)
    }

    /// Puts the questions into a call's fields by which its upstream can say that nothing changed.
    pub(crate) fn ask_whether_changed(&self, call: &mut HeaderMap) -> bool {
        for name in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::IF_MATCH, header::IF_UNMODIFIED_SINCE] {
            call.remove(name);
        }
        for (validator, question) in
            [(header::ETAG, header::IF_NONE_MATCH), (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE)]
        {
            if let Some(value) = self.fields.get(validator) {
                call.insert(question, value.clone());
            }
        }
        has_validator(&self.fields)
    }

    /// The same answer, confirmed by a 304 with these fields (RFC 9111, section 4.3.4).
    pub(crate) fn confirmed(&self, news: &HeaderMap, [asked_at, came_at]: [SystemTime; 2]) -> Self {
        let mut fields = self.fields.clone();
        // What is not said again counts from now.
        fields.remove(header::AGE);
        for name in news.keys().filter(|name| !OF_THE_BODY.contains(name)) {
            fields.remove(name);
        }
        for (name, value) in news.iter().filter(|(name, _)| !OF_THE_BODY.contains(name)) {
            fields.append(name.clone(), value.clone());
        }
        let control = Control::of(&fields);
        Self {
            lifetime: lifetime(&fields, &control, came_at),
            age_then: age_at_arrival(&fields, asked_at, came_at),
            control,
            fields,
            came_at,
            ..self.clone()
        }
    }

    /// Whether the caller has it already (RFC 9110, section 13.2.2).
    pub(crate) fn is_known_to(&self, method: &Method, call: &HeaderMap) -> bool {
        if !matches!(*method, Method::GET | Method::HEAD) || self.status != StatusCode::OK {
            return false;
        }
        if call.contains_key(header::IF_NONE_MATCH) {
            let Some(etag) = self.fields.get(header::ETAG).and_then(|etag| etag.to_str().ok()) else { return false };
            let opaque = etag.trim_start_matches("W/");
            return call
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .map(str::trim)
                .any(|tag| tag == "*" || tag.trim_start_matches("W/") == opaque);
        }
        let since = date(call, &header::IF_MODIFIED_SINCE);
        since.zip(date(&self.fields, &header::LAST_MODIFIED)).is_some_and(|(since, modified)| modified <= since)
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let of = |fields: &HeaderMap| {
            fields.iter().map(|(name, value)| name.as_str().len() + value.len() + 64).sum::<usize>()
        };
        let selected: usize =
            self.selected.iter().map(|(_, value)| 64 + value.as_ref().map_or(0, HeaderValue::len)).sum();
        self.body.len() + of(&self.fields) + selected + 256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value")))
            .collect()
    }

    fn at(secs: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000 + secs)
    }

    fn kept(answer: &[(&'static str, &str)]) -> Stored {
        Stored::new(StatusCode::OK, fields(answer), Bytes::from_static(b"x"), &HeaderMap::new(), [at(0), at(0)])
    }

    #[test]
    fn only_what_a_shared_cache_may_keep_is_kept() {
        let etag = ("etag", "\"a\"");
        for (status, answer, sent, keeps) in [
            (200, &[("cache-control", "max-age=60")][..], &[][..], true),
            (200, &[("cache-control", "s-maxage=60")], &[], true),
            (200, &[("expires", "Sun, 06 Nov 2094 08:49:37 GMT")], &[], true),
            (200, &[("cache-control", "no-cache"), etag], &[], true),
            (200, &[etag], &[], true),
            (404, &[("cache-control", "max-age=60")], &[], true),
            (200, &[], &[], false),
            (200, &[("cache-control", "max-age=0")], &[], false),
            (200, &[("cache-control", "no-store, max-age=60")], &[], false),
            (200, &[("cache-control", "private, max-age=60")], &[], false),
            (200, &[("cache-control", "max-age=60"), ("vary", "*")], &[], false),
            (206, &[("cache-control", "max-age=60")], &[], false),
            (302, &[("cache-control", "max-age=60")], &[], false),
            (500, &[("cache-control", "max-age=60")], &[], false),
            (200, &[("cache-control", "max-age=60")], &[("cache-control", "no-store")], false),
            (200, &[("cache-control", "max-age=60")], &[("authorization", "Bearer x")], false),
            (200, &[("cache-control", "max-age=60, public")], &[("authorization", "Bearer x")], true),
            (200, &[("cache-control", "s-maxage=60")], &[("authorization", "Bearer x")], true),
            (200, &[("cache-control", "max-age=60, must-revalidate")], &[("authorization", "Bearer x")], true),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(may_keep(status, &fields(answer), &fields(sent)), keeps, "{status} {answer:?} {sent:?}");
        }
    }

    #[test]
    fn freshness_counts_from_where_the_answer_was_made() {
        let asked = |text: &str| Control::of(&fields(&[("cache-control", text)]));
        let none = Control::default();
        let plain = kept(&[("cache-control", "max-age=60")]);
        assert_eq!(plain.standing(&none, at(59)), Standing::Fresh);
        assert_eq!(plain.standing(&none, at(60)), Standing::Stale);
        assert_eq!(plain.standing(&asked("max-age=10"), at(20)), Standing::Stale);
        assert_eq!(plain.standing(&asked("min-fresh=50"), at(20)), Standing::Stale);
        assert_eq!(plain.standing(&asked("no-cache"), at(1)), Standing::Stale);
        let aged = kept(&[("cache-control", "max-age=60"), ("age", "50")]);
        assert_eq!((aged.standing(&none, at(9)), aged.standing(&none, at(11))), (Standing::Fresh, Standing::Stale));
        let shared = kept(&[("cache-control", "max-age=1, s-maxage=60")]);
        assert_eq!(shared.standing(&none, at(30)), Standing::Fresh);
        let checked = kept(&[("cache-control", "no-cache, max-age=60"), ("etag", "\"a\"")]);
        assert_eq!(checked.standing(&none, at(1)), Standing::Stale);
        let expired = kept(&[("expires", "0")]);
        assert_eq!(expired.standing(&none, at(0)), Standing::Stale);
    }

    #[test]
    fn a_stale_answer_stands_in_only_when_its_upstream_said_so() {
        let none = Control::default();
        for (control, at_secs, stands) in [
            ("max-age=10, stale-if-error=30", 35, true),
            ("max-age=10, stale-if-error=30", 45, false),
            ("max-age=10", 11, false),
            ("max-age=10, stale-if-error=30, must-revalidate", 15, false),
            ("s-maxage=10, stale-if-error=30", 15, false),
        ] {
            assert_eq!(kept(&[("cache-control", control)]).may_stand_in(&none, at(at_secs)), stands, "{control}");
        }
    }

    #[test]
    fn an_answer_is_given_to_those_only_who_asked_alike() {
        let answer =
            fields(&[("vary", "Accept-Language"), ("cache-control", "max-age=60"), ("content-encoding", "gzip")]);
        let sent = fields(&[("accept-language", "de"), ("accept-encoding", "gzip")]);
        let stored = Stored::new(StatusCode::OK, answer, Bytes::new(), &sent, [at(0), at(0)]);
        assert!(stored.answers(&sent));
        assert!(!stored.answers(&fields(&[("accept-language", "fr"), ("accept-encoding", "gzip")])));
        assert!(!stored.answers(&fields(&[("accept-language", "de")])), "who takes no gzip gets none");
    }

    #[test]
    fn a_304_renews_what_is_kept_and_leaves_its_body_alone() {
        let stored = kept(&[("cache-control", "max-age=10"), ("etag", "\"a\""), ("content-type", "text/plain")]);
        let mut call = fields(&[("if-none-match", "\"mine\""), ("if-modified-since", "x")]);
        assert!(stored.ask_whether_changed(&mut call));
        assert_eq!(call["if-none-match"], "\"a\"");
        assert!(!call.contains_key("if-modified-since"));
        let news = fields(&[("cache-control", "max-age=100"), ("content-type", "text/html"), ("x-new", "1")]);
        let renewed = stored.confirmed(&news, [at(20), at(20)]);
        assert_eq!(renewed.standing(&Control::default(), at(119)), Standing::Fresh);
        assert_eq!(
            (&renewed.fields["content-type"], &renewed.fields["x-new"]),
            (&"text/plain".parse().expect("a value"), &"1".parse().expect("a value"))
        );
    }

    #[test]
    fn who_has_it_already_is_told_so() {
        let stored = kept(&[("etag", "W/\"a\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        for (field, value, known) in [
            ("if-none-match", "\"a\"", true),
            ("if-none-match", "\"b\", W/\"a\"", true),
            ("if-none-match", "*", true),
            ("if-none-match", "\"b\"", false),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT", true),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT", false),
        ] {
            assert_eq!(stored.is_known_to(&Method::GET, &fields(&[(field, value)])), known, "{field}: {value}");
        }
    }
}

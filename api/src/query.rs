//! Query strings, read strictly: a parameter that the operation does not know is refused by name.
//!
//! A portal that ignores a misspelt filter answers with everything and looks right. Here the reader of an operation asks
//! for its parameters one by one, and what nobody asked for is a fault, so the list of known names cannot drift.

use std::future::{Ready, ready};
use std::ops::RangeInclusive;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use url::form_urlencoded;

use crate::problem::{Fault, Problem, ProblemKind};

/// Longest query string that is read, in bytes.
pub const MAX_QUERY_BYTES: usize = 8 * 1024;
/// Most values that one list parameter may hold.
pub const MAX_LIST_VALUES: usize = 50;
/// Names that every operation takes: the key, and the language of answers.
const EVERYWHERE: [&str; 2] = ["api_key", "lang"];

/// Parameters that can be read from a query.
pub trait FromQuery: Sized {
    /// Reads them; faults are collected by the reader.
    fn from_query(query: &mut QueryReader) -> Self;
}

/// An operation with no parameters of its own.
#[derive(Debug, Clone, Copy)]
pub struct NoParameters;

impl FromQuery for NoParameters {
    fn from_query(_: &mut QueryReader) -> Self {
        Self
    }
}

/// The extractor: the operation's parameters, all of them good.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: FromQuery> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req.query_string()).map(Query))
    }
}

/// Reads a whole query string.
///
/// # Errors
/// `UriTooLong`, or `UnknownParameter` / `InvalidParameter` naming every fault at once.
pub fn read<T: FromQuery>(query: &str) -> Result<T, Problem> {
    if query.len() > MAX_QUERY_BYTES {
        return Err(
            Problem::new(ProblemKind::UriTooLong).detail(format!("The query may hold up to {MAX_QUERY_BYTES} bytes."))
        );
    }
    let mut reader = QueryReader::new(query);
    let parameters = T::from_query(&mut reader);
    reader.finish()?;
    Ok(parameters)
}

/// Hands out parameters by name and remembers what was asked for.
#[derive(Debug)]
pub struct QueryReader {
    pairs: Vec<(String, Option<String>)>,
    asked: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl QueryReader {
    fn new(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Some(value.into_owned())))
            .collect();
        Self { pairs, asked: EVERYWHERE.to_vec(), faults: Vec::new() }
    }

    /// A text, trimmed; an empty one counts as absent. Given twice is a fault.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let mut values = self.values(name);
        if values.len() > 1 {
            self.fault(name, "Given more than once.");
        }
        values.pop()
    }

    /// A value that is parsed.
    pub fn parsed<V: std::str::FromStr>(&mut self, name: &'static str, expected: &str) -> Option<V> {
        let text = self.text(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(name, format!("`{}` is not {expected}.", short(&text)));
        }
        parsed
    }

    /// A whole number in a range.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let number: u64 = self.parsed(name, "a whole number")?;
        if !range.contains(&number) {
            self.fault(name, format!("Must be from {} to {}.", range.start(), range.end()));
            return None;
        }
        Some(number)
    }

    /// One of some words.
    pub fn choice<V: Copy>(&mut self, name: &'static str, choices: &[(&str, V)]) -> Option<V> {
        let text = self.text(name)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(name, format!("`{}` is not one of {}.", short(&text), words.join(", ")));
        }
        found
    }

    /// Several values: the parameter repeated (`?theme=a&theme=b`). A value may hold commas.
    pub fn repeated(&mut self, name: &'static str) -> Vec<String> {
        let values = self.values(name);
        if values.len() > MAX_LIST_VALUES {
            self.fault(name, format!("May be given up to {MAX_LIST_VALUES} times."));
            return Vec::new();
        }
        values
    }

    /// Several words: separated by commas, or the parameter repeated.
    pub fn list(&mut self, name: &'static str) -> Vec<String> {
        let values: Vec<String> = self
            .values(name)
            .iter()
            .flat_map(|value| value.split(','))
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        if values.len() > MAX_LIST_VALUES {
            self.fault(name, format!("May hold up to {MAX_LIST_VALUES} values."));
            return Vec::new();
        }
        values
    }

    /// Notes a fault.
    pub fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault::in_query(name, detail));
    }

    fn values(&mut self, name: &'static str) -> Vec<String> {
        self.asked.push(name);
        self.pairs
            .iter_mut()
            .filter(|(pair, _)| pair == name)
            .filter_map(|(_, value)| value.take())
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect()
    }

    fn finish(self) -> Result<(), Problem> {
        let mut unknown: Vec<&str> =
            self.pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !self.asked.contains(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() && self.faults.is_empty() {
            return Ok(());
        }
        let kind = if unknown.is_empty() { ProblemKind::InvalidParameter } else { ProblemKind::UnknownParameter };
        let known = self.asked.join(", ");
        let detail = if unknown.is_empty() {
            ProblemKind::InvalidParameter.spec().advice.to_owned()
        } else {
            let names: Vec<String> = unknown.iter().map(|name| format!("`{}`", short(name))).collect();
            format!("Not known here: {}. Known are: {known}.", names.join(", "))
        };
        let mut faults: Vec<Fault> =
            unknown.iter().map(|name| Fault::in_query(short(name), "Not known here.")).collect();
        faults.extend(self.faults);
        Err(Problem::new(kind).detail(detail).errors(faults))
    }
}

/// Enough of a caller's text to recognise it, and no more.
fn short(text: &str) -> String {
    const ENOUGH_CHARS: usize = 60;
    text.chars().take(ENOUGH_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Probe {
        q: Option<String>,
        limit: Option<u64>,
        themes: Vec<String>,
    }

    impl FromQuery for Probe {
        fn from_query(query: &mut QueryReader) -> Self {
            Self { q: query.text("q"), limit: query.number("limit", 1..=1000), themes: query.list("theme") }
        }
    }

    #[test]
    fn known_parameters_are_read() {
        let probe: Probe = read("q=+child%20care+&limit=5&theme=a,b&theme=c&api_key=fg_x&lang=fr").expect("is good");
        assert_eq!(probe.q.as_deref(), Some("child care"));
        assert_eq!(probe.limit, Some(5));
        assert_eq!(probe.themes, ["a", "b", "c"]);
    }

    #[test]
    fn faults_are_named_all_at_once() {
        for (query, kind, named) in [
            ("colour=red&Limit=5", ProblemKind::UnknownParameter, "`Limit`, `colour`"),
            ("limit=0", ProblemKind::InvalidParameter, "Mend"),
            ("limit=many", ProblemKind::InvalidParameter, "Mend"),
            ("q=a&q=b", ProblemKind::InvalidParameter, "Mend"),
        ] {
            let problem = read::<Probe>(query).expect_err(query);
            assert_eq!(problem.kind(), kind, "{query}");
            assert!(problem.to_string().contains(named), "{query}: {problem}");
        }
        let long = format!("q={}", "a".repeat(MAX_QUERY_BYTES));
        assert_eq!(read::<Probe>(&long).expect_err("too long").kind(), ProblemKind::UriTooLong);
        let crowd = format!("theme={}", "a,".repeat(MAX_LIST_VALUES + 1));
        assert_eq!(read::<Probe>(&crowd).expect_err("too many").kind(), ProblemKind::InvalidParameter);
    }
}

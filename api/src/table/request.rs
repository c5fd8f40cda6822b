//! From parameters to plans: what is ours is read here (`version`, flags), the rest by `fairground_tables::query`.

use std::collections::BTreeMap;

use fairground_domain::{ContentHash, Snapshot};
use fairground_tables::query::plan::{AggregatePlan, ExportPlan, RowsPlan, Start};
use fairground_tables::query::{AggregateRequest, ExportRequest, QueryError, ROWS_LIMIT_DEFAULT, RowsRequest};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::directory::{Asked, View};
use crate::body::Checked;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::query::MAX_QUERY_BYTES;

/// Rows on a page when the caller has no wish.
pub(super) const ROWS_DEFAULT: u32 = ROWS_LIMIT_DEFAULT;
/// Parameters that are read here, by every kind of question.
const OWN: [&str; 3] = ["version", "api_key", "lang"];
/// Parameters of exports that are read here.
const FLAGS: [&str; 3] = ["estimate", "safe", "titles"];
/// Parameters that choose rows.
const OF_ROWS: [&str; 5] = ["filter", "filter-lang", "q", "bbox", "datetime"];
/// Members whose values may be given as lists, which are written with commas.
const LISTS: [&str; 4] = ["properties", "sortby", "groupby", "aggregate"];
/// What a cursor begins with: the version that it goes on in.
const CURSOR_SIGN: char = 'v';
/// What stands between the version and the place.
const CURSOR_DOT: char = '.';

/// Whether a column of this name cannot be a parameter, because the name means something else.
pub(super) fn is_reserved(name: &str) -> bool {
    OWN.contains(&name)
        || FLAGS.contains(&name)
        || OF_ROWS.contains(&name)
        || RowsRequest::PARAMETERS.contains(&name)
        || AggregateRequest::PARAMETERS.contains(&name)
        || ExportRequest::PARAMETERS.contains(&name)
}

/// The parameters as a JSON object: `{ "filter": "year > 2020", "properties": ["year", "name"], "limit": 10 }`. A list of a column's
/// values takes rows with any of them.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(super) struct QuestionBody(BTreeMap<String, Value>);

impl Checked for QuestionBody {
    fn faults(&self) -> Vec<Fault> {
        let plain = |value: &Value| !value.is_object() && !value.is_array();
        let good = |value: &Value| plain(value) || value.as_array().is_some_and(|list| list.iter().all(plain));
        let bad = self.0.iter().filter(|(_, value)| !good(value));
        bad.map(|(name, _)| Fault::at(format!("/{name}"), "Must be a text, a number, a truth value or a list of them."))
            .collect()
    }
}

impl QuestionBody {
    fn into_pairs(self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (name, value) in self.0 {
            match value {
                Value::Array(list) if LISTS.contains(&name.as_str()) => {
                    let words: Vec<String> = list.iter().map(written).collect();
                    pairs.push((name, words.join(",")));
                }
                Value::Array(list) => pairs.extend(list.iter().map(|value| (name.clone(), written(value)))),
                one => pairs.push((name, written(&one))),
            }
        }
        pairs
    }
}

/// A JSON value as it would stand in an address; nothing as nothing.
pub(crate) fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What was asked of a table, before it is known what the table holds.
#[derive(Debug)]
pub(super) struct Question {
    pairs: Vec<(String, String)>,
    /// The version that was asked for by name.
    pinned: Asked,
    /// The version to answer from: the cursor's, when none was asked for.
    asked: Asked,
    reserved: Vec<&'static str>,
}

impl Question {
    /// Of an address.
    ///
    /// # Errors
    /// `UriTooLong`, or `InvalidParameter` for a version that is none.
    pub(super) fn of_query(query: &str) -> Result<Self, Problem> {
        if query.len() > MAX_QUERY_BYTES {
            return Err(Problem::new(ProblemKind::UriTooLong).detail(format!(
                "The query may hold up to {MAX_QUERY_BYTES} bytes. Longer questions about rows and sums can be sent as JSON, by POST."
            )));
        }
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self::of_pairs(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Of a JSON body; the address may hold the caller's key and language beside.
    ///
    /// # Errors
    /// As [`Self::of_query`].
    pub(super) fn of_body(body: QuestionBody, query: &str) -> Result<Self, Problem> {
        let stray =
            form_urlencoded::parse(query.as_bytes()).find(|(name, _)| !OWN.contains(&&**name) || name == "version");
        if let Some((name, _)) = stray {
            let detail = "Put the parameters into the body.";
            return Err(Problem::new(ProblemKind::UnknownParameter)
                .detail(detail)
                .errors(vec![Fault::in_query(name, detail)]));
        }
        Self::of_pairs(body.into_pairs())
    }

    fn of_pairs(mut pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let pinned = version(&pairs)?;
        let mut asked = pinned;
        for (_, cursor) in pairs.iter_mut().filter(|(name, value)| name == "cursor" && !value.is_empty()) {
            let (number, place) = read_cursor(cursor)?;
            // Reading on stays in the snapshot that it began in; a version asked for by name must be the same one, or the cursor
            // is refused as another question's.
            if asked == Asked::Current {
                asked = Asked::Number(number);
            }
            *cursor = place;
        }
        Ok(Self { pairs, pinned, asked, reserved: OWN.to_vec() })
    }

    /// Which version answers.
    pub(super) const fn asked(&self) -> Asked {
        self.asked
    }

    /// Which version was asked for by name: such answers never change.
    pub(super) const fn pinned(&self) -> Asked {
        self.pinned
    }

    /// A flag of exports: `true` or `1`. From here on the parameter is ours.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        self.reserved.push(name);
        self.pairs.iter().any(|(other, value)| other == name && matches!(value.as_str(), "true" | "1"))
    }

    /// A page of rows.
    ///
    /// # Errors
    /// What is wrong with which parameter.
    pub(super) fn rows(&self, snapshot: &Snapshot) -> Result<RowsQuestion, Problem> {
        let request = RowsRequest::parse(&self.pairs, &self.reserved, snapshot).map_err(refused)?;
        Ok(RowsQuestion(request))
    }

    /// Groups and sums.
    ///
    /// # Errors
    /// What is wrong with which parameter.
    pub(super) fn aggregate(&self, snapshot: &Snapshot) -> Result<Planned<AggregatePlan>, Problem> {
        let request = AggregateRequest::parse(&self.pairs, &self.reserved, snapshot).map_err(refused)?;
        Ok(Planned { canonical: request.canonical(), plan: request.plan })
    }

    /// An export.
    ///
    /// # Errors
    /// What is wrong with which parameter.
    pub(super) fn export(&self, snapshot: &Snapshot) -> Result<Planned<ExportPlan>, Problem> {
        let request = ExportRequest::parse(&self.pairs, &self.reserved, snapshot).map_err(refused)?;
        Ok(Planned { canonical: request.canonical(), plan: request.plan })
    }
}

/// A plan and its fingerprint.
#[derive(Debug)]
pub(super) struct Planned<P> {
    pub(super) plan: P,
    pub(super) canonical: ContentHash,
}

/// A page of rows, planned.
#[derive(Debug)]
pub(super) struct RowsQuestion(RowsRequest);

impl RowsQuestion {
    pub(super) const fn plan(&self) -> &RowsPlan {
        &self.0.plan
    }

    pub(super) fn canonical(&self) -> ContentHash {
        self.0.canonical()
    }

    /// The cursor of the page that begins there.
    pub(super) fn cursor(&self, view: &View, next: Start) -> Option<String> {
        let place = self.0.cursor(next)?;
        Some(format!("{CURSOR_SIGN}{}{CURSOR_DOT}{place}", view.version))
    }
}

fn version(pairs: &[(String, String)]) -> Result<Asked, Problem> {
    let mut values = pairs.iter().filter(|(name, value)| name == "version" && !value.is_empty());
    let Some((_, text)) = values.next() else { return Ok(Asked::Current) };
    if values.next().is_some() {
        return Err(faulty("version", "Given more than once."));
    }
    Asked::parse(text).ok_or_else(|| faulty("version", "Neither a version's number (from 1) nor a snapshot's key."))
}

/// The version and the place within it.
fn read_cursor(cursor: &str) -> Result<(i32, String), Problem> {
    let parts = cursor.strip_prefix(CURSOR_SIGN).and_then(|rest| rest.split_once(CURSOR_DOT));
    let read = parts.and_then(|(version, place)| Some((version.parse::<i32>().ok()?, place.to_owned())));
    read.filter(|(version, _)| *version > 0).ok_or_else(|| faulty("cursor", "Not a cursor that we gave."))
}

fn faulty(parameter: &str, detail: &'static str) -> Problem {
    let problem = Problem::new(ProblemKind::InvalidParameter).detail(format!("`{parameter}`: {detail}"));
    problem.errors(vec![Fault::in_query(parameter, detail)])
}

/// A question that cannot be taken, as a problem that names parameter, place and what to do.
pub(crate) fn refused(error: QueryError) -> Problem {
    use fairground_tables::query::Fault as F;
    let kind = match &*error.fault {
        F::UnknownParameter { .. } => ProblemKind::UnknownParameter,
        _ => ProblemKind::InvalidParameter,
    };
    let told = |error: &QueryError| {
        let mut fault = Fault::in_query(error.parameter.clone(), error.fault.to_string());
        fault.position = error.position;
        fault
    };
    let faults = std::iter::once(&error).chain(&error.also).map(told).collect();
    Problem::new(kind).detail(error.to_string()).errors(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_on_in_its_version() {
        let question = Question::of_query("cursor=v7.abc").expect("is one of ours");
        assert_eq!((question.asked(), question.pinned()), (Asked::Number(7), Asked::Current));
        assert!(question.pairs.contains(&("cursor".to_owned(), "abc".to_owned())));
        let question = Question::of_query("cursor=v7.abc&version=3").expect("is one of ours");
        assert_eq!(question.asked(), Asked::Number(3));
        for wrong in ["abc", "v.abc", "v0.abc", "7.abc"] {
            assert!(Question::of_query(&format!("cursor={wrong}")).is_err(), "{wrong}");
        }
        assert!(Question::of_query("version=1&version=2").is_err());
        assert!(Question::of_query("version=latest").is_err());
        let long = format!("filter={}", "x".repeat(MAX_QUERY_BYTES));
        assert_eq!(Question::of_query(&long).expect_err("too long").kind(), ProblemKind::UriTooLong);
    }

    #[test]
    fn a_body_holds_the_same_parameters() {
        let body: QuestionBody =
            serde_json::from_str(r#"{"filter":"a > 1","properties":["a","b"],"limit":5,"c":["x","y"],"d":true}"#)
                .expect("an object");
        assert!(body.faults().is_empty());
        let pairs = body.into_pairs();
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text.join("&"), "c=x&c=y&d=true&filter=a > 1&limit=5&properties=a,b");
        let nested: QuestionBody = serde_json::from_str(r#"{"a":{"b":1}}"#).expect("an object");
        assert_eq!(nested.faults().len(), 1);
    }
}

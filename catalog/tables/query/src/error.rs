//! What can be wrong with a question.

use crate::geometry::GeometryError;

/// A question that cannot be taken: which parameter, where in it, and what is wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{parameter}`{}: {fault}", position.map(|at| format!(" at character {at}")).unwrap_or_default())]
pub struct QueryError {
    /// The parameter's name, as the caller wrote it.
    pub parameter: String,
    /// Characters of its value before the place, where the fault has one.
    pub position: Option<usize>,
    /// What is wrong.
    pub fault: Box<Fault>,
    /// What else is wrong with the same question: faults of its other parameters.
    pub also: Vec<QueryError>,
}

/// What is wrong with a question, in a sentence for whoever wrote it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Something else should stand there.
    #[error("{expected} expected, {found} found")]
    Expected {
        /// What should stand there.
        expected: String,
        /// What does, as a person would name it.
        found: String,
    },
    /// A text or a quoted name without its end.
    #[error("the closing {0} is missing")]
    Unclosed(char),
    /// A name that is no column's.
    #[error("`{name}` is no column of this table{}", suggestion(nearest))]
    UnknownColumn {
        /// The name.
        name: String,
        /// The column that it may have meant.
        nearest: Option<String>,
    },
    /// A parameter that nothing understands.
    #[error("it is neither a parameter nor a column of this table{}", suggestion(nearest))]
    UnknownParameter {
        /// The parameter or column that it may have meant.
        nearest: Option<String>,
    },
    /// A parameter that may stand once stands again.
    #[error("it may be given once only")]
    Repeated,
    /// A value that a column of this type cannot be compared with.
    #[error("`{column}` is {kind}; {value} is not{hint}")]
    Mismatch {
        /// The column.
        column: String,
        /// Its type with its article: `an integer`.
        kind: &'static str,
        /// The value as it was written, in quotes when it is a text.
        value: String,
        /// How to write it, or nothing.
        hint: &'static str,
    },
    /// Two columns that cannot be compared with one another.
    #[error("`{left}` is {left_kind}, `{right}` is {right_kind}: only columns of one type can be compared")]
    ColumnMismatch {
        /// One column.
        left: String,
        /// Its type with its article.
        left_kind: &'static str,
        /// The other column.
        right: String,
        /// Its type with its article.
        right_kind: &'static str,
    },
    /// An operation that a column of this type has not.
    #[error("{operation} needs {needed}; `{column}` is {kind}")]
    WrongType {
        /// The operation.
        operation: String,
        /// What it needs: `a number`.
        needed: &'static str,
        /// The column.
        column: String,
        /// Its type with its article.
        kind: &'static str,
    },
    /// Something of the standard that is not offered, or a mistake of another kind: the sentence says it.
    #[error("{0}")]
    Refused(String),
    /// A shape that is none.
    #[error("{0}")]
    Geometry(GeometryError),
    /// More than is taken.
    #[error("at most {max} {what} are taken ({name})")]
    Limit {
        /// The limit's name.
        name: &'static str,
        /// Of what.
        what: &'static str,
        /// How many.
        max: u64,
    },
    /// A cursor of another question, another version of the table, or none at all.
    #[error("this cursor belongs to another question or another version of the table; ask again from the first page")]
    ForeignCursor,
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// A fault with its place in the text, before it is known which parameter the text came from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Located {
    pub(crate) at: Option<usize>,
    pub(crate) fault: Fault,
}

impl Located {
    pub(crate) const fn new(at: usize, fault: Fault) -> Self {
        Self { at: Some(at), fault }
    }

    pub(crate) fn refused(at: usize, sentence: impl Into<String>) -> Self {
        Self::new(at, Fault::Refused(sentence.into()))
    }

    pub(crate) fn of(self, parameter: &str) -> QueryError {
        QueryError { parameter: parameter.to_owned(), position: self.at, fault: Box::new(self.fault), also: Vec::new() }
    }
}

impl QueryError {
    pub(crate) fn whole(parameter: &str, fault: Fault) -> Self {
        Self { parameter: parameter.to_owned(), position: None, fault: Box::new(fault), also: Vec::new() }
    }
}

/// Faults of a question, noted while the rest of it is read.
#[derive(Debug, Default)]
pub(crate) struct Faults(Option<QueryError>);

/// Faults that are told at most.
const FAULTS_MAX: usize = 20;

impl Faults {
    /// What was read; nothing where there was a fault.
    pub(crate) fn note<T>(&mut self, read: Result<T, QueryError>) -> Option<T> {
        match (read, &mut self.0) {
            (Ok(read), _) => return Some(read),
            (Err(fault), none @ None) => *none = Some(fault),
            (Err(fault), Some(first)) if first.also.len() + 1 < FAULTS_MAX => first.also.push(fault),
            (Err(_), Some(_)) => {}
        }
        None
    }

    /// The first fault, with the others.
    pub(crate) fn settle(self) -> Result<(), QueryError> {
        self.0.map_or(Ok(()), Err)
    }
}

/// The name nearest to what was written, when it is near enough to be meant: a third of its letters changed at most.
pub(crate) fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let written: Vec<char> = written.chars().take(63).flat_map(char::to_lowercase).collect();
    let allowed = (written.len() / 3).max(1);
    names
        .into_iter()
        .map(|name| (distance(&written, &name.chars().collect::<Vec<_>>()), name))
        .filter(|(changes, _)| *changes <= allowed)
        .min()
        .map(|(_, name)| name.to_owned())
}

/// Letters to insert, remove, change or swap with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (row, from) in a.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, to) in b.iter().enumerate() {
            let cell = |cells: &[usize], at: usize| cells.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (cell(&last, column) + usize::from(from != to))
                .min(cell(&last, column + 1) + 1)
                .min(cell(&next, column) + 1);
            let swapped = row > 0 && column > 0 && a.get(row - 1) == Some(to) && b.get(column - 1) == Some(from);
            if swapped {
                best = best.min(cell(&before, column - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_when_it_is_near() {
        let names = ["year", "name", "height", "sortby"];
        for (written, expected) in [
            ("yaer", Some("year")),
            ("yer", Some("year")),
            ("Heigth", Some("height")),
            ("sort", None),
            ("sortyb", Some("sortby")),
            ("banana", None),
        ] {
            assert_eq!(nearest(written, names).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn a_fault_is_told_as_a_sentence() {
        let fault = Fault::UnknownColumn { name: "yaer".to_owned(), nearest: Some("year".to_owned()) };
        assert_eq!(
            Located::new(4, fault).of("filter").to_string(),
            "`filter` at character 4: `yaer` is no column of this table; did you mean `year`?"
        );
    }
}

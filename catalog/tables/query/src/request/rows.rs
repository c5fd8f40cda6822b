//! Questions for rows.

use fairground_domain::{ContentHash, Snapshot};
use serde::Serialize;

use super::list::properties;
use super::parameters::Parameters;
use super::{ROWS_LIMIT_DEFAULT, cursor};
use crate::ROWS_LIMIT_MAX;
use crate::bind::Binder;
use crate::error::{Fault, Faults, QueryError};
use crate::plan::{Predicate, RowsPlan, SortKey, Start};

/// A page of rows, as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct RowsRequest {
    /// What executors answer.
    pub plan: RowsPlan,
    /// The snapshot, the predicate and the order: what a cursor holds for.
    question: ContentHash,
}

impl RowsRequest {
    /// Parameters of this question besides those of rows in general and the names of columns.
    pub const PARAMETERS: [&str; 5] = ["properties", "sortby", "limit", "offset", "cursor"];

    /// Reads the parameters of an address: `filter`, `filter-lang` (`cql2-text`), `q`, `bbox`, `datetime`, `column=value`,
    /// `properties`, `sortby`, `limit` (0 to [`ROWS_LIMIT_MAX`], default [`ROWS_LIMIT_DEFAULT`]), `offset`, `cursor`.
    /// Names in `reserved` are the caller's own and not looked at.
    ///
    /// # Errors
    /// The first fault, with its parameter and place, and those of the other parameters.
    pub fn parse(parameters: &[(String, String)], reserved: &[&str], snapshot: &Snapshot) -> Result<Self, QueryError> {
        let parameters = Parameters::new(parameters, &Self::PARAMETERS, reserved);
        let binder = Binder { columns: &snapshot.columns };
        let mut faults = Faults::default();
        let predicate = parameters.predicate(snapshot, &mut faults);
        let properties = faults.note(
            parameters
                .one("properties")
                .and_then(|list| properties(list, binder).map_err(|located| located.of("properties"))),
        );
        let sort = faults.note(parameters.sort_keys(binder)).unwrap_or_default();
        let limit = faults.note(parameters.number("limit", u64::from(ROWS_LIMIT_MAX))).flatten();
        let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(ROWS_LIMIT_DEFAULT);
        let offset = faults.note(parameters.number("offset", u64::MAX)).flatten();
        let cursor = faults.note(parameters.one("cursor")).flatten().filter(|text| !text.is_empty());
        if cursor.is_some() && offset.is_some() {
            let sentence = "a page begins by `cursor` or by `offset`, not by both".to_owned();
            faults.note::<()>(Err(QueryError::whole("offset", Fault::Refused(sentence))));
        }
        // A cursor is judged by the question that it belongs to, which must be whole for that.
        faults.settle()?;
        let question = question(snapshot.key, &predicate, &sort);
        let start = match cursor {
            None => Start::Offset(offset.unwrap_or(0)),
            Some(text) => {
                cursor::read(question, text).ok_or_else(|| QueryError::whole("cursor", Fault::ForeignCursor))?
            }
        };
        let properties = properties.unwrap_or_default();
        Ok(Self { plan: RowsPlan { predicate, properties, sort, limit, start }, question })
    }

    /// The cursor of the page that begins there; pages that begin by number have none.
    #[must_use]
    pub fn cursor(&self, next: Start) -> Option<String> {
        match next {
            Start::AfterRow { row, offset } => Some(cursor::write(self.question, row, offset)),
            Start::Offset(_) => None,
        }
    }

    /// The fingerprint of snapshot and plan: equal questions have equal ones, whatever their wording. For ETags and caches.
    #[must_use]
    pub fn canonical(&self) -> ContentHash {
        // The question's own fingerprint stands for predicate and order.
        let RowsPlan { properties, limit, start, .. } = &self.plan;
        fingerprint(self.question, &(properties, limit, start))
    }
}

fn question(snapshot: ContentHash, predicate: &Predicate, sort: &[SortKey]) -> ContentHash {
    fingerprint(snapshot, &(predicate, sort))
}

/// The digest of a snapshot and of what is asked of it.
pub(super) fn fingerprint(snapshot: ContentHash, asked: &impl Serialize) -> ContentHash {
    // Plans hold only what JSON can: finite numbers, lists and maps with text keys.
    let text = serde_json::to_vec(asked).unwrap_or_default();
    ContentHash::of_parts([snapshot.as_bytes().as_slice(), text.as_slice()])
}

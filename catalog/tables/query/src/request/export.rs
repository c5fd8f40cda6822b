//! Questions for everything that fits.

use fairground_domain::{ContentHash, Snapshot};

use super::list::properties;
use super::parameters::Parameters;
use super::rows::fingerprint;
use crate::bind::Binder;
use crate::error::{Faults, QueryError};
use crate::plan::ExportPlan;

/// An export, as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRequest {
    /// What executors answer.
    pub plan: ExportPlan,
    snapshot: ContentHash,
}

impl ExportRequest {
    /// Parameters of this question besides those of rows in general and the names of columns.
    pub const PARAMETERS: [&str; 3] = ["properties", "sortby", "limit"];

    /// Reads the parameters of an address: those of rows, without pages; `limit` has no upper bound and no default.
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
        let limit = faults.note(parameters.number("limit", u64::MAX)).flatten();
        faults.settle()?;
        let properties = properties.unwrap_or_default();
        Ok(Self { plan: ExportPlan { predicate, properties, sort, limit }, snapshot: snapshot.key })
    }

    /// The fingerprint of snapshot and plan: equal questions have equal ones, whatever their wording.
    #[must_use]
    pub fn canonical(&self) -> ContentHash {
        fingerprint(self.snapshot, &self.plan)
    }
}

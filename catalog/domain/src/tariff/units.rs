//! How the cost of a heavy call grows with its work.

use serde::{Deserialize, Serialize};

/// What the work of a call is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkMeasure {
    /// Rows of the table that the call looks through, as they are estimated before it begins: those that an index leaves
    /// over, or all of them.
    Rows,
}

/// A published rule by which a call costs more than its class's unit cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRule {
    /// What is measured.
    pub measure: WorkMeasure,
    /// So much work costs one unit more; at least 1.
    pub per_unit: u64,
    /// A call never costs more units than this; at least the class's unit cost.
    pub at_most: u32,
}

impl UnitRule {
    /// What a call costs: `base`, and one unit more for every full `per_unit` of `work`, up to `at_most`.
    #[must_use]
    pub fn units(&self, base: u32, work: u64) -> u32 {
        let more = work.checked_div(self.per_unit).unwrap_or(u64::MAX);
        let units = u64::from(base).saturating_add(more).min(u64::from(self.at_most));
        u32::try_from(units).unwrap_or(u32::MAX).max(base)
    }

    /// What is wrong with the rule beside a class's unit cost.
    pub(super) fn problem(&self, base: u32) -> Option<&'static str> {
        if self.per_unit == 0 {
            Some("the work that costs one unit more must be at least 1")
        } else if self.at_most < base {
            Some("the most that a call costs must not be less than its unit cost")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_grows_with_work_up_to_its_cap() {
        let rule = UnitRule { measure: WorkMeasure::Rows, per_unit: 10, at_most: 7 };
        for (work, units) in [(0, 2), (9, 2), (10, 3), (49, 6), (50, 7), (60, 7), (u64::MAX, 7)] {
            assert_eq!(rule.units(2, work), units, "{work}");
        }
        assert_eq!(rule.units(9, 0), 9, "never less than the unit cost");
        assert_eq!((rule.problem(7), rule.problem(8).is_some()), (None, true));
        assert!(UnitRule { per_unit: 0, ..rule }.problem(1).is_some());
    }
}

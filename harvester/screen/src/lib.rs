//! The personal-data screen: columns and texts in, findings out.
//!
//! A [`Screen`] takes tables row by row and texts as they are, and says at the end whether personal data is in them: pass, pass
//! with notes, or hold. It looks at every row; what it keeps does not grow with their number. It knows no file, store or address:
//! who calls it reads the file, and decides what a verdict means.
//!
//! Evidence comes in three layers. `value` and `scheme` judge single values, by check digits where there are any; a column is
//! judged by the share of values that agree, far above what chance would give, and by its name (`header`, `guess`); the table
//! decides what its rows are (`context`): persons, office holders, bodies or figures, and with that what comes of a finding
//! (`decide`). Every threshold is in [`Rules`].

mod cell;
mod column;
mod context;
mod decide;
mod fold;
mod groups;
mod guess;
mod header;
mod kind;
mod morph;
mod names;
pub mod repair;
mod report;
mod rules;
pub mod scheme;
mod screen;
mod text;
mod value;
mod word;

pub use kind::{Kind, Verdict};
pub use report::{Finding, Groups, Report, Screened, mask};
pub use rules::{CELL_BYTES_MAX, COLUMNS_MAX, EXAMPLES_KEPT, GROUPS_MAX, ROWS_KEPT, RULES_VERSION, Rules, TABLES_MAX};
pub use screen::{Baseline, Part, Screen};

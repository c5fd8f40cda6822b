//! How data comes in: sources, jobs, records, and the job runner.
//!
//! A harvest goes through named steps. [`gather`] brings a source into a folder of parts, through [`fetch`] when it lies
//! on the web; the engine ([`Harvester`]) surveys those parts, decodes each record with the codecs of `fairground-standards`
//! and hands batches to the store of `fairground-catalog`, which alone writes SQL. [`Workers`] do so in the background,
//! [`Harvester::harvest_now`] from the command line. Files that may hold tables are brought in by [`load`]. Nothing here serves HTTP or knows a page.

mod crew;
pub mod engine;
pub mod fetch;
pub mod gather;
mod identity;
mod links;
pub mod load;
mod now;
mod package;
mod release;
mod removal;
mod stop;
mod worker;

pub use engine::{EngineError, Harvester, Patience, Tuning};
pub use gather::Kind;
pub use identity::{WorkerIdentity, dead_workers};
pub use links::Caretaker;
pub use now::{HarvestNow, HarvestReport, NoSourceThere, NowError, new_source_address};
pub use package::{LONGEST_PACKAGE_BYTES, MOST_PACKAGE_FILES, Package, PackageError, PackageFile, read_package};
pub use release::ReleaseClock;
pub use stop::{Stop, StopReason};
pub use worker::Workers;

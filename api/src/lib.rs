//! How data goes out: REST, identify, admit, serve, meter.

pub mod body;
pub mod front;
pub mod hot_path;
pub mod metrics;
pub mod operation;
pub mod problem;
pub mod query;
pub mod request_id;
mod settings;

pub use settings::ApiSettings;

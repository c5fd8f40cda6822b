//! How data comes in: sources, jobs, records, and the job runner.

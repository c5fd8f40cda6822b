//! Random tables and plans, for the property tests of everybody who answers plans (feature `testing`).

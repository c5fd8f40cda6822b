//! What is on offer and on which terms: domain, rules, store, journal.

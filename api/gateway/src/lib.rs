//! Fronts agency APIs: forwards calls, guards upstreams, keeps what may be kept.

//! Everything that fits, batch by batch, by reading.

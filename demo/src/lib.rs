//! Three sample agency systems on loopback.

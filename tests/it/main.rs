//! Stories across the whole house, told to the built program as its users meet it: command line and HTTP, nothing else.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod command_line;
mod crash;
mod faults;
mod federal;
mod leak;
mod others;
mod program;
mod publishing;
mod screen;
mod serve;
mod tables;
mod usage;

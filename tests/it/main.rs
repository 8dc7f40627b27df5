//! Integration tests: one binary, one file a topic. [`repo`] builds the repositories that they
//! need, [`command`] runs programs in them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot be set up has failed; clippy excuses test bodies alone"
)]

mod action;
mod blind;
mod clean;
mod command;
mod db;
mod demo;
mod dependencies;
mod folder;
mod gate;
mod hook;
mod import;
mod licences;
mod no_leak;
mod oracle;
mod push;
mod repo;
mod rules;
mod source;
mod staged;
mod verify_secret;
mod vex;
mod waive;
mod yanked;

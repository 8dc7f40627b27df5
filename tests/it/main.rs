//! Integration tests: one binary, one file a topic. [`repo`] builds the repositories they need.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up has failed; clippy excuses test bodies alone"
)]

mod repo;
mod source;

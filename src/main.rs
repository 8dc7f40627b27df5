//! Placeholder until the command line is in.

fn main() {}

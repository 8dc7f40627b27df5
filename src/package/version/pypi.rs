//! Python's versions: PEP 440 as the `pep440_rs` crate reads it, which is uv's own reader.
//!
//! A number above 64 bits is refused, as uv refuses it. So is a version from before PEP 440
//! (`2004d`), which no current tool can order.

use pep440_rs::Version;
use std::str::FromStr as _;

/// Reads a version.
pub(super) fn parse(text: &str) -> Option<Version> {
    Version::from_str(text.trim()).ok()
}

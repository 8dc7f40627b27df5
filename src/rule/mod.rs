//! Rules as data: what they look for, why it matters, what to do, and the examples that prove them.
//!
//! `rules/secrets/<vendor>.toml` and `rules/policies/<topic>.toml` are embedded at build time; a
//! project adds rules of its own in `.lockkeeper.toml`.

mod file;
mod policy;
mod secret;

pub use file::{RuleFileError, builtin_policies, builtin_secrets, parse_secrets};
pub use policy::{PolicyRule, Scope};
pub use secret::SecretRule;

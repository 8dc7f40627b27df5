//! Rules as data: what they look for, why it matters, what to do, and the examples that prove them.
//!
//! `rules/secrets/<vendor>.toml` and `rules/policies/<topic>.toml` are embedded at build time; a
//! project adds rules of its own in `.lockkeeper.toml`.

mod beginning;
mod byte_set;
mod check;
pub(crate) mod checksum;
mod controls;
mod file;
mod generator;
mod glob;
mod needed;
mod pattern;
mod policy;
mod secret;
mod validate;

pub use beginning::Beginning;
pub use check::{Defect, Detect, Problem, check, example_path};
pub use controls::{ControlsError, Framework, Mapping, builtin_controls};
pub use file::{RuleFileError, builtin_digest, builtin_policies, builtin_secrets, parse_secrets};
pub use generator::{Expansion, GeneratorError, expand, expand_from};
pub use glob::{Paths, PathsError};
pub use needed::Needed;
pub use pattern::{Effort, LONGEST, Pattern, PatternError};
pub use policy::{Engine, Example, PolicyRule, Scope};
pub use secret::{Assigned, Boundary, Check, Provenance, SecretRule};
pub use validate::{
    Answer, Encoding, Endpoint, EndpointError, HasId, HeaderName, Judgement, Method, Part, Piece,
    Template, TemplateError, Validate, ValidateDefect,
};

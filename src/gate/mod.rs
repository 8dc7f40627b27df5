//! The gate: decides which findings keep a commit out.
//!
//! [`Policy::decide`] is a function of findings, waivers, VEX, baseline, threshold and date: it reads
//! nothing else. It drops no finding; each gets exactly one [`Disposition`].

mod baseline;
mod guard;
mod inline;
mod options;
mod policy;
mod verdict;
mod vex;
mod waiver;

pub use baseline::{Baseline, BaselineError, Entry};
pub use inline::{InlineProblem, inline_allow, inline_problem};
pub use options::{Existing, Extent, FailOn, FailOnError, Options};
pub use policy::{Policy, WaiverState};
pub use verdict::{Counts, Decided, Decision, Disposition, Verdict, WaivedBy};
pub use vex::{Assessment, Document, Justification, Vex, VexError, VexProblem};
pub use waiver::{Waiver, WaiverError, WaiverFields, WaiverProblem};

#[cfg(test)]
mod tests;

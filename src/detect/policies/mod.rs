//! Policies: placeholder until merged.
#![allow(missing_docs)]
use super::Snapshot;
use crate::finding::Finding;
use crate::rule::PolicyRule;
use crate::source::{Change, Commit, SourceError};
use jiff::Timestamp;
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Options {}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct PolicyError;
pub struct Policies;
impl Policies {
    pub fn new(_r: Vec<PolicyRule>, _o: &Options, _now: Timestamp) -> Result<Self, PolicyError> {
        Ok(Self)
    }
    pub fn rules(&self) -> impl Iterator<Item = &PolicyRule> {
        [].iter()
    }
    pub fn change(&self, _c: &Change<'_>) -> Vec<Finding> {
        vec![]
    }
    pub fn commit(&self, _c: &Commit) -> Vec<Finding> {
        vec![]
    }
    pub fn snapshot(&self, _s: &Snapshot<'_>) -> Result<Vec<Finding>, SourceError> {
        Ok(vec![])
    }
}

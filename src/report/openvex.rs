//! The findings about packages as an `OpenVEX` document, version 0.2.0.
//!
//! Without any there is nothing to state, and no document: the format's schema wants a statement at least,
//! and an invented one would be worse.

use super::Run;
use super::claim::{Claim, Standing, claims};
use super::escape::inert_json;
use super::identity::uuid;
use crate::gate::Assessment;
use serde::Serialize;
use std::io;

/// Who makes the statements, where it is not known whose repository it is.
const NOBODY: &str = "Unknown Author";

/// Writes the report; nothing, where there is nothing to state.
pub(super) fn write(run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let claims = claims(run);
    if claims.is_empty() {
        return Ok(());
    }
    let statements: Vec<_> = claims.iter().map(|claim| Statement::of(run, claim)).collect();
    let identity = uuid(&serde_json::to_string(&statements)?);
    let timestamp = run.time.to_string();
    let document = Document {
        context: "https://openvex.dev/ns/v0.2.0",
        id: format!("urn:uuid:{identity}"),
        author: run.source.repository_uri.as_deref().unwrap_or(NOBODY),
        role: "Document Creator",
        timestamp: &timestamp,
        version: 1,
        tooling: format!("{} {}", run.tool.name, run.tool.version),
        statements,
    };
    let json = serde_json::to_string_pretty(&document)?;
    writeln!(out, "{}", inert_json(&json))
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: &'a str,
    role: &'static str,
    timestamp: &'a str,
    version: u32,
    tooling: String,
    statements: Vec<Statement<'a>>,
}

#[derive(Serialize)]
struct Statement<'a> {
    vulnerability: Vulnerability<'a>,
    products: Vec<Product<'a>>,
    status: &'static str,
    status_notes: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "impact_statement")]
    impact: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "action_statement")]
    action: Option<&'a str>,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [String],
}

/// The package; within the repository, where that has an address.
#[derive(Serialize)]
struct Product<'a> {
    #[serde(rename = "@id")]
    id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcomponents: Vec<Self>,
}

impl<'a> Statement<'a> {
    fn of(run: &'a Run, claim: &'a Claim<'a>) -> Self {
        let found = claim.vulnerability;
        let package = Product { id: &claim.purl, subcomponents: Vec::new() };
        let product = match run.source.repository_uri.as_deref() {
            Some(id) => Product { id, subcomponents: vec![package] },
            None => package,
        };
        let mut statement = Self {
            vulnerability: Vulnerability {
                name: &found.id,
                description: &found.summary,
                aliases: &found.aliases,
            },
            products: vec![product],
            status: "affected",
            status_notes: &claim.notes,
            justification: None,
            impact: None,
            action: None,
        };
        match &claim.standing {
            Standing::Affected(action) => statement.action = Some(action),
            Standing::Stated(Assessment::Fixed) => statement.status = "fixed",
            Standing::Stated(Assessment::NotAffected { justification, impact }) => {
                statement.status = "not_affected";
                statement.justification = justification.map(|it| it.openvex().as_str());
                // The format's schema takes one of the two.
                let words = impact.as_deref().filter(|_| justification.is_none());
                statement.impact = words;
            }
        }
        statement
    }
}

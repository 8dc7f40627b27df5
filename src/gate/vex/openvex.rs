//! `OpenVEX` 0.2.0.
//!
//! A product with subcomponents is taken for the project itself: what is stated is about its
//! subcomponents. Unknown fields are passed over, unknown words of a status are not.

use super::product::Product;
use super::{Assessment, Justification, Read, Statement, VexProblem, filled, time, wrong};
use serde::Deserialize;

/// The start of every `@context`; a version may follow.
const CONTEXT: &str = "https://openvex.dev/ns";

#[derive(Deserialize)]
struct Document {
    timestamp: String,
    statements: Vec<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    vulnerability: Vulnerability,
    #[serde(default)]
    products: Vec<Component>,
    timestamp: Option<String>,
    status: Status,
    justification: Option<Justification>,
    impact_statement: Option<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "@id")]
    id: Option<String>,
    #[serde(default)]
    identifiers: Identifiers,
    /// Present for a program that is known by its bytes alone.
    hashes: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    subcomponents: Vec<Self>,
}

#[derive(Default, Deserialize)]
struct Identifiers {
    purl: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    NotAffected,
    Affected,
    Fixed,
    UnderInvestigation,
}

pub(super) fn read(text: &str, context: &str) -> Read {
    let version = context.strip_prefix(CONTEXT).ok_or(VexProblem::Kind)?;
    if !matches!(version, "" | "/" | "/v0.2.0") {
        return Err(VexProblem::Version(version.trim_start_matches('/').to_owned()));
    }
    let document: Document = serde_json::from_str(text).map_err(VexProblem::Shape)?;
    time("the document", Some(&document.timestamp))?;
    let (mut statements, mut remarks) = (Vec::new(), Vec::new());
    for (at, stated) in document.statements.into_iter().enumerate() {
        let place = format!("statement {}", at + 1);
        let statement = statement(place, stated, &document.timestamp, &mut remarks)?;
        statements.push(statement);
    }
    Ok((statements, remarks))
}

fn statement(
    place: String,
    stated: Stated,
    issued: &str,
    remarks: &mut Vec<String>,
) -> Result<Statement, VexProblem> {
    let mut ids = vec![stated.vulnerability.name];
    ids.extend(stated.vulnerability.aliases);
    if ids.iter().any(|id| id.trim().is_empty()) {
        return Err(wrong(&place, "a name of the vulnerability is empty"));
    }
    let at = time(&place, Some(stated.timestamp.as_deref().unwrap_or(issued)))?;
    let mut products = products(&place, &stated.products)?;
    let assessment = match stated.status {
        Status::Affected | Status::UnderInvestigation => None,
        Status::Fixed => {
            if !products.iter().all(Product::has_version) {
                remarks.push(format!("{place} says fixed of every version: it is not followed"));
                products.retain(Product::has_version);
            }
            Some(Assessment::Fixed)
        }
        Status::NotAffected => {
            Some(not_affected(&place, stated.justification, stated.impact_statement)?)
        }
    };
    Ok(Statement { place, ids, products, assessment, at })
}

fn not_affected(
    place: &str,
    justification: Option<Justification>,
    impact: Option<String>,
) -> Result<Assessment, VexProblem> {
    if let Some(label) = justification.filter(|label| !label.is_openvex()) {
        let text = format!("{:?} is no justification of OpenVEX", label.as_str());
        return Err(wrong(place, text));
    }
    let impact = filled(impact);
    if justification.is_none() && impact.is_none() {
        let what = "not_affected needs a `justification` or an `impact_statement`";
        return Err(wrong(place, what));
    }
    Ok(Assessment::NotAffected { justification, impact })
}

fn products(place: &str, stated: &[Component]) -> Result<Vec<Product>, VexProblem> {
    if stated.is_empty() {
        return Err(wrong(place, "it names no product"));
    }
    let mut products = Vec::new();
    for product in stated {
        let whole = identified(place, product)?;
        if product.subcomponents.is_empty() {
            products.push(whole);
        }
        for part in &product.subcomponents {
            products.push(identified(place, part)?);
        }
    }
    Ok(products)
}

fn identified(place: &str, component: &Component) -> Result<Product, VexProblem> {
    match component.identifiers.purl.as_ref().or(component.id.as_ref()) {
        Some(identifier) => Product::new(place, identifier),
        None if component.hashes.is_some() => Ok(Product::Other),
        None => Err(wrong(place, "a product has no identifier")),
    }
}

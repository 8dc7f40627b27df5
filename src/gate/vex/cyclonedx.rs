//! VEX of `CycloneDX`, versions 1.4 to 1.7: the `analysis` of each vulnerability.
//!
//! `resolved` counts as fixed, `false_positive` as not affected. A vulnerability that nobody has
//! analysed states nothing. Ranges of versions are not read: what they cover stays as it was found.

use super::product::Product;
use super::{Assessment, Justification, Read, Statement, VexProblem, filled, time, wrong};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Bom {
    #[serde(rename = "specVersion")]
    spec_version: String,
    metadata: Option<Metadata>,
    #[serde(default)]
    components: Vec<Component>,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    purl: Option<String>,
    #[serde(default)]
    components: Vec<Self>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    /// The same flaw elsewhere.
    #[serde(default)]
    references: Vec<Reference>,
    published: Option<String>,
    updated: Option<String>,
    analysis: Option<Analysis>,
    #[serde(default)]
    affects: Vec<Affected>,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analysis {
    state: Option<State>,
    justification: Option<Justification>,
    detail: Option<String>,
    first_issued: Option<String>,
    last_updated: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Resolved,
    ResolvedWithPedigree,
    Exploitable,
    InTriage,
    FalsePositive,
    NotAffected,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default)]
    versions: Vec<Versions>,
}

#[derive(Deserialize)]
struct Versions {
    version: Option<String>,
}

pub(super) fn read(text: &str) -> Read {
    let bom: Bom = serde_json::from_str(text).map_err(VexProblem::Shape)?;
    if !matches!(bom.spec_version.as_str(), "1.4" | "1.5" | "1.6" | "1.7") {
        return Err(VexProblem::Version(bom.spec_version));
    }
    let mut names = BTreeMap::new();
    let subject = bom.metadata.as_ref().and_then(|metadata| metadata.component.as_ref());
    name(subject.into_iter().chain(&bom.components), &mut names)?;
    let issued = bom.metadata.as_ref().and_then(|metadata| metadata.timestamp.as_deref());
    let mut reader = Reader { names, issued, remarks: Vec::new() };
    let mut statements = Vec::new();
    for (at, vulnerability) in bom.vulnerabilities.iter().enumerate() {
        let place = format!("vulnerability {}", at + 1);
        statements.extend(reader.statement(place, vulnerability)?);
    }
    Ok((statements, reader.remarks))
}

/// Gathers the package URLs of components by the references that stand for them.
fn name<'a>(
    components: impl Iterator<Item = &'a Component>,
    names: &mut BTreeMap<&'a str, Option<&'a str>>,
) -> Result<(), VexProblem> {
    let mut waiting: Vec<_> = components.collect();
    while let Some(component) = waiting.pop() {
        waiting.extend(&component.components);
        let Some(reference) = component.reference.as_deref() else { continue };
        let purl = component.purl.as_deref();
        if names.insert(reference, purl).is_some_and(|other| other != purl) {
            return Err(wrong(reference, "two components have this bom-ref"));
        }
    }
    Ok(())
}

struct Reader<'a> {
    names: BTreeMap<&'a str, Option<&'a str>>,
    issued: Option<&'a str>,
    remarks: Vec<String>,
}

impl Reader<'_> {
    fn statement(
        &mut self,
        place: String,
        flaw: &Vulnerability,
    ) -> Result<Option<Statement>, VexProblem> {
        let Some(analysis) = &flaw.analysis else { return Ok(None) };
        let Some(state) = analysis.state else { return Ok(None) };
        let references = flaw.references.iter().filter_map(|reference| reference.id.clone());
        let ids: Vec<_> = flaw.id.clone().into_iter().chain(references).collect();
        if ids.is_empty() || ids.iter().any(|id| id.trim().is_empty()) {
            return Err(wrong(&place, "it has no id, or an empty one"));
        }
        let times =
            [&analysis.last_updated, &analysis.first_issued, &flaw.updated, &flaw.published];
        let stated = times.into_iter().flatten().map(String::as_str).next();
        let at = time(&place, stated.or(self.issued))?;
        let mut products = self.products(&place, &flaw.affects)?;
        let assessment = match state {
            State::Exploitable | State::InTriage => None,
            State::Resolved | State::ResolvedWithPedigree => {
                if !products.iter().all(Product::has_version) {
                    let remark =
                        format!("{place} says resolved of every version: it is not followed");
                    self.remarks.push(remark);
                    products.retain(Product::has_version);
                }
                Some(Assessment::Fixed)
            }
            State::NotAffected | State::FalsePositive => {
                Some(not_affected(&place, state, analysis)?)
            }
        };
        Ok(Some(Statement { place, ids, products, assessment, at }))
    }

    fn products(&mut self, place: &str, affects: &[Affected]) -> Result<Vec<Product>, VexProblem> {
        if affects.is_empty() {
            return Err(wrong(place, "its `affects` name nothing"));
        }
        let mut products = Vec::new();
        for affected in affects {
            let product = self.product(place, &affected.reference)?;
            let exact: Vec<_> =
                affected.versions.iter().filter_map(|it| it.version.clone()).collect();
            if exact.len() < affected.versions.len() {
                self.remarks.push(format!("{place} has a range of versions, which is not read"));
            }
            let whole = affected.versions.is_empty();
            products.push(if whole { product } else { product.at(exact) });
        }
        Ok(products)
    }

    /// The product of a `ref`: a component of this document, or a package URL, each of them on its
    /// own or at the end of a `urn:cdx:` that names a document.
    fn product(&self, place: &str, reference: &str) -> Result<Product, VexProblem> {
        let linked = reference.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#'));
        let reference = linked.map_or(reference, |(_, within)| within);
        let decoded = reference.replace("%3A", ":").replace("%2F", "/").replace("%40", "@");
        let known = [reference, &decoded].into_iter().find_map(|name| self.names.get(name));
        match known {
            Some(Some(purl)) => Product::new(place, purl),
            Some(None) => Ok(Product::Other),
            None if linked.is_some() && !reference.starts_with("pkg:") => {
                Product::new(place, &decoded)
            }
            None => Product::new(place, reference),
        }
    }
}

fn not_affected(place: &str, state: State, analysis: &Analysis) -> Result<Assessment, VexProblem> {
    let justification = analysis.justification;
    let is_false = matches!(state, State::FalsePositive);
    if let Some(label) = justification.filter(|label| label.is_openvex()) {
        let text = format!("{:?} is no justification of CycloneDX", label.as_str());
        return Err(wrong(place, text));
    }
    let impact = filled(analysis.detail.clone());
    if justification.is_none() && !is_false {
        return Err(wrong(place, "not_affected needs a `justification`"));
    }
    if justification.is_none() && impact.is_none() {
        return Err(wrong(place, "false_positive needs a `justification` or a `detail`"));
    }
    Ok(Assessment::NotAffected { justification, impact })
}

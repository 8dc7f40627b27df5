//! VEX: statements of whether a flaw of a package can be used here.
//!
//! [`Document::parse`] reads `OpenVEX` and `CycloneDX`; a document that breaks its format's rules is
//! an error, so that no statement is lost without a word. [`Vex`] holds the documents that the gate
//! goes by. Of the statements on one flaw of one package the latest counts, and of several of one
//! time one that excuses nothing. `affected` and `under_investigation` excuse nothing; neither does
//! anything excuse a malicious package.

mod cyclonedx;
mod justification;
mod openvex;
mod product;

pub use justification::Justification;

use super::guard::Guard;
use super::verdict::WaivedBy;
use crate::finding::{Finding, Level, Notice, Subject};
use jiff::Timestamp;
use product::Product;

/// The documents that the gate goes by.
#[derive(Debug, Clone, Default)]
pub struct Vex(Vec<Document>);

/// One VEX document.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    statements: Vec<Statement>,
    /// What it says that is of no use.
    remarks: Vec<String>,
}

/// A document that cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("{document}: {problem}")]
pub struct VexError {
    /// The document, as it was named.
    pub document: String,
    /// What is wrong with it.
    pub problem: VexProblem,
}

/// What is wrong with a VEX document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VexProblem {
    /// It is not JSON, or not of the shape that its format asks for.
    #[error("{0}")]
    Shape(serde_json::Error),
    /// It has the marks of neither format.
    #[error("it is neither OpenVEX (an `@context` of openvex.dev) nor CycloneDX (a `bomFormat`)")]
    Kind,
    /// It is of a version of its format that is not read.
    #[error("version {0:?} is not read: OpenVEX is read as 0.2.0, CycloneDX as 1.4 to 1.7")]
    Version(String),
    /// A statement breaks its format's rules.
    #[error("{place}: {what}")]
    Statement {
        /// Which one, counted from one: `statement 3`.
        place: String,
        /// What is wrong.
        what: String,
    },
}

/// What a statement says of a flaw, where that lets a finding through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessment {
    /// The flaw cannot be used.
    NotAffected {
        /// Why, as a label.
        justification: Option<Justification>,
        /// Why, in words.
        impact: Option<String>,
    },
    /// This version was repaired.
    Fixed,
}

/// One statement on one flaw.
#[derive(Debug, Clone)]
struct Statement {
    /// Which one of its document: `statement 3`.
    place: String,
    /// The flaw, by every name that the statement knows.
    ids: Vec<String>,
    products: Vec<Product>,
    /// What lets the flaw through; `None` of one that can be used, or that nobody has judged yet.
    assessment: Option<Assessment>,
    /// When it was made.
    at: Option<Timestamp>,
}

impl Document {
    /// Reads a document; `name` is for messages and reports.
    pub fn parse(name: &str, text: &str) -> Result<Self, VexError> {
        let fail = |problem| VexError { document: name.to_owned(), problem };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let marks: Marks = serde_json::from_str(text).map_err(|e| fail(VexProblem::Shape(e)))?;
        let read = match marks {
            Marks { bom_format: Some(format), .. } if format == "CycloneDX" => {
                cyclonedx::read(text)
            }
            Marks { context: Some(context), .. } => openvex::read(text, &context),
            Marks { .. } => Err(VexProblem::Kind),
        };
        let (statements, mut remarks) = read.map_err(fail)?;
        if statements.is_empty() {
            remarks.push("it states nothing".to_owned());
        }
        Ok(Self { name: name.to_owned(), statements, remarks })
    }
}

/// By what a document is told to be of a format.
#[derive(serde::Deserialize)]
struct Marks {
    #[serde(rename = "bomFormat")]
    bom_format: Option<String>,
    #[serde(rename = "@context")]
    context: Option<String>,
}

/// What reading a document gives: its statements, and remarks.
type Read = Result<(Vec<Statement>, Vec<String>), VexProblem>;

impl FromIterator<Document> for Vex {
    fn from_iter<I: IntoIterator<Item = Document>>(documents: I) -> Self {
        Self(documents.into_iter().collect())
    }
}

impl Vex {
    /// What lets a finding through, if a statement does.
    pub(super) fn excuse(&self, finding: &Finding) -> Option<WaivedBy> {
        let covering = || self.statements().filter(|(_, it)| it.covers(finding));
        let latest = covering().map(|(_, statement)| statement.at).max()?;
        let mut latest = covering().filter(|(_, statement)| statement.at == latest);
        let (document, first) = latest.next()?;
        let assessment = first.assessment.clone()?;
        let agreed = latest.all(|(_, statement)| statement.assessment.is_some());
        agreed.then(|| {
            let reason = format!("VEX {} says {}", document.name, assessment.words());
            WaivedBy::Vex { reason, assessment }
        })
    }

    /// Remarks on statements that do nothing; `whole` says that the findings speak for everything.
    pub(super) fn notices(&self, findings: &[Finding], whole: bool) -> Vec<Notice> {
        let mut notices = Vec::new();
        for document in &self.0 {
            let remarks = document.remarks.iter();
            let remarks = remarks.map(|it| format!("VEX {}: {it}", document.name));
            notices.extend(remarks.map(|it| Notice::new(Level::Warning, it)));
            notices.extend(document.refused(findings));
            notices.extend(whole.then(|| document.unused(findings)).flatten());
        }
        notices
    }

    fn statements(&self) -> impl Iterator<Item = (&Document, &Statement)> {
        self.0.iter().flat_map(|document| document.statements.iter().map(move |it| (document, it)))
    }
}

impl Document {
    fn refused(&self, findings: &[Finding]) -> Option<Notice> {
        let malicious = |finding: &&Finding| Guard::of(finding) == Guard::Malicious;
        let statement = self.statements.iter().find(|statement| {
            statement.assessment.is_some()
                && findings.iter().filter(malicious).any(|finding| statement.names(finding))
        })?;
        let (name, place) = (&self.name, &statement.place);
        let text =
            format!("VEX {name}, {place}, does not apply: nothing excuses a malicious package");
        Some(Notice::new(Level::Warning, text))
    }

    fn unused(&self, findings: &[Finding]) -> Option<Notice> {
        let used = |statement: &&Statement| findings.iter().any(|it| statement.names(it));
        let unused: Vec<_> = self.statements.iter().filter(|it| !used(it)).collect();
        let first = unused.first()?;
        let id = first.ids.first().map_or("", String::as_str);
        let (count, all) = (unused.len(), self.statements.len());
        let match_ = if count == 1 { "matches" } else { "match" };
        let text = format!(
            "VEX {}: {count} of {all} statements {match_} nothing that was found ({}, {id})",
            self.name, first.place
        );
        Some(Notice::new(Level::Note, text))
    }
}

impl Assessment {
    /// The status and its ground, as the documents spell them.
    fn words(&self) -> String {
        match self {
            Self::NotAffected { justification, impact } => {
                let label = justification.map(Justification::as_str);
                let ground: Vec<_> = label.into_iter().chain(impact.as_deref()).collect();
                format!("not_affected: {}", ground.join(": "))
            }
            Self::Fixed => "fixed".to_owned(),
        }
    }
}

impl Statement {
    /// Whether it is about this finding, and may decide on it.
    fn covers(&self, finding: &Finding) -> bool {
        Guard::of(finding) == Guard::Ordinary && self.names(finding)
    }

    fn names(&self, finding: &Finding) -> bool {
        let vulnerability = match &finding.subject {
            Subject::Package(vulnerability) => vulnerability,
            Subject::Secret(_) | Subject::Policy | Subject::Licence(_) => return false,
        };
        let mut known = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
        known.any(|known| self.ids.iter().any(|id| id.eq_ignore_ascii_case(known)))
            && self.products.iter().any(|product| product.is(&vulnerability.package))
    }
}

/// A text that says something.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn time(place: &str, text: Option<&str>) -> Result<Option<Timestamp>, VexProblem> {
    let parse = |text: &str| {
        text.parse().map_err(|_| wrong(place, format!("{text:?} is no time as RFC 3339 has it")))
    };
    text.map(parse).transpose()
}

fn wrong(place: &str, what: impl Into<String>) -> VexProblem {
    VexProblem::Statement { place: place.to_owned(), what: what.into() }
}

#[cfg(test)]
mod tests;

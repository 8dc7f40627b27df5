//! The report for a person: the verdict first, then what blocks, file by file, then the rest, and
//! last what was looked at. Everything that comes from the repository goes through [`printable`].

use super::{Advisories, Run, Style, printable};
use crate::finding::{Finding, Level, RepoPath, Severity, Subject};
use crate::gate::{Decided, Decision, Disposition, Waived};
use anstyle::{AnsiColor, Style as Paint};
use std::collections::BTreeMap;
use std::io::{self, Write};

const BOLD: Paint = Paint::new().bold();
const DIM: Paint = Paint::new().dimmed();
const GOOD: Paint = AnsiColor::Green.on_default().bold();
const BAD: Paint = AnsiColor::Red.on_default().bold();
const WARN: Paint = AnsiColor::Yellow.on_default().bold();

/// Writes the report.
pub(super) fn write(run: &Run, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { out, style };
    page.verdict(run)?;
    let of = |wanted: &str| -> Vec<&Decided> {
        let all = run.verdict.findings.iter();
        all.filter(|decided| decided.disposition.as_str() == wanted).collect()
    };
    page.findings(&of("blocking"))?;
    page.section("Reported, not blocking", &of("advisory"))?;
    page.section("Waived", &of("waived"))?;
    page.notices(run)?;
    page.looked_at(run)
}

/// Where the report is written, and how.
struct Page<'a> {
    out: &'a mut dyn Write,
    style: Style,
}

impl Page<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        match self.style {
            Style::Plain => text.to_owned(),
            Style::Colored => format!("{paint}{text}{paint:#}"),
        }
    }

    fn verdict(&mut self, run: &Run) -> io::Result<()> {
        let errors = run.notices.iter().filter(|notice| notice.level == Level::Error).count();
        let blocking = run.verdict.count("blocking");
        let fail_on = run.verdict.fail_on.as_str();
        let line = match (errors, run.verdict.decision) {
            (0, Decision::Pass) => self.paint(GOOD, "✓ passed"),
            (0, Decision::Block) => {
                self.paint(BAD, &format!("✗ blocked by {}", plural(blocking, "finding")))
            }
            (_, Decision::Pass) => self.paint(BAD, "✗ could not look at everything"),
            (_, Decision::Block) => {
                let found = plural(blocking, "finding");
                self.paint(BAD, &format!("✗ blocked by {found}, and could not look at everything"))
            }
        };
        let rest = [
            (run.verdict.count("advisory"), "reported"),
            (run.verdict.count("baselined"), "in the baseline"),
            (run.verdict.count("waived"), "waived"),
        ];
        let rest = rest.iter().filter(|(count, _)| *count > 0);
        let rest: Vec<_> = rest.map(|(count, what)| format!(", {count} {what}")).collect();
        let rest = self.paint(DIM, &format!("{} (threshold {fail_on})", rest.concat()));
        writeln!(self.out, "{line}{rest}")
    }

    fn section(&mut self, title: &str, findings: &[&Decided]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        let title = self.paint(BOLD, title);
        writeln!(self.out, "\n{title}")?;
        self.findings(findings)
    }

    /// Findings by file, their columns aligned over all files.
    fn findings(&mut self, findings: &[&Decided]) -> io::Result<()> {
        let places = findings.iter().map(|decided| place(&decided.finding).len());
        let width = places.max().unwrap_or(0);
        let mut files = BTreeMap::<&RepoPath, Vec<&Decided>>::new();
        for decided in findings {
            files.entry(&decided.finding.location.path).or_default().push(decided);
        }
        for (path, findings) in files {
            let name = self.paint(BOLD, &printable(&path.to_string()));
            writeln!(self.out, "\n{name}")?;
            findings.iter().try_for_each(|decided| self.finding(decided, width))?;
        }
        Ok(())
    }

    fn finding(&mut self, decided: &Decided, width: usize) -> io::Result<()> {
        let finding = &decided.finding;
        let severity = format!("{:<8}", finding.severity.as_str());
        let paint = match finding.severity {
            _ if decided.disposition != Disposition::Blocking => DIM,
            Severity::Critical | Severity::High => BAD,
            Severity::Medium | Severity::Low => WARN,
        };
        let severity = self.paint(paint, &severity);
        let what = printable(&finding.message);
        let rule = self.paint(DIM, finding.rule.as_str());
        writeln!(self.out, "  {:>width$}  {severity}  {what}  {rule}", place(finding))?;
        let indent = " ".repeat(width + 14);
        let detail = detail(finding);
        if !detail.is_empty() {
            let detail = self.paint(DIM, &detail);
            writeln!(self.out, "{indent}{detail}")?;
        }
        match &decided.disposition {
            Disposition::Waived(waived) => writeln!(self.out, "{indent}{}", reason(waived)),
            Disposition::Blocking => writeln!(self.out, "{indent}→ {}", printable(&finding.fix)),
            Disposition::Advisory | Disposition::Baselined => Ok(()),
        }
    }

    fn notices(&mut self, run: &Run) -> io::Result<()> {
        if !run.notices.is_empty() {
            writeln!(self.out)?;
        }
        for notice in &run.notices {
            let level = match notice.level {
                Level::Error => self.paint(BAD, "error"),
                Level::Warning => self.paint(WARN, "warning"),
                Level::Note => self.paint(DIM, "note"),
            };
            let path =
                notice.path.as_ref().map(|path| format!("{}: ", printable(&path.to_string())));
            writeln!(
                self.out,
                "{level}: {}{}",
                path.unwrap_or_default(),
                printable(&notice.message)
            )?;
        }
        Ok(())
    }

    fn looked_at(&mut self, run: &Run) -> io::Result<()> {
        let source = &run.source;
        let mut line = format!("looked at the {}: ", source.kind);
        if source.commits > 0 {
            line = format!("{line}{}, ", plural(source.commits, "commit"));
        }
        let (files, bytes) = (plural(source.files, "file"), bytes(source.bytes));
        line = format!("{line}{files}, {bytes}; {}", plural(run.tool.rules as u64, "rule"));
        if source.lockfiles > 0 {
            let lockfiles = plural(source.lockfiles as u64, "lockfile");
            line = format!("{line}; {lockfiles}, {}", plural(source.packages as u64, "package"));
        }
        let against: Vec<_> = run.advisories.iter().map(advisories).collect();
        if !against.is_empty() {
            line = format!("{line} against {}", against.join(", "));
        }
        let line = self.paint(DIM, &line);
        writeln!(self.out, "\n{line}")
    }
}

fn place(finding: &Finding) -> String {
    let start = finding.location.start;
    format!("{}:{}", start.line, start.column)
}

/// What identifies the finding besides its place.
fn detail(finding: &Finding) -> String {
    let secret = match &finding.subject {
        Subject::Secret(redacted) => Some(printable(&redacted.preview)),
        Subject::Package(found) if !found.aliases.is_empty() => {
            Some(format!("also {}", printable(&found.aliases.join(", "))))
        }
        Subject::Package(_) | Subject::Policy => None,
    };
    let commit = finding.location.commit.as_ref().map(|id| format!("commit {}", id.short()));
    secret.into_iter().chain(commit).collect::<Vec<_>>().join(", ")
}

fn reason(waived: &Waived) -> String {
    match waived {
        Waived::File(waiver) => {
            let (reason, owner) = (printable(&waiver.reason), printable(&waiver.owner));
            format!("until {}, {owner}: {reason}", waiver.until)
        }
        Waived::Comment(reason) => format!("by a comment beside it: {}", printable(reason)),
    }
}

fn advisories(source: &Advisories) -> String {
    let newest = source.newest.as_deref().and_then(|date| date.split('T').next());
    let newest = newest.map(|day| format!(", newest {day}")).unwrap_or_default();
    let records = plural(source.records as u64, "advisory");
    format!("{} ({records}{newest})", source.ecosystem)
}

/// `1 file`, `2 files`, `12,345 files`, `2 advisories`.
fn plural(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{grouped} {stem}ies"),
        (_, None) => format!("{grouped} {noun}s"),
    }
}

/// Bytes in the largest decimal unit (SI) that leaves a number above one.
fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let (mut value, mut unit) = (count as f64, "bytes");
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, larger);
    }
    if unit == "bytes" { plural(count, "byte") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!(plural(1_u64, "file"), "1 file");
        assert_eq!(plural(1_234_567_u64, "file"), "1,234,567 files");
        assert_eq!(plural(0_u64, "advisory"), "0 advisories");
        assert_eq!(
            (bytes(1), bytes(999), bytes(1_250_000)),
            ("1 byte".into(), "999 bytes".into(), "1.2 MB".into())
        );
    }
}

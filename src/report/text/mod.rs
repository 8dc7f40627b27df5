//! The report for people: the verdict, what to put right, what was looked at, in this order.
//!
//! No line starts with text from outside, and none of that text reaches the terminal unescaped.

mod packages;

use super::escape::{Escaped, PathText};
use super::{AdvisorySource, ExploitedSource, Outcome, Run, Style, rule_name};
use crate::finding::{CommitId, Finding, Level, RepoPath, Severity, State, Subject};
use crate::gate::{Decided, Disposition};
use anstyle::{AnsiColor, Style as Ink};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io;

/// A message longer than this does not push the columns of the others to the right.
const WIDEST: usize = 64;

/// Writes the report.
pub(super) fn write(run: &Run, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { style, out };
    page.headline(run)?;
    page.blocking(run)?;
    page.advisory(run)?;
    page.set_aside(run)?;
    page.notices(run)?;
    page.coverage(run)
}

struct Page<'a> {
    style: Style,
    out: &'a mut dyn io::Write,
}

/// What a finding says in one line, escaped, before it is aligned with its neighbours.
struct Row {
    place: String,
    severity: Severity,
    message: String,
    rule: String,
    commit: String,
    fix: String,
}

/// Rows that stand together, and what solves them, if one thing does.
struct Block {
    heading: Option<String>,
    rows: Vec<Row>,
}

/// How wide the columns of some rows are.
struct Widths {
    place: usize,
    message: usize,
    rule: usize,
}

impl Page<'_> {
    fn headline(&mut self, run: &Run) -> io::Result<()> {
        let bad = blocking_summary(run);
        let (mark, verdict) = match run.outcome() {
            Outcome::Passed => ("✓", format!("passed: {}", passing_summary(run))),
            Outcome::Blocked => ("✗", format!("blocked: {bad}")),
            Outcome::Incomplete if bad.is_empty() => {
                ("✗", "incomplete: not everything could be looked at".to_owned())
            }
            Outcome::Incomplete => {
                ("✗", format!("incomplete: not everything could be looked at; blocked: {bad}"))
            }
        };
        let ink = match run.outcome() {
            Outcome::Passed => AnsiColor::Green,
            Outcome::Blocked | Outcome::Incomplete => AnsiColor::Red,
        };
        let line = self.ink(ink.on_default().bold(), format!("{mark} {verdict}"));
        writeln!(self.out, "{line}")
    }

    fn blocking(&mut self, run: &Run) -> io::Result<()> {
        let findings = fared(run, &Disposition::Blocking);
        let mut files = BTreeMap::<&RepoPath, Vec<&Finding>>::new();
        for finding in findings {
            files.entry(&finding.location.path).or_default().push(finding);
        }
        let files: Vec<_> =
            files.into_iter().map(|(path, findings)| (path, blocks(&findings))).collect();
        let blocks = files.iter().flat_map(|(_, blocks)| blocks);
        let widths = Widths::of(blocks.flat_map(|block| &block.rows));
        for (path, blocks) in files {
            let name = self.ink(Ink::new().bold(), PathText(path));
            writeln!(self.out, "\n{name}")?;
            blocks.iter().try_for_each(|block| self.block(block, &widths))?;
        }
        Ok(())
    }

    /// Rows that stand together: further in where they stand under a heading.
    fn block(&mut self, block: &Block, widths: &Widths) -> io::Result<()> {
        let Some(heading) = &block.heading else { return self.rows(&block.rows, widths) };
        writeln!(self.out, "  {heading}")?;
        for row in &block.rows {
            write!(self.out, "  ")?;
            self.row(row, widths)?;
        }
        Ok(())
    }

    /// Rows of one file; what to do is said once for neighbours that ask for the same.
    fn rows(&mut self, rows: &[Row], widths: &Widths) -> io::Result<()> {
        let next = rows.iter().skip(1).map(Some).chain([None]);
        for (row, next) in rows.iter().zip(next) {
            self.row(row, widths)?;
            let said_below = next.is_some_and(|next| next.fix == row.fix);
            if !row.fix.is_empty() && !said_below {
                writeln!(self.out, "  {:1$}  → {2}", "", widths.place, row.fix)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, row: &Row, widths: &Widths) -> io::Result<()> {
        let severity = self.ink(ink_of(row.severity), format!("{:8}", row.severity.as_str()));
        let rule = if row.commit.is_empty() { 0 } else { widths.rule };
        let source = format!("{:rule$}  {}", row.rule, row.commit);
        let source = self.ink(Ink::new().dimmed(), source.trim_end());
        let (place, message) = (&row.place, &row.message);
        let (at, wide) = (widths.place, widths.message);
        writeln!(self.out, "  {place:at$}  {severity}  {message:wide$}  {source}")
    }

    fn advisory(&mut self, run: &Run) -> io::Result<()> {
        let findings = fared(run, &Disposition::Advisory);
        if findings.is_empty() {
            return Ok(());
        }
        let groups = findings.chunk_by(|a, b| packages::alike(a, b));
        let rows: Vec<_> = groups.filter_map(packages::all).collect();
        let widths = Widths::of(&rows);
        let heading = self.ink(Ink::new().bold(), "reported, not blocking");
        writeln!(self.out, "\n{heading}")?;
        for row in &rows {
            self.row(row, &widths)?;
            if !row.fix.is_empty() {
                writeln!(self.out, "  {:1$}  → {2}", "", widths.place, row.fix)?;
            }
        }
        Ok(())
    }

    fn set_aside(&mut self, run: &Run) -> io::Result<()> {
        let counts = run.verdict.counts;
        let baselined =
            (counts.baselined > 0).then(|| format!("{} in the baseline", counts.baselined));
        let waived = (counts.waived > 0).then(|| format!("{} waived", counts.waived));
        let aside: Vec<_> = baselined.into_iter().chain(waived).collect();
        if aside.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\nset aside: {}", aside.join(", "))
    }

    fn notices(&mut self, run: &Run) -> io::Result<()> {
        let mut notices: Vec<_> = run.notices().into_iter().collect();
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.level));
        if !notices.is_empty() {
            writeln!(self.out)?;
        }
        for notice in notices {
            let (word, ink) = match notice.level {
                Level::Error => ("error", AnsiColor::Red.on_default().bold()),
                Level::Warning => ("warning", AnsiColor::Yellow.on_default()),
                Level::Note => ("note", Ink::new().dimmed()),
            };
            let word = self.ink(ink, format!("{word:7}"));
            let path = notice.path.as_ref().map(|path| format!("{}: ", PathText(path)));
            let message = Escaped(&notice.message);
            writeln!(self.out, "{word}  {}{message}", path.unwrap_or_default())?;
        }
        Ok(())
    }

    fn coverage(&mut self, run: &Run) -> io::Result<()> {
        let line = self.ink(Ink::new().dimmed(), coverage(run));
        writeln!(self.out, "\n{line}")
    }

    fn ink(&self, ink: Ink, text: impl Display) -> String {
        match self.style {
            Style::Plain => text.to_string(),
            Style::Coloured => format!("{}{text}{}", ink.render(), ink.render_reset()),
        }
    }
}

impl Row {
    fn of(finding: &Finding, place: String) -> Self {
        Self {
            place,
            severity: finding.severity,
            message: format!("{}{}", Escaped(&finding.message), fate(finding)),
            rule: rule_name(finding),
            commit: finding
                .location
                .commit
                .as_ref()
                .map(CommitId::short)
                .unwrap_or_default()
                .to_owned(),
            fix: Escaped(&finding.fix).to_string(),
        }
    }
}

/// What has become of a secret, and how often it is elsewhere.
fn fate(finding: &Finding) -> String {
    let Subject::Secret(secret) = &finding.subject else { return String::new() };
    let removed = match secret.state {
        State::Removed => "; gone since, rotate it anyway",
        State::Live | State::Metadata => "",
    };
    match secret.elsewhere.len() {
        0 => removed.to_owned(),
        1 => format!("{removed}; in 1 more place"),
        more => format!("{removed}; in {more} more places"),
    }
}

impl Widths {
    fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let rows: Vec<_> = rows.into_iter().collect();
        let widest = |text: fn(&Row) -> &str| {
            rows.iter().map(|row| text(row).chars().count()).filter(|n| *n <= WIDEST).max()
        };
        Self {
            place: widest(|row| &row.place).unwrap_or(0),
            message: widest(|row| &row.message).unwrap_or(0),
            rule: widest(|row| &row.rule).unwrap_or(0),
        }
    }
}

/// The findings of a file as they stand together.
fn blocks(findings: &[&Finding]) -> Vec<Block> {
    let block = |packages::Group { heading, findings }: packages::Group<'_>| {
        let row = |finding: &Finding| match heading {
            Some(_) => packages::row(finding),
            None => Row::of(finding, place(finding)),
        };
        Block { rows: findings.into_iter().map(row).collect(), heading }
    };
    packages::groups(findings).into_iter().map(block).collect()
}

fn fared<'a>(run: &'a Run, disposition: &Disposition) -> Vec<&'a Finding> {
    let fared = run.verdict.findings.iter().filter(|decided| decided.disposition == *disposition);
    fared.map(|Decided { finding, .. }| finding).collect()
}

fn place(finding: &Finding) -> String {
    let start = finding.location.start;
    format!("{}:{}", start.line, start.column)
}

fn ink_of(severity: Severity) -> Ink {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Blue.on_default(),
    }
}

fn blocking_summary(run: &Run) -> String {
    let (mut secrets, mut policies, mut packages) = (0, 0, BTreeSet::new());
    for finding in fared(run, &Disposition::Blocking) {
        match &finding.subject {
            Subject::Secret(_) => secrets += 1,
            Subject::Policy | Subject::Licence(_) => policies += 1,
            Subject::Package(vulnerability) => _ = packages.insert(&vulnerability.package),
        }
    }
    let counts = [
        (secrets, "secret", "secrets"),
        (packages.len() as u64, "vulnerable package", "vulnerable packages"),
        (policies, "policy violation", "policy violations"),
    ];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    counts.map(|(count, one, many)| counted(count, one, many)).collect::<Vec<_>>().join(", ")
}

fn passing_summary(run: &Run) -> String {
    if run.verdict.findings.is_empty() {
        return "nothing found".to_owned();
    }
    let findings = counted(run.verdict.findings.len() as u64, "finding", "findings");
    format!("{findings}, none blocking (fail-on {})", run.verdict.fail_on)
}

fn coverage(run: &Run) -> String {
    let source = &run.source;
    let commits = (source.commits > 0).then(|| counted(source.commits, "commit", "commits"));
    let seen = [counted(source.files, "file", "files"), bytes(source.bytes)];
    let seen = commits.into_iter().chain(seen).collect::<Vec<_>>().join(", ");
    let rules = counted(run.tool.rules, "rule", "rules");
    let lockfiles = counted(source.lockfiles, "lockfile", "lockfiles");
    if source.lockfiles == 0 {
        return format!("looked at {seen}; {rules}; {lockfiles}");
    }
    let packages = counted(source.packages, "package", "packages");
    let advisories = advisories(&run.advisories);
    let against = match advisories.as_slice() {
        [] => "no advisories".to_owned(),
        all => all.join(", "),
    };
    let exploited = exploited(&run.exploited);
    format!("looked at {seen}; {rules}; {lockfiles}, {packages} against {against}{exploited}")
}

/// What was known of attacks.
fn exploited(sources: &[ExploitedSource]) -> String {
    let described = sources.iter().map(|source| {
        let day = source.dated.iter().map(|day| format!(" of {}", Escaped(day)));
        let records = counted(source.records, "CVE", "CVEs");
        format!("; {} ({records}{})", Escaped(&source.kind), day.collect::<String>())
    });
    described.collect()
}

/// What there is on each ecosystem, all sources together.
fn advisories(sources: &[AdvisorySource]) -> Vec<String> {
    let mut ecosystems = BTreeMap::<&str, (u64, Option<&str>)>::new();
    for source in sources {
        let (records, newest) = ecosystems.entry(&source.ecosystem).or_default();
        *records += source.records;
        *newest = (*newest).max(source.newest.as_deref());
    }
    let described = ecosystems.into_iter().map(|(ecosystem, (records, newest))| {
        let day = newest.map(|time| time.get(..10).unwrap_or(time));
        let day = day.map(|day| format!(", newest {}", Escaped(day))).unwrap_or_default();
        let records = counted(records, "advisory", "advisories");
        format!("{} ({records}{day})", Escaped(ecosystem))
    });
    described.collect()
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

/// A number with a comma between each three digits.
fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn bytes(count: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| count >= *unit) {
        Some((unit, name)) => {
            let tenths = count / (unit / 10);
            format!("{}.{} {name}", thousands(tenths / 10), tenths % 10)
        }
        None => counted(count, "byte", "bytes"),
    }
}

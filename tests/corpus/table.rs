//! The table that the corpus prints.

use crate::measure::{Measured, Share, Tally};
use crate::sample::Group;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// How many rows a list of the worst has.
const WORST: usize = 15;

/// The whole table.
pub(crate) fn table(measured: &Measured) -> String {
    let mut out = String::new();
    let written = summary(&mut out, measured)
        .and_then(|()| recall_by_kind(&mut out, measured))
        .and_then(|()| worst_syntaxes(&mut out, measured))
        .and_then(|()| confusion(&mut out, measured))
        .and_then(|()| alarms(&mut out, measured));
    written.expect("a string takes everything");
    out
}

fn summary(out: &mut String, measured: &Measured) -> fmt::Result {
    writeln!(
        out,
        "How good the detection of secrets is: {} texts of {} lines, {} secrets, {} lookalikes\n",
        measured.samples,
        measured.lines,
        measured.secrets,
        measured.alarms.values().map(|share| share.whole).sum::<usize>(),
    )?;
    writeln!(out, "{:<22} {:>22} {:>22} {:>22}", "", "reported", "blocked", "right kind")?;
    for (group, tally) in &measured.by_group {
        row(out, group.as_str(), tally)?;
    }
    writeln!(out, "\nprecision of what blocks   {}", measured.blocking)?;
    writeln!(out, "precision of what does not {}", measured.advisory)
}

fn row(out: &mut String, name: &str, tally: &Tally) -> fmt::Result {
    let Tally { reported, blocked, named } = tally;
    let cell = |share: &Share| share.to_string();
    writeln!(out, "{name:<22} {:>22} {:>22} {:>22}", cell(reported), cell(blocked), cell(named))
}

/// Every kind, the worst first; the kinds that are always found are only counted.
fn recall_by_kind(out: &mut String, measured: &Measured) -> fmt::Result {
    let rows = sorted(&measured.by_kind);
    for group in [Group::Provider, Group::Encoded, Group::Generic] {
        let own: Vec<_> = rows.iter().filter(|((of, _), _)| *of == group).collect();
        let (whole, missed): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|(_, tally)| perfect(tally));
        writeln!(out, "\nrecall by kind, {}: {} always found", group.as_str(), whole.len())?;
        for ((_, kind), tally) in missed.iter().take(WORST) {
            writeln!(out, "  {kind:<36} {}", tally.reported)?;
        }
        more(out, missed.len())?;
    }
    Ok(())
}

fn worst_syntaxes(out: &mut String, measured: &Measured) -> fmt::Result {
    let rows = sorted(&measured.by_class);
    for group in [Group::Provider, Group::Encoded, Group::Generic] {
        let missed =
            |((of, _), tally): &&(&(Group, String), &Tally)| *of == group && !perfect(tally);
        let missed: Vec<_> = rows.iter().filter(missed).collect();
        writeln!(out, "\nrecall by syntax, {}, the worst", group.as_str())?;
        for ((_, class), tally) in missed.iter().take(WORST) {
            writeln!(out, "  {class:<36} {}", tally.reported)?;
        }
        more(out, missed.len())?;
    }
    Ok(())
}

fn confusion(out: &mut String, measured: &Measured) -> fmt::Result {
    writeln!(out, "\nkind planted → kind found, where they differ")?;
    let mut wrong: Vec<_> = measured.confusion.iter().filter(|((a, b), _)| a != b).collect();
    wrong.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for ((planted, found), count) in wrong.iter().take(2 * WORST) {
        writeln!(out, "  {planted:<36} → {found:<36} {count}")?;
    }
    more(out, wrong.len() / 2)
}

fn alarms(out: &mut String, measured: &Measured) -> fmt::Result {
    let silent = measured.alarms.values().filter(|share| share.part == 0).count();
    writeln!(out, "\nlookalikes: {silent} of {} classes silent", measured.alarms.len())?;
    let lists =
        [("blocks", &measured.blocking_alarms), ("is remarked on", &measured.advisory_alarms)];
    for (what, alarms) in lists {
        writeln!(out, "what {what} and should not, by class and rule: {}", alarms.len())?;
        for ((class, rule), count) in alarms.iter().take(2 * WORST) {
            writeln!(out, "  {class:<36} {rule:<36} {count}")?;
        }
        more(out, alarms.len() / 2)?;
    }
    Ok(())
}

fn more(out: &mut String, rows: usize) -> fmt::Result {
    match rows.checked_sub(WORST) {
        None | Some(0) => Ok(()),
        Some(_) => writeln!(out, "  …"),
    }
}

fn perfect(tally: &Tally) -> bool {
    tally.reported.part == tally.reported.whole
}

fn sorted(tallies: &BTreeMap<(Group, String), Tally>) -> Vec<(&(Group, String), &Tally)> {
    let mut rows: Vec<_> = tallies.iter().collect();
    rows.sort_by(|(_, a), (_, b)| a.reported.value().total_cmp(&b.reported.value()));
    rows
}

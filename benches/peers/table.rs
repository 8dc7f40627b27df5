//! Medians and ratios of what was measured, as a table.

use crate::measure::Cost;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

/// How one tool did in all rounds.
pub(crate) struct Row {
    name: &'static str,
    costs: Vec<Cost>,
    statuses: BTreeSet<i32>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Cannot,
    Worked,
    Failed(Option<i32>),
    Complained,
}

impl Row {
    /// A tool that may not have such a mode.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, costs: Vec::new(), statuses: BTreeSet::new(), state: State::Cannot }
    }

    /// It has the mode.
    pub(crate) fn can(&mut self) {
        if self.state == State::Cannot {
            self.state = State::Worked;
        }
    }

    /// It did not do the job: whatever it took is no measure of it.
    pub(crate) fn fail(&mut self, status: Option<i32>) {
        self.state = State::Failed(status);
    }

    /// It said that something went wrong, and ended as if nothing had.
    pub(crate) fn complain(&mut self) {
        self.state = State::Complained;
    }

    /// Whether it failed in some round.
    pub(crate) fn failed(&self) -> bool {
        matches!(self.state, State::Failed(_) | State::Complained)
    }

    /// One more round.
    pub(crate) fn add(&mut self, status: Option<i32>, cost: Cost) {
        self.statuses.extend(status);
        self.costs.push(cost);
    }
}

/// The first row is ours: the ratios are of it to each other one.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = format!(
        "{:<12} {:>10} {:>10} {:>10} {:>9} {:>9}  status\n",
        "", "wall", "cpu", "memory", "ours/wall", "ours/cpu"
    );
    let ours = rows.first().filter(|ours| !ours.failed());
    for row in rows {
        let written = match row.state {
            State::Cannot => writeln!(out, "{:<12} {:>10}", row.name, "-"),
            State::Failed(Some(status)) => {
                writeln!(out, "{:<12} failed with status {status}: not timed", row.name)
            }
            State::Failed(None) => writeln!(out, "{:<12} ended by a signal: not timed", row.name),
            State::Complained => {
                writeln!(out, "{:<12} reported errors on standard error: not timed", row.name)
            }
            State::Worked => writeln!(out, "{}", figures(row, ours)),
        };
        // A string takes all that is written.
        _ = written;
    }
    out
}

fn figures(row: &Row, ours: Option<&Row>) -> String {
    let of = |part: fn(&Cost) -> f64| median(row.costs.iter().map(part).collect());
    let ratio = |part: fn(&Cost) -> f64| {
        let rounds = ours.into_iter().flat_map(|ours| ours.costs.iter().zip(&row.costs));
        let ratio = median(rounds.map(|(ours, theirs)| part(ours) / part(theirs)).collect());
        if ratio.is_finite() { format!("{ratio:.3}") } else { "-".to_owned() }
    };
    let statuses: Vec<_> = row.statuses.iter().map(i32::to_string).collect();
    format!(
        "{:<12} {:>10} {:>10} {:>10} {:>9} {:>9}  {}",
        row.name,
        seconds(of(wall)),
        seconds(of(cpu)),
        format!("{:.1} MB", of(memory) / 1e6),
        ratio(wall),
        ratio(cpu),
        statuses.join(" "),
    )
}

fn wall(cost: &Cost) -> f64 {
    cost.wall.as_secs_f64()
}

fn cpu(cost: &Cost) -> f64 {
    cost.cpu.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "printed with one decimal")]
fn memory(cost: &Cost) -> f64 {
    cost.memory as f64
}

fn seconds(seconds: f64) -> String {
    Duration::try_from_secs_f64(seconds).map_or("-".to_owned(), |time| format!("{time:.2?}"))
}

/// The middle one, or what lies between the two in the middle; not a number if there is none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (lower, upper) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    match (values.get(lower), values.get(upper)) {
        (Some(lower), Some(upper)) => f64::midpoint(*lower, *upper),
        (None, _) | (_, None) => f64::NAN,
    }
}

//! One line on a terminal that says how far the scan is, for scans of more than half a second.

use super::environment::Environment;
use crate::pipeline::Watch;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long a scan may take in silence.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// Draws nothing in CI, and nowhere but on a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    wanted: bool,
    start: Instant,
    /// Milliseconds since `start` when the line was last drawn.
    drawn: AtomicU64,
    commits: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    pub(super) fn new(environment: &Environment, asked_for_none: bool) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
                .with_style(ProgressStyle::default_spinner()),
            wanted: environment.stderr_terminal && !environment.in_ci() && !asked_for_none,
            start: Instant::now(),
            drawn: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    fn draw(&self) {
        let elapsed = self.start.elapsed();
        let now = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let last = self.drawn.load(Relaxed);
        let due = elapsed >= PATIENCE && u128::from(now - last.min(now)) >= TICK.as_millis();
        if !due || self.drawn.compare_exchange(last, now, Relaxed, Relaxed).is_err() {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_message(format!(
            "{} commits, {} files, {}",
            HumanCount(self.commits.load(Relaxed)),
            HumanCount(self.files.load(Relaxed)),
            HumanBytes(self.bytes.load(Relaxed)),
        ));
        self.bar.tick();
    }
}

impl Watch for Progress {
    fn commit(&self) {
        self.commits.fetch_add(1, Relaxed);
        if self.wanted {
            self.draw();
        }
    }

    fn file(&self, bytes: u64) {
        self.files.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
        if self.wanted {
            self.draw();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

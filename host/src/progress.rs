//! What a person sees while a run is under way: a line that changes on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::capabilities::Counters;
use crate::counted;

/// How often a line is written where there is no terminal: a log should show life, not fill up.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// How often the line on a terminal changes.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// Standard error, shared by progress and log so that they do not write into each other's lines.
#[derive(Clone, Default)]
pub struct SharedStderr(Arc<Mutex<Option<ProgressBar>>>);

impl SharedStderr {
    fn bar(&self) -> Option<ProgressBar> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, bar: Option<ProgressBar>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }
}

impl Write for SharedStderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.bar() {
            Some(bar) => bar.suspend(|| io::stderr().write(bytes)),
            None => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Shows how a run gets on.
pub struct Progress {
    stderr: SharedStderr,
    bar: Option<ProgressBar>,
    counters: Arc<Counters>,
    started: Instant,
    told: Instant,
}

impl Progress {
    /// Begins to show what these counters count; on a terminal at once.
    #[must_use]
    pub fn start(stderr: SharedStderr, counters: Arc<Counters>) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{spinner} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(REDRAW_INTERVAL);
            bar
        });
        stderr.set(bar.clone());
        let now = Instant::now();
        Self { stderr, bar, counters, started: now, told: now }
    }

    /// Shows how things stand now.
    pub fn show(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_message(self.line());
        } else if self.told.elapsed() >= PLAIN_INTERVAL {
            self.told = Instant::now();
            let line = self.line();
            // Progress that nobody can see is no reason to stop.
            drop(writeln!(self.stderr, "{line}"));
        }
    }

    fn line(&self) -> String {
        line(
            self.counters.entries_listed(),
            self.counters.objects_written(),
            self.counters.bytes_uploaded(),
            self.started.elapsed(),
        )
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stderr.set(None);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn line(objects: u64, files: u64, bytes: u64, elapsed: Duration) -> String {
    format!(
        "{} listed, {}/s, {} written, {}, {} s",
        counted(objects, "object"),
        HumanCount(per_second(objects, elapsed)),
        counted(files, "file"),
        HumanBytes(bytes),
        elapsed.as_secs(),
    )
}

/// How many there are to a second; as many as there are within the first millisecond.
#[must_use]
pub fn per_second(count: u64, elapsed: Duration) -> u64 {
    let millis = elapsed.as_millis().max(1);
    u64::try_from(u128::from(count) * 1000 / millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_how_things_stand() {
        assert_eq!(
            line(1_234_567, 12, 5 << 20, Duration::from_millis(2500)),
            "1,234,567 objects listed, 493,826/s, 12 files written, 5.00 MiB, 2 s"
        );
        assert_eq!(
            line(1, 0, 1, Duration::from_secs(1)),
            "1 object listed, 1/s, 0 files written, 1 B, 1 s"
        );
    }

    #[test]
    fn a_rate_survives_no_time_at_all() {
        assert_eq!(per_second(7, Duration::ZERO), 7000);
        assert_eq!(per_second(u64::MAX, Duration::ZERO), u64::MAX);
    }
}

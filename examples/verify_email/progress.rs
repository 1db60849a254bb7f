//! How far it is: a line for each address on a terminal, a line now and then elsewhere.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use genesy_core::time::Timestamp;
use genesy_core::verification::Progress as Stages;
use genesy_examples::shortened;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

/// How often a line is written where there is no terminal.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// How far a verification is, as it goes on.
type Watched = watch::Receiver<Option<Stages<'static>>>;

/// Shows how far all verifications are, on standard error.
pub(crate) struct Progress {
    lines: MultiProgress,
    overall: ProgressBar,
    under_way: BTreeMap<usize, (ProgressBar, Watched)>,
    is_redacted: bool,
    is_drawn: bool,
    plain_due: Instant,
}

impl Progress {
    pub(crate) fn new(addresses: usize, is_redacted: bool) -> Self {
        let is_drawn = io::stderr().is_terminal();
        let target =
            if is_drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let lines = MultiProgress::with_draw_target(target);
        let overall = ProgressBar::new(addresses as u64);
        let overall = overall.with_style(style("{bar:32.cyan/blue} {pos} of {len} addresses"));
        Self {
            overall: lines.add(overall),
            lines,
            under_way: BTreeMap::new(),
            is_redacted,
            is_drawn,
            plain_due: Instant::now() + PLAIN_EVERY,
        }
    }

    /// The verification of the address at `place` begins.
    pub(crate) fn begin(&mut self, place: usize, address: &str, watched: Watched) {
        let line = ProgressBar::no_length().with_style(style("  {prefix:.bold}  {msg}"));
        let line = self.lines.insert_before(&self.overall, line);
        let name = if self.is_redacted { format!("#{}", place + 1) } else { shortened(address) };
        self.under_way.insert(place, (line.with_prefix(format!("{name:29}")), watched));
    }

    /// Shows how far each one is.
    pub(crate) fn draw(&mut self, now: Timestamp) {
        let is_plain_due = !self.is_drawn && self.plain_due <= Instant::now();
        if !self.is_drawn && !is_plain_due {
            return;
        }
        for (line, watched) in self.under_way.values() {
            let stages = watched.borrow().clone();
            let text = stages.map_or("beginning".to_owned(), |stages| {
                stages.line(now, self.is_redacted).to_string()
            });
            if is_plain_due {
                say(&format!("{}  {text}", line.prefix()));
            }
            line.set_message(text);
        }
        if is_plain_due {
            self.plain_due = Instant::now() + PLAIN_EVERY;
            let all = self.overall.length().unwrap_or_default();
            say(&format!("{} of {all} addresses", self.overall.position()));
        }
    }

    /// The verification of the address at `place` has ended.
    pub(crate) fn end(&mut self, place: usize) {
        self.overall.inc(1);
        if let Some((line, _)) = self.under_way.remove(&place) {
            line.finish_and_clear();
            self.lines.remove(&line);
        }
    }

    /// Takes the lines away.
    pub(crate) fn clear(&self) {
        let _ = self.lines.clear();
    }
}

fn say(text: &str) {
    // Nothing is left to do about a closed standard error.
    let _ = writeln!(io::stderr(), "{text}");
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_spinner())
}

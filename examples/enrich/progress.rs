//! How far the run is: bars on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use genesy_core::waterfall::{AttemptResult, Event, PhoneLookup, Plan};
use genesy_providers::driver::{DriverEvent, Events, LeadEvent, Watched};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::input::row_of;
use crate::output::AddressCounts;
use crate::tally::{Ending, ProviderTally, Tally};

/// How often a line is written where there is no terminal.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
/// How often bars are drawn anew.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

const OVERALL: &str = "{spinner} {bar:32.cyan/blue} {pos} of {len} leads  {msg}, {eta} left";

/// Shows how far a run is, on standard error. Clones show the same.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    lines: MultiProgress,
    overall: ProgressBar,
    addresses: ProgressBar,
    providers: Vec<ProgressBar>,
    latest: ProgressBar,
    is_drawn: bool,
    plain_due: Instant,
}

impl Progress {
    pub(crate) fn new(plan: &Plan<PhoneLookup>, leads: u64) -> Self {
        let is_drawn = io::stderr().is_terminal();
        let target =
            if is_drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let lines = MultiProgress::with_draw_target(target);
        let overall = lines.add(ProgressBar::new(leads).with_style(style(OVERALL)));
        let names = plan.steps().iter().map(|step| step.provider.as_str());
        let width = names.clone().map(str::len).max().unwrap_or_default();
        let line = |name: &str| {
            let line = ProgressBar::no_length().with_style(style("  {prefix:.bold}  {msg}"));
            lines.add(line).with_prefix(format!("{name:width$}"))
        };
        let addresses = line("e-mail");
        let providers = names.map(line).collect();
        let latest = ProgressBar::no_length().with_style(style("  {msg:.dim}"));
        let latest = lines.add(latest);
        if is_drawn {
            overall.enable_steady_tick(DRAWN_EVERY);
        }
        Self {
            lines,
            overall,
            addresses,
            providers,
            latest,
            is_drawn,
            plain_due: Instant::now() + PLAIN_EVERY,
        }
    }

    /// Shows the counts of the leads that are done.
    pub(crate) fn update(&mut self, tally: &Tally, addresses: &AddressCounts) {
        let found = format!("{} found", tally.count(Ending::Found));
        if !self.is_drawn {
            if self.plain_due <= Instant::now() {
                self.plain_due = Instant::now() + PLAIN_EVERY;
                let all = self.overall.length().unwrap_or_default();
                self.say(&format!("{} of {all} leads, {found}", tally.leads));
            }
            return;
        }
        let rate = tally.leads as f64 / self.overall.elapsed().as_secs_f64().max(f64::EPSILON);
        self.overall.set_position(tally.leads);
        self.overall.set_message(format!("{found}  {rate:.1} a second"));
        self.addresses.set_message(verdicts(addresses));
        for (line, provider) in self.providers.iter().zip(&tally.providers) {
            line.set_message(counts(provider));
        }
    }

    /// A line above the bars that stays.
    pub(crate) fn say(&self, text: &str) {
        if self.is_drawn {
            let _ = self.lines.println(text);
        } else {
            // Nothing is left to do about a closed standard error.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Takes the bars away.
    pub(crate) fn clear(&self) {
        self.overall.disable_steady_tick();
        let _ = self.lines.clear();
    }

    /// Shows what happens to slow leads, and what keeps a provider from being asked at all. Whoever is
    /// too slow to see all of it misses nothing that is counted.
    pub(crate) async fn watch(self, mut events: Events, plan: Plan<PhoneLookup>) {
        while let Some(watched) = events.next().await {
            match watched {
                Watched::Event(DriverEvent::Misconfigured { provider, reason }) => {
                    self.say(&format!("!!! {provider} IS ASKED NO MORE: {reason}"));
                }
                Watched::Event(DriverEvent::Lead {
                    lead,
                    what: LeadEvent::Waterfall(event @ Event::RetryIn { .. }),
                    ..
                }) => {
                    let row = row_of(&lead).unwrap_or_default();
                    self.latest.set_message(format!("row {row}: {}", event.describe(&plan)));
                }
                Watched::Event(_) | Watched::Missed(_) => {}
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_spinner())
}

fn verdicts(of: &AddressCounts) -> String {
    let mut counts = [("deliverable", 0), ("risky", 0), ("undeliverable", 0), ("unknown", 0)];
    for ((verdict, _), addresses) in of {
        for (name, count) in &mut counts {
            *count += if name == verdict { *addresses } else { 0 };
        }
    }
    counts.map(|(name, count)| format!("{count:>5} {name}")).join(" ")
}

fn counts(of: &ProviderTally) -> String {
    format!(
        "{:>5} hits {:>5} misses {:>5} skipped {:>4} retries {:>4} failures {:>4} rejected",
        of.count(AttemptResult::Hit),
        of.count(AttemptResult::Miss),
        of.skips(),
        of.retries(),
        of.failed() + of.count(AttemptResult::TimedOut),
        of.count(AttemptResult::Rejected),
    )
}

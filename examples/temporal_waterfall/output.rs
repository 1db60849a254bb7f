//! What is shown: a bar while leads are asked for, and a table behind it.

use std::fmt::Write;

use genesy_core::waterfall::{AttemptResult, PhoneLookup, Plan, Spent};
use genesy_examples::table;
use genesy_temporal::phone::PhoneResult;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{Outcomes, outcome_of};

const BAR: &str = "{bar:32.cyan/blue} {pos} of {len} leads  {msg}";

/// What came of the leads so far.
pub(crate) struct Counts {
    bar: ProgressBar,
    outcomes: Outcomes,
    /// Of each provider: asked, and found by.
    providers: Vec<(u64, u64)>,
    spent: Spent,
}

impl Counts {
    pub(crate) fn new(leads: usize) -> Self {
        let bar = ProgressBar::new(leads as u64);
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style);
        }
        Self { bar, outcomes: Outcomes::new(), providers: Vec::new(), spent: Spent::default() }
    }

    pub(crate) fn add(&mut self, result: &PhoneResult) {
        *self.outcomes.entry(outcome_of(result)).or_default() += 1;
        for attempt in &result.ledger {
            let place = usize::from(attempt.step);
            if self.providers.len() <= place {
                self.providers.resize(place + 1, (0, 0));
            }
            self.providers[place].0 += u64::from(attempt.attempt == 1);
            self.providers[place].1 += u64::from(attempt.result == AttemptResult::Hit);
        }
        let spent = result.spent();
        self.spent.charged_micros += spent.charged_micros;
        self.spent.maybe_charged_micros += spent.maybe_charged_micros;
        self.bar.inc(1);
        let found = self.outcomes.get("found").copied().unwrap_or_default();
        self.bar.set_message(format!("{found} found"));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    pub(crate) fn table(&self, plan: &Plan<PhoneLookup>) -> String {
        let mut outcomes = table(&["Leads", "Count"]);
        for (outcome, count) in &self.outcomes {
            outcomes.add_row([(*outcome).to_owned(), count.to_string()]);
        }
        let mut providers = table(&["Provider", "Asked", "Hits"]);
        for (step, (asked, hits)) in plan.steps().iter().zip(&self.providers) {
            providers.add_row([
                step.provider.as_str().to_owned(),
                asked.to_string(),
                hits.to_string(),
            ]);
        }
        let mut text = format!("{outcomes}\n\n{providers}\n");
        let units = |micros: u64| micros as f64 / 1e6;
        // A String takes all that is written to it.
        let _ = writeln!(
            text,
            "Cost      {:.2}, and {:.2} that may be charged as well",
            units(self.spent.charged_micros),
            units(self.spent.maybe_charged_micros),
        );
        text
    }
}

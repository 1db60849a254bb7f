//! The texts that a person reads.

use std::fmt::Write;
use std::time::Duration;

use genesy_core::csv::normalize::Summary;
use genesy_core::waterfall::{AttemptResult, Estimate, Forecast};
use genesy_examples::{shortened, table};

use crate::forecast::Known;
use crate::input::{Record, Survey};
use crate::output::{AddressCounts, Found};
use crate::providers::Setup;
use crate::tally::{Ending, Tally};

/// Millionths in one unit of the currency.
const MICROS: f64 = 1_000_000.0;

/// What became of the rows.
pub(crate) fn input(name: &str, survey: &Survey, has_rejected: bool) -> String {
    let Summary { rows, rejected, duplicates, outside_table, blank, .. } = survey.summary;
    let mut text = format!("File      {name}, {}\n", survey.encoding);
    let _ = writeln!(
        text,
        "Rows      {rows}: {} leads, {rejected} rejected, {duplicates} duplicates, {outside_table} \
         outside the table; blank lines: {blank}",
        survey.summary.leads()
    );
    if rejected + outside_table > 0 && !has_rejected {
        text.push_str(
            "          for the rejected rows and what to do about them: --rejected FILE\n",
        );
    }
    text
}

/// What the run will give.
pub(crate) fn forecast(of: &Forecast, known: &Known, setup: &Setup) -> String {
    let mut text = String::from(
        "Forecast, before anything is sent (intervals of 90 %, providers taken as independent)\n",
    );
    let header = ["Provider", "Rates", "Suits", "Asked", "Finds", "Hit rate", "Fails", "Cost"];
    let mut steps = table(&[&header[..], &["Lost without it"]].concat());
    for step in &of.steps {
        steps.add_row([
            step.provider.to_string(),
            known.source(&step.provider),
            step.leads_eligible.to_string(),
            format!("{:.0}", step.leads_asked),
            format!("{:.0}", step.found),
            percent(&step.hit_rate),
            percent(&step.failure_rate),
            whole(step.cost_micros),
            format!("{:.0} finds", step.found_lost_without),
        ]);
    }
    let _ = writeln!(text, "{steps}");
    let (found, coverage) = (leads(&of.found), percent(&of.coverage));
    let _ = writeln!(text, "Phones    {found} of {} leads, {coverage}", of.leads);
    if of.steps.iter().all(|step| step.cost_micros == 0.0) {
        text.push_str("Cost      not known: the providers' definitions say no price\n");
    } else {
        let _ = writeln!(text, "Cost      {}", price(&of.cost_micros));
    }
    let seconds = |ms: u64| format!("{:.1} s", ms as f64 / 1000.0);
    let _ = writeln!(
        text,
        "A lead    half are done in {}, 95 % in {}, the slowest in {}",
        seconds(of.p50_ms),
        seconds(of.p95_ms),
        seconds(of.worst_case_ms)
    );
    let own = setup.plan.steps().iter().map(|step| &step.provider);
    if !own.eq(&of.suggested_order) {
        let order: Vec<_> = of.suggested_order.iter().map(ToString::to_string).collect();
        let cost = whole(of.suggested_cost_micros);
        let _ = writeln!(text, "Cheaper   {}: {cost} for as many finds", order.join(", "));
    }
    if of.budget_may_bind {
        text.push_str("Budget    the plan's budget may end some runs before that\n");
    }
    if !setup.is_live() {
        let scale = setup.time_scale;
        let _ = writeln!(
            text,
            "Simulated nothing leaves this machine; times are {scale} of the real ones"
        );
    }
    text
}

/// What leaves the machine, and for where.
pub(crate) fn live_notice(of: &Forecast, setup: &Setup, helo: Option<&str>) -> String {
    let mut text = String::from("--live: lead data leaves this machine.\n");
    for ((definition, host), step) in setup.hosts().zip(&of.steps) {
        let uses = definition.description.uses;
        let (leads, name) = (step.leads_eligible, &step.provider);
        let _ = writeln!(text, "  {uses} of up to {leads} leads go to {name} ({host})");
    }
    match helo {
        Some(helo) => {
            let _ = writeln!(
                text,
                "  each e-mail address is asked for at its domain's mail servers, by {helo}"
            );
        }
        None => {
            text.push_str(
                "  e-mail addresses are not verified: --helo NAME, --mail-from ADDRESS\n",
            );
        }
    }
    text
}

/// The first leads.
pub(crate) fn first(leads: &[(Record, Found)], of: u64) -> String {
    let mut text = format!("The first {} of {of} leads (all of them: --out FILE)\n", leads.len());
    let mut rows = table(&["Row", "Lead", "Phone", "Status", "Provider", "Quality", "Attempts"]);
    for (record, found) in leads {
        rows.add_row([
            record.row.to_string(),
            shortened(&name(record)),
            found.phone.clone(),
            found.ending.text().to_owned(),
            found.provider.clone(),
            found.quality.to_owned(),
            found.attempts.to_string(),
        ]);
    }
    let _ = writeln!(text, "{rows}");
    text
}

fn name(record: &Record) -> String {
    use genesy_core::waterfall::LeadField::{CompanyName, Email, FirstName, FullName, LastName};
    let names = [FullName, LastName, FirstName, Email, CompanyName];
    let name = names.into_iter().find_map(|field| record.inputs.get(field));
    name.unwrap_or_default().to_owned()
}

/// What was found out about the addresses.
pub(crate) fn addresses(of: &AddressCounts) -> String {
    let mut rows = table(&["E-mail", "Reason", "Count"]);
    for ((verdict, reason), count) in of {
        rows.add_row([(*verdict).to_owned(), (*reason).to_owned(), count.to_string()]);
    }
    format!("E-mail addresses, verified before a provider is given one\n{rows}\n")
}

/// What came of all leads. The line that begins with `Time` has what was measured.
pub(crate) fn result(tally: &Tally, forecast: &Forecast, setup: &Setup, took: Duration) -> String {
    let mut text = String::from("Result\n");
    let mut endings = table(&["Leads", "Count", "Share"]);
    for ending in Ending::ALL {
        let count = tally.count(ending);
        let share = count as f64 / tally.leads.max(1) as f64;
        endings.add_row([
            ending.text().to_owned(),
            count.to_string(),
            format!("{:.0} %", share * 100.0),
        ]);
    }
    let _ = writeln!(text, "{endings}\n\n{}", providers(tally));
    for provider in tally.providers.iter().filter(|of| of.skips() > 0) {
        let reasons: Vec<_> =
            provider.skipped.iter().map(|(why, leads)| format!("{why} ({leads})")).collect();
        let _ = writeln!(text, "{} was not asked: {}", provider.id, reasons.join("; "));
    }
    for provider in &tally.providers {
        let refused = provider.count(AttemptResult::Misconfigured);
        if refused > 0 {
            let id = &provider.id;
            let _ = writeln!(text, "!!! {id} is misconfigured: {refused} leads went without it");
        }
    }
    let found = tally.count(Ending::Found);
    let mut compared = table(&["", "Forecast", "Came out"]);
    compared.add_row(["phones found".to_owned(), leads(&forecast.found), found.to_string()]);
    let charged = tally.spent.charged_micros as f64;
    let costs_something = setup.plan.steps().iter().any(|step| step.cost.micros > 0);
    if costs_something {
        compared.add_row(["cost".to_owned(), price(&forecast.cost_micros), money(charged)]);
        let each = |cost: f64, found: f64| {
            if found > 0.0 { money(cost / found) } else { "-".to_owned() }
        };
        compared.add_row([
            "cost a phone".to_owned(),
            each(forecast.cost_micros.expected, forecast.found.expected),
            each(charged, found as f64),
        ]);
        let maybe = money(tally.spent.maybe_charged_micros as f64);
        compared.add_row(["may be charged as well".to_owned(), String::new(), maybe]);
    }
    let _ = writeln!(text, "\n{compared}");
    let scale = if setup.time_scale > 0.0 { setup.time_scale } else { 1.0 };
    let time = |q: f64| tally.lead_times.quantile_us(q).unwrap_or_default() as f64 / MICROS / scale;
    let real = if scale < 1.0 { " of the providers' time" } else { "" };
    let _ = writeln!(
        text,
        "Time      {:.1} s in all; half of the leads in {:.1} s, 95 % in {:.1} s{real}",
        took.as_secs_f64(),
        time(0.5),
        time(0.95)
    );
    text
}

fn providers(tally: &Tally) -> comfy_table::Table {
    let header =
        ["Provider", "Asked", "Hits", "Misses", "Rejected", "Failed", "Too late", "Retries"];
    let mut table = table(&[&header[..], &["Skipped", "Cost", "Maybe"]].concat());
    for of in &tally.providers {
        let count = |result| of.count(result).to_string();
        table.add_row([
            of.id.to_string(),
            of.asked.to_string(),
            count(AttemptResult::Hit),
            count(AttemptResult::Miss),
            count(AttemptResult::Rejected),
            of.failed().to_string(),
            count(AttemptResult::TimedOut),
            of.retries().to_string(),
            of.skips().to_string(),
            money(of.spent.charged_micros as f64),
            money(of.spent.maybe_charged_micros as f64),
        ]);
    }
    table
}

/// Millionths as a decimal number of at least two places.
pub(crate) fn money(micros: f64) -> String {
    let text = format!("{:.4}", micros / MICROS);
    text.strip_suffix("00").map_or_else(|| text.trim_end_matches('0').to_owned(), str::to_owned)
}

/// The same with two places, for what is not known to more.
fn whole(micros: f64) -> String {
    format!("{:.2}", micros / MICROS)
}

fn price(of: &Estimate) -> String {
    format!("{} ({} to {})", whole(of.expected), whole(of.low), whole(of.high))
}

fn leads(of: &Estimate) -> String {
    format!("{:.0} ({:.0} to {:.0})", of.expected, of.low, of.high)
}

fn percent(of: &Estimate) -> String {
    let [expected, low, high] = [of.expected, of.low, of.high].map(|share| share * 100.0);
    format!("{expected:.0} % ({low:.0} to {high:.0})")
}

#[cfg(test)]
mod tests {
    #[test]
    fn money_has_two_places_or_more() {
        for (micros, text) in
            [(0.0, "0.00"), (50_000.0, "0.05"), (1_234_500.0, "1.2345"), (12_300_000.0, "12.30")]
        {
            assert_eq!(super::money(micros), text);
        }
        assert_eq!(super::money(123_000.0), "0.123");
    }
}

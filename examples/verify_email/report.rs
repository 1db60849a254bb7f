//! The texts that a person reads.

use std::collections::BTreeMap;
use std::fmt::Write;

use genesy_core::verification::{CatchAll, Conclusion, Evidence, Report, Unknown, Verdict};
use genesy_examples::{shortened, table};
use genesy_providers::mail::PortState;

use crate::input::{Input, Target};
use crate::options::Arguments;
use crate::run::Done;

const VERDICTS: [Verdict; 4] =
    [Verdict::Deliverable, Verdict::Risky, Verdict::Undeliverable, Verdict::Unknown];

/// What is asked of whom, before it is.
pub(crate) fn notice(arguments: &Arguments, input: &Input, identity: &str) -> String {
    let mut text = input.notes.clone();
    let addresses = counted(input.targets.len(), "address", "addresses");
    if !arguments.live {
        let _ = writeln!(
            text,
            "Laboratory  {addresses} of servers that are simulated in this program: nothing leaves \
             this machine\n            to ask real ones: ADDRESS... --live --helo NAME --from ADDRESS"
        );
        return text;
    }
    let domains = counted(input.domains(), "domain", "domains");
    let leave = if input.targets.len() == 1 { "leaves" } else { "leave" };
    let _ = writeln!(
        text,
        "--live: {addresses} {leave} this machine.\n  \
         The DNS is asked for the mail hosts of {domains}.\n  \
         Those hosts are asked, by SMTP on port 25, for each address and for one that cannot be.\n  \
         They are told that {identity} asks. No mail is sent."
    );
    text
}

/// What came of each address.
pub(crate) fn result(targets: &[Target], done: &Done, is_redacted: bool) -> String {
    let mut rows = table(&[
        "Address",
        "About",
        "Verdict",
        "Reason",
        "Stage",
        "Catch-all",
        "Marks",
        "Host",
        "Time",
    ]);
    let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<(Verdict, &str), (usize, &str)> = BTreeMap::new();
    for (place, (target, ended)) in targets.iter().zip(&done.ended).enumerate() {
        let Some(ended) = ended else { continue };
        let Report { conclusion, evidence, .. } = &ended.report;
        let verdict = conclusion.verdict();
        *verdicts.entry(verdict).or_default() += 1;
        let reason = (verdict, conclusion.reason());
        reasons.entry(reason).or_insert((0, conclusion.advice())).0 += 1;
        rows.add_row([
            if is_redacted { format!("#{}", place + 1) } else { shortened(&target.address) },
            target.about.clone(),
            verdict.name().to_owned(),
            reason_of(conclusion),
            conclusion.stage().map_or("", |stage| stage.name()).to_owned(),
            catch_all(evidence.catch_all).to_owned(),
            marks(evidence),
            if is_redacted { String::new() } else { host(evidence) },
            format!("{:.1} s", took_us(evidence) as f64 / 1e6),
        ]);
    }
    let mut text = format!("Result\n{rows}\n\n");
    let mut advice = table(&["Verdict", "Reason", "Count", "What to do"]);
    for ((verdict, reason), (count, what)) in &reasons {
        let count = count.to_string();
        advice.add_row([verdict.name(), *reason, count.as_str(), *what]);
    }
    let _ = writeln!(text, "{advice}\n");
    let counts = VERDICTS.map(|verdict| {
        format!("{} {}", verdicts.get(&verdict).copied().unwrap_or_default(), verdict.name())
    });
    let all = counted(verdicts.values().sum(), "address", "addresses");
    let _ = writeln!(text, "{all}: {}", counts.join(", "));
    text
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What is to be said of the network, if it lets nobody through.
pub(crate) fn port(state: PortState) -> Option<String> {
    let PortState::Closed { hosts_tried } = state else { return None };
    Some(format!(
        "!!! none of {hosts_tried} mail hosts could be connected to: the network here seems to let nobody \
         through to port 25\n"
    ))
}

fn reason_of(conclusion: &Conclusion) -> String {
    match conclusion {
        Conclusion::Unknown { reason: Unknown::Greylisted { retry_at }, .. } => {
            format!("{} until {}", conclusion.reason(), retry_at.rfc_3339())
        }
        Conclusion::Deliverable
        | Conclusion::Undeliverable(_)
        | Conclusion::Risky(_)
        | Conclusion::Unknown { .. } => conclusion.reason().to_owned(),
    }
}

const fn catch_all(catch_all: CatchAll) -> &'static str {
    match catch_all {
        CatchAll::Yes => "yes",
        CatchAll::No => "no",
        CatchAll::Unknown => "",
    }
}

fn marks(evidence: &Evidence) -> String {
    let marks = [
        (evidence.is_disposable, "disposable"),
        (evidence.is_role, "role"),
        (evidence.is_free_mail, "free mail"),
    ];
    let there: Vec<_> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
    there.join(", ")
}

/// The mail host that was talked to last.
fn host(evidence: &Evidence) -> String {
    let Some(last) = evidence.connections.last() else { return String::new() };
    let name = last.host.and_then(|place| evidence.hosts.get(usize::from(place)));
    name.map_or_else(|| format!("[{}]", last.address), |name| shortened(name))
}

/// How long it took, in microseconds.
pub(crate) fn took_us(evidence: &Evidence) -> u64 {
    evidence.stages_us.iter().map(|(_, us)| us).sum()
}

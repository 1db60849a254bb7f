//! What is known of domains, and when it is no longer believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use genesy_core::verification::{DomainKnowledge, Report, Stage, Verdict};
use tokio::time::Instant;

use super::cache::Cache;

/// Domains of which something is remembered.
const DOMAINS_MAX: usize = 65_536;
/// Recipients that a domain refuses in a row before what is known of it is doubted: some servers turn to
/// refusing everyone whoever asks for many, in the words for those who are not there.
const REFUSALS_MAX: u32 = 20;

/// What is known of domains.
#[derive(Debug)]
pub(super) struct Domains {
    known: Cache<Known>,
    lifetime: Duration,
}

#[derive(Debug, Clone)]
struct Known {
    knowledge: DomainKnowledge,
    /// Recipients that were refused since one was accepted, by those who knew this.
    refusals: Arc<AtomicU32>,
}

impl Known {
    fn is_doubted(&self) -> bool {
        self.refusals.load(Ordering::Relaxed) >= REFUSALS_MAX
    }

    fn count(&self, verdict: Verdict) {
        match verdict {
            Verdict::Undeliverable => _ = self.refusals.fetch_add(1, Ordering::Relaxed),
            Verdict::Deliverable | Verdict::Risky => self.refusals.store(0, Ordering::Relaxed),
            Verdict::Unknown => {}
        }
    }
}

impl Domains {
    /// Knows nothing yet, and anything for so long.
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { known: Cache::new(DOMAINS_MAX), lifetime }
    }

    /// What is known of a domain; nothing if it is doubted, so that its servers are asked again.
    pub(super) fn get(&self, domain: &str) -> Option<DomainKnowledge> {
        let known = self.known.get(domain, Instant::now())?;
        (!known.is_doubted()).then_some(known.knowledge)
    }

    /// Whether what is known of a domain is doubted. One then asks anew, and others better wait for that.
    pub(super) fn doubts(&self, domain: &str) -> bool {
        self.known.get(domain, Instant::now()).is_some_and(|known| known.is_doubted())
    }

    /// Takes what a verification learned of its domain, or how it fared with what it knew.
    pub(super) fn learn(&self, domain: &str, report: &Report) {
        let knowledge = report.domain;
        if knowledge == DomainKnowledge::default() {
            return;
        }
        let now = Instant::now();
        let has_asked = report.evidence.stages_us.iter().any(|(of, _)| *of == Stage::CatchAll);
        match self.known.get(domain, now) {
            // It gets no older by being made use of, and no younger.
            Some(known) if !has_asked => {
                // Else it began with what is known no more.
                if known.knowledge == knowledge {
                    known.count(report.conclusion.verdict());
                }
            }
            Some(known) if known.knowledge == knowledge && !known.is_doubted() => {}
            _ => {
                let known = Known { knowledge, refusals: Arc::default() };
                self.known.put(domain, known, now + self.lifetime);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::verification::{CatchAll, Conclusion, Evidence, Undeliverable};

    use super::*;

    const DOMAIN: &str = "engines.example";
    const DISTINGUISHES: DomainKnowledge =
        DomainKnowledge { catch_all: CatchAll::No, refusal: None, distinguishes: Some(true) };
    const REFUSES_ANYONE: DomainKnowledge =
        DomainKnowledge { catch_all: CatchAll::No, refusal: Some(7), distinguishes: Some(false) };
    const REFUSED: Conclusion = Conclusion::Undeliverable(Undeliverable::NoSuchMailbox);

    /// The report of one that knew this from the beginning.
    fn knew(conclusion: Conclusion, domain: DomainKnowledge) -> Report {
        Report { conclusion, evidence: Evidence::default(), domain }
    }

    /// The report of one that asked for it.
    fn asked(conclusion: Conclusion, domain: DomainKnowledge) -> Report {
        let mut report = knew(conclusion, domain);
        report.evidence.stages_us.push((Stage::CatchAll, 0));
        report
    }

    fn refuse(domains: &Domains, times: u32) {
        (0..times).for_each(|_| domains.learn(DOMAIN, &knew(REFUSED, DISTINGUISHES)));
    }

    fn knowing() -> Domains {
        let domains = Domains::new(Duration::from_secs(60));
        domains.learn(DOMAIN, &asked(Conclusion::Deliverable, DISTINGUISHES));
        domains
    }

    #[test]
    fn what_is_known_is_doubted_after_many_refusals_in_a_row() {
        let domains = knowing();
        refuse(&domains, REFUSALS_MAX - 1);
        domains.learn(DOMAIN, &knew(Conclusion::Deliverable, DISTINGUISHES));
        refuse(&domains, REFUSALS_MAX - 1);
        assert_eq!(domains.get(DOMAIN), Some(DISTINGUISHES));
        refuse(&domains, 1);
        assert_eq!(domains.get(DOMAIN), None);
    }

    #[test]
    fn those_who_began_before_it_was_doubted_bring_nothing_back() {
        let domains = knowing();
        refuse(&domains, REFUSALS_MAX + 1);
        domains.learn(DOMAIN, &knew(Conclusion::Deliverable, REFUSES_ANYONE));
        assert_eq!(domains.get(DOMAIN), None);
        domains.learn(DOMAIN, &asked(REFUSED, REFUSES_ANYONE));
        refuse(&domains, 1);
        assert_eq!(domains.get(DOMAIN), Some(REFUSES_ANYONE));
    }

    #[test]
    fn what_turns_out_to_be_as_it_was_is_believed_again() {
        let domains = knowing();
        refuse(&domains, REFUSALS_MAX);
        domains.learn(DOMAIN, &asked(REFUSED, DISTINGUISHES));
        assert_eq!(domains.get(DOMAIN), Some(DISTINGUISHES));
    }
}

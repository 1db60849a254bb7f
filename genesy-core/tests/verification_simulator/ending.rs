//! What has to hold at the end.

use genesy_core::verification::{Conclusion, Input, Output, Stage, Undeliverable, Verification};

use super::START;
use super::world::World;

/// Inputs that are tried at a verification that has ended.
const ODD_INPUTS: u32 = 3;

impl<W: FnMut(&mut Verification)> World<W> {
    pub(super) fn check_end(&mut self) {
        assert!(!self.holds_a_line(), "no connection is left with the driver");
        let report = self.verification.report().expect("it has ended");
        let progress = self.verification.progress();
        assert!(progress.stage.is_none() && progress.deadline.is_none());
        assert_eq!(progress.conclusion, Some(report.conclusion));
        self.check_times(&report.evidence.stages_us);
        match report.conclusion {
            Conclusion::Undeliverable(reason) => self.check_evidence(reason),
            Conclusion::Unknown { stage, .. } => {
                assert!(stage != Stage::Syntax, "it was an address");
            }
            Conclusion::Deliverable | Conclusion::Risky(_) => {}
        }
        // An end is an end.
        for _ in 0..ODD_INPUTS {
            self.odd_input();
            assert!(matches!(self.verification.poll_output(), Output::Done));
        }
        self.verification.handle(self.now, Input::Cancel);
        assert!(self.verification.report().is_some_and(|later| later == report));
    }

    fn check_times(&self, stages_us: &[(Stage, u64)]) {
        let limits = &self.policy.limits;
        let of = |stage| stages_us.iter().find(|(it, _)| *it == stage).map_or(0, |(_, us)| *us);
        let (queued_us, slept_us) = (of(Stage::Queue), of(Stage::Greylist));
        let all_us: u64 = stages_us.iter().map(|(_, us)| us).sum();
        let ended = self.ended.expect("it has ended");
        assert_eq!(all_us, ended.micros_since(START), "no time is lost or counted twice");
        let us = |ms: u32| u64::from(ms) * 1000;
        assert!(queued_us <= us(limits.queue_ms_max) + self.late_us);
        assert!(slept_us <= us(limits.greylist_ms_max) + self.late_us);
        assert!(
            all_us <= us(limits.total_ms) + queued_us + slept_us + self.late_us,
            "it is in time"
        );
    }

    fn check_evidence(&self, reason: Undeliverable) {
        let of_dns = self.seen.denied_domain || self.seen.denied_addresses;
        match reason {
            Undeliverable::NullMx => assert!(self.seen.denied_domain),
            Undeliverable::NoMailHost => assert!(of_dns),
            Undeliverable::NoSuchDomain => assert!(of_dns || self.seen.refused_recipient),
            _ => assert!(self.seen.refused_recipient, "only by what was said of the recipient"),
        }
    }
}

//! How far a run is.

use std::fmt;

use genesy_core::pii::Pii;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Progress, Report};
use genesy_core::waterfall::{
    Action, Attempt, CallId, FoundPhone, Outcome, PhoneLookup, Rejected, Skip, Waterfall,
};

/// How far the search of a phone is, as a whole.
#[derive(Debug, Clone)]
pub(crate) struct PhoneStanding {
    /// As of when.
    pub(crate) at: Timestamp,
    /// The attempts that ended, in order.
    pub(crate) attempts: Vec<Attempt>,
    /// The steps that were not taken, in order.
    pub(crate) skips: Vec<Skip>,
    /// What was found and is not good enough, in order.
    pub(crate) rejected: Vec<Rejected<FoundPhone>>,
    /// The call that is under way.
    pub(crate) asking: Option<CallId>,
    /// The attempt that is waited for.
    pub(crate) retry: Option<Retry>,
    /// Why attempts told nothing, as far as that was heard of. The texts hold no personal data.
    pub(crate) troubles: Vec<(CallId, String)>,
    /// How it ended, if it has.
    pub(crate) outcome: Option<Outcome<FoundPhone>>,
    /// What the engine wants to have back if it has to go on after a restart.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
}

/// An attempt that is made after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retry {
    /// Which one.
    pub(crate) call: CallId,
    /// When.
    pub(crate) at: Timestamp,
}

impl PhoneStanding {
    /// One that has just begun.
    pub(super) const fn begun(at: Timestamp) -> Self {
        Self {
            at,
            attempts: Vec::new(),
            skips: Vec::new(),
            rejected: Vec::new(),
            asking: None,
            retry: None,
            troubles: Vec::new(),
            outcome: None,
            journal: None,
        }
    }

    /// How far a run of the embedded driver is.
    pub(super) fn of(mut run: Waterfall<PhoneLookup>) -> Self {
        let at = run.now();
        let mut standing = Self {
            attempts: run.ledger().to_vec(),
            skips: run.skips().to_vec(),
            rejected: run.rejected().to_vec(),
            outcome: run.outcome().cloned(),
            ..Self::begun(at)
        };
        if let Some(call) = run.progress().call {
            // The run is a copy, so it may be polled to learn what it waits for.
            match run.poll(at) {
                Action::Wait { .. } => standing.asking = Some(call),
                Action::Sleep { until } => standing.retry = Some(Retry { call, at: until }),
                Action::Call(_) | Action::Done(_) => standing.retry = Some(Retry { call, at }),
            }
        }
        standing
    }
}

/// How far a verification is. Its hosts tell the domain of the address.
#[derive(Clone)]
pub(crate) struct EmailStanding {
    /// As of when.
    pub(crate) at: Timestamp,
    /// How far it is; nothing if that is not known.
    pub(crate) progress: Option<Progress<'static>>,
    /// It sleeps until then, and needs nothing meanwhile.
    pub(crate) asleep_until: Option<Timestamp>,
    /// What the engine wants to have back if it has to go on after a restart; nothing if it begins anew then.
    pub(crate) journal: Option<Pii<Vec<u8>>>,
    /// How it ended, if it has.
    pub(crate) end: Option<EmailEnd>,
}

/// How a verification ended.
#[derive(Clone)]
pub(crate) struct EmailEnd {
    /// What was found out.
    pub(crate) report: Report,
    /// Somebody ended it, and it has no answer.
    pub(crate) is_cancelled: bool,
}

impl fmt::Debug for EmailStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = self.progress.as_ref().and_then(|progress| progress.stage);
        f.debug_struct("EmailStanding")
            .field("stage", &stage)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EmailEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conclusion = &self.report.conclusion;
        f.debug_struct("EmailEnd").field("conclusion", conclusion).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use genesy_core::verification::{Identity, Policy, Verification};

    use super::*;

    #[test]
    fn what_is_shown_of_a_verification_names_no_host_and_no_address() {
        let policy = Policy::new(Identity::new("verifier.example", "").expect("names"));
        let at = Timestamp::default();
        let verification =
            Verification::new("ada@engines.example", Arc::new(policy.clone()), 1, at);
        let failed = Verification::new("ada@@engines.example", Arc::new(policy), 1, at);
        let end = failed.report().map(|report| EmailEnd { report, is_cancelled: false });
        assert!(end.is_some(), "it is no address, and that is known at once");
        let standing = EmailStanding {
            at,
            progress: Some(verification.progress().into_owned()),
            asleep_until: None,
            journal: serde_json::to_vec(verification.snapshot()).ok().map(Pii::new),
            end,
        };
        let shown = format!("{standing:?}");
        assert!(shown.contains("syntax") || shown.contains("Syntax"), "{shown}");
        assert!(!shown.contains("ada") && !shown.contains("engines"), "{shown}");
    }
}

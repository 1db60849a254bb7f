//! What an answer about the recipient is worth: that shows by controls, a recipient that cannot be and one
//! that must be.

use super::state::{Answer, Exchange, Phase, Quitting};
use super::{Verification, commands};
use crate::verification::classify::{Command, Meaning, Refusal, classify};
use crate::verification::evidence::CatchAll;
use crate::verification::reply::Reply;
use crate::verification::verdict::{Conclusion, Risk, Stage, Unknown};

/// The mailbox that every domain with mail has (RFC 5321 §4.5.1).
pub(super) const POSTMASTER: &str = "postmaster";

/// What a server does with a recipient that is asked for as a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    Accepted,
    /// Whatever the words are: the recipient is treated so, or anyone is, which their comparison shows.
    Refused,
    /// It says nothing of this recipient: it may happen to anyone at any time.
    Open,
}

impl Control {
    fn of(reply: &Reply<'_>) -> Self {
        if reply.is_positive() {
            return Self::Accepted;
        }
        if !reply.is_permanent() {
            return Self::Open;
        }
        // A status about addresses (RFC 3463 §3.2) says enough: its words need not be looked at.
        if reply.enhanced.is_some_and(|code| code.class == 5 && code.subject == 1) {
            return Self::Refused;
        }
        match classify(Command::Recipient, reply, None).meaning {
            Meaning::Accepted => Self::Accepted,
            Meaning::NoSuchMailbox
            | Meaning::NoSuchDomain
            | Meaning::MailboxDisabled
            | Meaning::MailboxFull
            | Meaning::Moved
            | Meaning::Unclear
            | Meaning::Refused(
                Refusal::Policy | Refusal::Reputation | Refusal::Authentication | Refusal::NoPtr,
            ) => Self::Refused,
            Meaning::TooManyRecipients
            | Meaning::Busy
            | Meaning::Greylisted { .. }
            | Meaning::NotUnderstood
            | Meaning::TlsRequired
            | Meaning::Smtputf8Unsupported
            | Meaning::Refused(Refusal::RateLimited) => Self::Open,
        }
    }
}

impl Verification {
    /// The server said something of the recipient. What it says of others shows what that is worth.
    pub(super) fn answered(&mut self, answer: Answer) {
        self.state.answer = Some(answer);
        let domain = self.state.domain;
        let wants_probe = match answer {
            Answer::Accepted => domain.catch_all == CatchAll::Unknown,
            Answer::Refused { .. } => domain.distinguishes.is_none() && domain.refusal.is_none(),
        };
        if !self.policy.probe_catch_all {
            self.settle(true);
        } else if wants_probe {
            self.go_on(Exchange::CatchAll);
        } else {
            self.compare_refusals();
        }
    }

    /// Takes what the server says of a control.
    pub(super) fn control_replied(&mut self, exchange: Exchange, reply: &Reply<'_>) {
        let control = Control::of(reply);
        if matches!(exchange, Exchange::Postmaster) {
            self.state.domain.distinguishes = match control {
                Control::Accepted => Some(true),
                Control::Refused => {
                    let fingerprint = reply.fingerprint(&self.address_of(POSTMASTER));
                    Some(self.state.domain.refusal != Some(fingerprint))
                }
                Control::Open => None,
            };
            return self.settle(true);
        }
        let is_accepted = matches!(self.state.answer, Some(Answer::Accepted));
        let domain = &mut self.state.domain;
        match control {
            Control::Accepted => domain.catch_all = CatchAll::Yes,
            Control::Refused => domain.catch_all = CatchAll::No,
            Control::Open => {}
        }
        match (is_accepted, control) {
            (true, Control::Refused) | (false, Control::Accepted) => {
                domain.distinguishes = Some(true);
            }
            (false, Control::Refused) => {
                self.state.domain.refusal = Some(reply.fingerprint(&self.probe()));
            }
            (true, Control::Accepted) | (_, Control::Open) => {}
        }
        self.compare_refusals();
    }

    /// A refusal in the words that a recipient that cannot be gets, too, may be that of anyone. The
    /// postmaster shows whether it is.
    fn compare_refusals(&mut self) {
        let domain = self.state.domain;
        match self.state.answer {
            Some(Answer::Refused { fingerprint, .. })
                if domain.refusal == Some(fingerprint) && domain.distinguishes.is_none() =>
            {
                self.go_on(Exchange::Postmaster);
            }
            _ => self.settle(true),
        }
    }

    /// Ends with what the server said of the recipient.
    pub(super) fn settle(&mut self, is_usable: bool) {
        let conclusion = self.conclusion_of_answer();
        if is_usable {
            self.part(Quitting::Done(conclusion));
        } else {
            self.conclude(conclusion);
        }
    }

    /// The same where the connection is gone.
    pub(super) fn settled(&mut self) {
        let conclusion = self.conclusion_of_answer();
        self.enter(Phase::Done(conclusion));
    }

    fn conclusion_of_answer(&self) -> Conclusion {
        let domain = &self.state.domain;
        match self.state.answer {
            Some(Answer::Accepted) if domain.catch_all == CatchAll::Yes => {
                Conclusion::Risky(Risk::CatchAll)
            }
            Some(Answer::Accepted) if self.policy.disposable_is_risky && self.is_disposable() => {
                Conclusion::Risky(Risk::Disposable)
            }
            Some(Answer::Accepted) if self.policy.role_is_risky && self.is_role() => {
                Conclusion::Risky(Risk::Role)
            }
            Some(Answer::Accepted) => Conclusion::Deliverable,
            Some(Answer::Refused { fingerprint, .. })
                if domain.refuses_anyone_like(Some(fingerprint)) =>
            {
                Conclusion::Unknown { stage: Stage::CatchAll, reason: Unknown::RefusesAnyone }
            }
            Some(Answer::Refused { reason, .. }) => Conclusion::Undeliverable(reason),
            None => Conclusion::Unknown { stage: Stage::Recipient, reason: Unknown::Unclear },
        }
    }

    /// The recipient that cannot be.
    pub(super) fn probe(&self) -> String {
        let local_part = commands::random_local_part(self.state.seed).map(char::from);
        self.address_of(&String::from_iter(local_part))
    }

    /// An address of the same domain.
    pub(super) fn address_of(&self, local_part: &str) -> String {
        [local_part, "@", self.state.domain_on_the_wire()].concat()
    }
}

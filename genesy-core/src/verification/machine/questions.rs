//! What can be asked of a verification.

use std::borrow::Cow;
use std::sync::Arc;

use super::state::{Address, Exchange, Phase, Quitting};
use super::{Snapshot, Verification};
use crate::address::is_free_mail;
use crate::address::lists::{is_disposable, is_role};
use crate::pii::Pii;
use crate::time::Timestamp;
use crate::verification::evidence::{Evidence, Report};
use crate::verification::messages::Ticket;
use crate::verification::policy::Policy;
use crate::verification::progress::Progress;
use crate::verification::verdict::{Conclusion, Stage};

impl Verification {
    /// When to come back if nothing happens until then; nothing if it has ended.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.deadline()
    }

    /// How it ended, if it has.
    pub const fn conclusion(&self) -> Option<&Conclusion> {
        match &self.state.phase {
            Phase::Done(conclusion) => Some(conclusion),
            Phase::Resolving { .. }
            | Phase::Connecting
            | Phase::Queued
            | Phase::Talking { .. }
            | Phase::Sleeping { .. } => None,
        }
    }

    /// How it ended and why, if it has.
    pub fn report(&self) -> Option<Report> {
        let conclusion = *self.conclusion()?;
        let email = self.state.address.as_ref().map(|address| address.email().as_address());
        let evidence = Evidence {
            normal_form: email.map(|email| Pii::new(email.normal_form())),
            stages_us: self.state.stages_us.reached(),
            hosts: self.state.hosts.iter().map(|host| host.host.clone()).collect(),
            connections: self.state.tried.clone(),
            reply: self.state.reply.clone(),
            catch_all: self.state.domain.catch_all,
            is_disposable: self.is_disposable(),
            is_role: self.is_role(),
            is_free_mail: is_free_mail(self.state.domain_on_the_wire()),
        };
        Some(Report { conclusion, evidence, domain: self.state.domain })
    }

    /// How far it is.
    pub fn progress(&self) -> Progress<'_> {
        let stage = match &self.state.phase {
            Phase::Done(_) => None,
            phase => Some(phase.stage()),
        };
        Progress {
            stage,
            host: self.state.host().map(Cow::Borrowed),
            address: match stage {
                None | Some(Stage::Dns) => None,
                Some(_) => self.state.addresses.get(usize::from(self.state.address_at)).copied(),
            },
            attempt: self.state.connections,
            attempts_max: self.policy.limits.connections_max,
            now: self.state.now,
            entered: self.state.entered,
            deadline: self.deadline(),
            started: self.state.started,
            total_deadline: self.total_deadline(),
            conclusion: self.conclusion().copied(),
        }
    }

    /// The domain of the address as it goes over the wire, in A-labels; nothing if the text is no address.
    pub fn domain(&self) -> Option<&str> {
        self.state.address.as_ref().map(Address::domain)
    }

    /// The ticket of the question or connection at hand.
    pub const fn ticket(&self) -> Ticket {
        self.state.ticket
    }

    /// How it is done.
    pub const fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// When it was begun.
    pub const fn started(&self) -> Timestamp {
        self.state.started
    }

    /// The latest time that it was told.
    pub const fn now(&self) -> Timestamp {
        self.state.now
    }

    /// The whole state, to be kept without a copy.
    pub fn into_snapshot(self) -> Snapshot {
        self.state
    }

    pub(super) fn is_disposable(&self) -> bool {
        is_disposable(self.state.domain_on_the_wire())
    }

    pub(super) fn is_role(&self) -> bool {
        let address = self.state.address.as_ref();
        address.is_some_and(|address| is_role(address.email().as_address().local_part()))
    }

    /// When all time is over. Sleeping and queueing move it.
    pub(super) fn total_deadline(&self) -> Timestamp {
        let limits = &self.policy.limits;
        self.state.started.plus_ms(limits.total_ms.into()).plus_us(self.state.paused_us)
    }

    /// When the phase ends by itself.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let limits = &self.policy.limits;
        let stage_ms = match &self.state.phase {
            Phase::Done(_) => return None,
            Phase::Sleeping { until } => return Some(*until),
            Phase::Queued => {
                let queued_us = self.state.stages_us.of(Stage::Queue);
                let left_us = (u64::from(limits.queue_ms_max) * 1000).saturating_sub(queued_us);
                return Some(self.state.entered.plus_us(left_us));
            }
            Phase::Resolving { .. } => limits.dns_ms,
            Phase::Connecting => limits.connect_ms,
            Phase::Talking { exchange, .. } => match exchange {
                Exchange::Greeting => limits.greeting_ms,
                Exchange::Ehlo | Exchange::Helo => limits.hello_ms,
                Exchange::StartTls | Exchange::Handshake => limits.start_tls_ms,
                Exchange::Reset | Exchange::Mail => limits.mail_ms,
                Exchange::Recipient => limits.recipient_ms,
                Exchange::CatchAll | Exchange::Postmaster => limits.catch_all_ms,
                // A sleep that begins late would be one of a verification that has run out of time.
                Exchange::Quit(Quitting::Done(_) | Quitting::Sleep { .. }) => limits.quit_ms,
            },
        };
        let stage_deadline = self.state.entered.plus_ms(stage_ms.into());
        Some(stage_deadline.min(self.total_deadline()))
    }
}

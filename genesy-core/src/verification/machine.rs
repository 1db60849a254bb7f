//! One verification.
//!
//! # Transitions
//!
//! | phase | what happens | next phase |
//! |---|---|---|
//! | mx | exchangers, none | addresses |
//! | mx | null MX, no such domain, failure, timeout | done |
//! | addresses | addresses | *connect* |
//! | addresses | none, no such host, failure, timeout | *next host* |
//! | connecting | queued | queued |
//! | queued | turn came | connecting |
//! | queued | timeout | done |
//! | connecting, queued | connected | greeting |
//! | connecting, queued | session before MAIL | mail |
//! | connecting, queued | session with MAIL | recipient |
//! | connecting, queued | session that is full | reset |
//! | connecting, queued | connect failed, disconnected | *next address* |
//! | connecting | timeout | *next address* |
//! | greeting | accepted | ehlo |
//! | ehlo | accepted with STARTTLS | start_tls; mail if TLS has begun, or failed before |
//! | ehlo | accepted | mail |
//! | ehlo | not understood, unclear | helo |
//! | helo | accepted | mail |
//! | start_tls | accepted | handshake |
//! | start_tls | any other reply | mail |
//! | handshake | TLS started | ehlo |
//! | handshake | TLS failed, disconnected, timeout | *connect*, without TLS |
//! | handshake | any reply, too long, malformed | *next address* |
//! | reset | accepted | mail |
//! | mail | accepted | recipient |
//! | mail, recipient | greylisted | *part*; sleeping if there is time for it |
//! | mail | busy, too many recipients | *next address* |
//! | mail | any other reply | *part* |
//! | recipient | accepted, no such mailbox | catch_all if that is not known; postmaster if it has to be; *part* |
//! | recipient | too many recipients | reset in a shared session, once; else *next address* |
//! | recipient | busy | *next address* |
//! | recipient | not understood | *connect* after a shared session; else *part* |
//! | recipient | any other reply | *part* |
//! | catch_all | any reply | postmaster if both are refused with the same words; else *part* |
//! | postmaster | any reply | *part* |
//! | catch_all, postmaster | timeout, disconnected, too long, malformed, interrupted | done |
//! | greeting, ehlo, helo, reset | any other reply | *next address* |
//! | greeting, ehlo, helo, start_tls, reset, mail, recipient | timeout, disconnected, too long, malformed | *next address* |
//! | quit | any reply, timeout, disconnected, too long, malformed, interrupted | done, sleeping |
//! | sleeping | timeout | connecting |
//! | mx | interrupted | mx |
//! | addresses | interrupted | addresses |
//! | connecting, queued, greeting, ehlo, helo, start_tls, handshake, reset, mail, recipient | interrupted | *connect* |
//! | any but queued, sleeping, quit, done | total timeout | done |
//! | any but done | cancel | done |
//!
//! *Connect* is connecting, or done if there were as many connections as may be. *Next host* is addresses
//! if there is one left, else done. *Next address* is *connect* if the host has one left, else *next host*.
//! A session that was shared is followed by *connect* to the same address instead; in one, a reply 421 is as
//! good as disconnected, since what others did may be its reason. *Part* is quit, or done: at once where the
//! driver takes the session ([`Verification::sharing`]), or where replies are left.
//!
//! Whatever is not in the table changes nothing, as what is said with an old ticket.

mod commands;
mod compact;
mod connection;
mod controls;
mod dialogue;
mod hosts;
mod questions;
mod reach;
mod stage_times;
mod state;

use std::sync::Arc;

use self::state::{Address, Ask, Exchange, Leave, Link, Phase, Quitting};
pub use self::state::{SNAPSHOT_VERSION, Snapshot};
use super::evidence::{DomainKnowledge, Failure};
use super::messages::{ConnectFailure, Input, Output, Question, Ticket};
use super::policy::Policy;
use super::verdict::{Conclusion, Stage, Undeliverable, Unknown};
use crate::address::EmailAddress;
use crate::time::Timestamp;

/// One verification of one address. See the [module](super) for how to drive it.
#[derive(Debug, Clone)]
pub struct Verification {
    policy: Arc<Policy>,
    state: Snapshot,
    /// What is sent next; kept for its memory.
    wire: Vec<u8>,
}

impl Verification {
    /// A verification of `address`, which begins `now`. Of the `seed` come the recipient that cannot be,
    /// and the order of hosts of the same preference.
    ///
    /// A text that is no address gives a verification that has ended.
    pub fn new(address: &str, policy: Arc<Policy>, seed: u64, now: Timestamp) -> Self {
        let (address, phase) = match EmailAddress::parse(address) {
            Ok(address) => (Some(Address::new(address)), Phase::Resolving { mx: true }),
            Err(error) => {
                let reason = Undeliverable::SyntaxInvalid(error);
                (None, Phase::Done(Conclusion::Undeliverable(reason)))
            }
        };
        let mut verification =
            Self { policy, state: Snapshot::new(address, phase, seed, now), wire: Vec::new() };
        verification.start();
        verification
    }

    /// The same with what is known of the domain, so that the servers are not asked for it again.
    #[must_use]
    pub const fn knowing(mut self, domain: DomainKnowledge) -> Self {
        self.state.domain = domain;
        self
    }

    /// The same, which gives its session to the driver ([`Output::Release`]) where it could say QUIT.
    #[must_use]
    pub const fn sharing(mut self) -> Self {
        self.state.is_sharing = true;
        self
    }

    /// Goes on with a verification that was stored. Say [`Input::Interrupted`] then, unless what was
    /// under way still is.
    ///
    /// # Errors
    ///
    /// When the snapshot is of a version that this crate does not read.
    pub fn resume(policy: Arc<Policy>, snapshot: Snapshot) -> Result<Self, ResumeError> {
        snapshot.check()?;
        Ok(Self { policy, state: snapshot, wire: Vec::new() })
    }

    /// What is to be kept to [resume](Self::resume).
    pub const fn snapshot(&self) -> &Snapshot {
        &self.state
    }

    /// What the driver is to do next: ask until it says [`Output::Wait`], [`Output::Sleep`] or
    /// [`Output::Done`].
    pub fn poll_output(&mut self) -> Output<'_> {
        if let Some(leave) = self.state.leave.take() {
            return match leave {
                Leave::Close(ticket) => Output::Close { ticket },
                Leave::Release(ticket, session) => Output::Release { ticket, session },
            };
        }
        let Some(ask) = self.state.ask.take() else { return self.rest() };
        let ticket = self.state.ticket;
        match ask {
            Ask::Mx => {
                Output::Resolve { ticket, question: Question::Mx(self.state.domain_on_the_wire()) }
            }
            Ask::Addresses => Output::Resolve {
                ticket,
                question: Question::Addresses(self.state.host().unwrap_or_default()),
            },
            Ask::Connect => match self.state.addresses.get(usize::from(self.state.address_at)) {
                Some(address) => {
                    Output::Connect { ticket, host: self.state.host(), address: *address }
                }
                None => self.rest(),
            },
            Ask::StartTls => Output::StartTls { ticket, host: self.state.host() },
            Ask::Send => {
                let replies = self.write_commands();
                Output::Send { ticket, bytes: &self.wire, replies }
            }
        }
    }

    /// What is to be done where nothing is.
    fn rest(&self) -> Output<'_> {
        match &self.state.phase {
            Phase::Done(_) => Output::Done,
            Phase::Sleeping { until } => Output::Sleep { until: *until },
            Phase::Resolving { .. } | Phase::Connecting | Phase::Queued | Phase::Talking { .. } => {
                Output::Wait { until: self.deadline().unwrap_or(self.state.now) }
            }
        }
    }

    /// Takes what happened. [`Self::poll_output`] says what follows from it.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_, '_>) {
        self.state.now = self.state.now.max(now);
        self.turn(input);
    }
}

/// The transitions.
impl Verification {
    /// The one door: all that changes the state goes through here.
    fn turn(&mut self, input: Input<'_, '_>) {
        if matches!(input, Input::Interrupted) && !self.is_all_time_over() {
            // Nobody waited while it was stored: what was under way has its time once more.
            self.interrupted();
        }
        // What comes behind a deadline comes too late. Each turn leaves a phase, and later ones have time
        // or are done, so that this ends.
        while self.deadline().is_some_and(|deadline| deadline <= self.state.now) {
            self.expire();
        }
        match (&self.state.phase, input) {
            (Phase::Done(_), _) | (_, Input::Time | Input::Interrupted) => {}
            (_, Input::Cancel) => self.cancel(),
            (Phase::Resolving { mx: true }, Input::Mx { ticket, answer })
                if self.is_asked(ticket) =>
            {
                self.mx_resolved(answer);
            }
            (Phase::Resolving { mx: false }, Input::Addresses { ticket, answer })
                if self.is_asked(ticket) =>
            {
                self.addresses_resolved(answer);
            }
            (Phase::Connecting, Input::Queued { ticket }) if self.is_asked(ticket) => {
                self.enter(Phase::Queued);
            }
            (Phase::Queued, Input::TurnCame { ticket }) if self.is_asked(ticket) => {
                self.enter(Phase::Connecting);
            }
            (Phase::Connecting | Phase::Queued, Input::Connected { ticket, session })
                if self.is_asked(ticket) =>
            {
                self.connected(session);
            }
            (Phase::Connecting | Phase::Queued, Input::ConnectFailed { ticket, failure })
                if self.is_asked(ticket) =>
            {
                self.connect_failed(failure);
            }
            (Phase::Connecting | Phase::Queued, Input::Disconnected { ticket })
                if self.is_asked(ticket) =>
            {
                self.connect_failed(ConnectFailure::Reset);
            }
            (Phase::Talking { .. }, Input::Received { ticket, bytes })
                if ticket == self.state.ticket =>
            {
                self.received(bytes);
            }
            (
                Phase::Talking { exchange: Exchange::Handshake, .. },
                Input::TlsStarted { ticket },
            ) if self.is_asked(ticket) => self.tls_started(),
            (Phase::Talking { exchange: Exchange::Handshake, .. }, Input::TlsFailed { ticket })
                if self.is_asked(ticket) =>
            {
                self.tls_failed();
            }
            (
                Phase::Talking { exchange: Exchange::Handshake, .. },
                Input::Disconnected { ticket },
            ) if ticket == self.state.ticket => {
                self.tls_failed();
            }
            (Phase::Talking { .. }, Input::Disconnected { ticket })
                if ticket == self.state.ticket =>
            {
                self.disconnected();
            }
            // With an old ticket, or at a time when it means nothing.
            (
                Phase::Resolving { .. }
                | Phase::Connecting
                | Phase::Queued
                | Phase::Talking { .. }
                | Phase::Sleeping { .. },
                Input::Mx { .. }
                | Input::Addresses { .. }
                | Input::Queued { .. }
                | Input::TurnCame { .. }
                | Input::Connected { .. }
                | Input::ConnectFailed { .. }
                | Input::Received { .. }
                | Input::TlsStarted { .. }
                | Input::TlsFailed { .. }
                | Input::Disconnected { .. },
            ) => {}
        }
    }

    /// Whether this is the ticket of the question that the driver was given last.
    fn is_asked(&self, ticket: Ticket) -> bool {
        ticket == self.state.ticket && self.state.ask.is_none()
    }

    /// The first phase of a new verification.
    fn start(&mut self) {
        let Some(address) = &self.state.address else { return };
        if let Some(ip) = hosts::of_literal(address.domain()) {
            self.state.addresses = vec![ip];
            self.state.phase = Phase::Connecting;
            self.connect();
        } else {
            self.ask(Ask::Mx, Phase::Resolving { mx: true });
        }
    }

    /// Whether not even a new attempt has time. What sleeps, queues or parts is not counted.
    fn is_all_time_over(&self) -> bool {
        match &self.state.phase {
            Phase::Done(_) | Phase::Sleeping { .. } | Phase::Queued => false,
            Phase::Talking { exchange: Exchange::Quit(_), .. } => false,
            Phase::Resolving { .. } | Phase::Connecting | Phase::Talking { .. } => {
                self.total_deadline() <= self.state.now
            }
        }
    }

    /// The time of the phase, or of everything, is over.
    fn expire(&mut self) {
        if self.has_done_without() {
            return;
        }
        let stage = self.state.phase.stage();
        match &self.state.phase {
            Phase::Done(_) => {}
            Phase::Sleeping { .. } => self.connect(),
            Phase::Queued => self.conclude_unknown(stage, Unknown::QueueTimeout),
            Phase::Resolving { .. } | Phase::Connecting | Phase::Talking { .. }
                if self.total_deadline() <= self.state.now =>
            {
                self.conclude_unknown(stage, Unknown::DeadlineExceeded);
            }
            Phase::Resolving { mx: true } => self.conclude_unknown(stage, Unknown::StageTimeout),
            Phase::Resolving { mx: false } => {
                self.note(Failure { stage, reason: Unknown::StageTimeout });
                self.next_host();
            }
            Phase::Talking { exchange: Exchange::Handshake, .. } => {
                self.leave(false);
                self.tls_failed();
            }
            Phase::Connecting | Phase::Talking { .. } => {
                self.fail(Failure { stage, reason: Unknown::StageTimeout });
            }
        }
    }

    fn cancel(&mut self) {
        match &self.state.phase {
            Phase::Talking { exchange: Exchange::Quit(Quitting::Done(conclusion)), .. } => {
                let conclusion = *conclusion;
                self.leave(false);
                self.enter(Phase::Done(conclusion));
            }
            Phase::Talking { exchange: Exchange::CatchAll | Exchange::Postmaster, .. } => {
                self.settle(false);
            }
            phase => {
                let stage = phase.stage();
                self.conclude_unknown(stage, Unknown::Cancelled);
            }
        }
    }

    /// What was under way is gone: it is begun again, within the limits that hold anyway.
    fn interrupted(&mut self) {
        match &self.state.phase {
            Phase::Resolving { mx: true } => self.ask(Ask::Mx, Phase::Resolving { mx: true }),
            Phase::Resolving { mx: false } => {
                self.ask(Ask::Addresses, Phase::Resolving { mx: false });
            }
            phase @ (Phase::Connecting | Phase::Queued) => {
                let failure = Failure { stage: phase.stage(), reason: Unknown::Disconnected };
                self.lose(failure);
                self.connect();
            }
            Phase::Talking { exchange: Exchange::Quit(then), .. } => {
                let then = *then;
                self.after_quit(then);
            }
            Phase::Talking { exchange: Exchange::CatchAll | Exchange::Postmaster, .. } => {
                self.settled();
            }
            phase @ Phase::Talking { .. } => {
                let failure = Failure { stage: phase.stage(), reason: Unknown::Disconnected };
                self.lose(failure);
                self.connect();
            }
            Phase::Sleeping { .. } | Phase::Done(_) => {}
        }
        // Connections that were to be closed are closed.
        self.state.leave = None;
    }

    /// Ends the use of the connection: the driver is to close it, or to keep it for others.
    fn leave(&mut self, is_usable: bool) {
        let ticket = self.state.ticket;
        let is_unasked_connect = self.state.ask == Some(Ask::Connect);
        self.state.leave = match &self.state.phase {
            Phase::Connecting | Phase::Queued if is_unasked_connect => self.state.leave.take(),
            Phase::Connecting | Phase::Queued => Some(Leave::Close(ticket)),
            Phase::Talking { link, .. } if is_usable => {
                Some(Leave::Release(ticket, link.session()))
            }
            Phase::Talking { .. } => Some(Leave::Close(ticket)),
            Phase::Resolving { .. } | Phase::Sleeping { .. } | Phase::Done(_) => {
                self.state.leave.take()
            }
        };
    }

    fn conclude_unknown(&mut self, stage: Stage, reason: Unknown) {
        if matches!(self.state.phase, Phase::Connecting | Phase::Queued | Phase::Talking { .. }) {
            self.lose(Failure { stage, reason });
        }
        self.conclude(Conclusion::Unknown { stage, reason });
    }

    /// Ends the verification at once, whatever is under way.
    fn conclude(&mut self, conclusion: Conclusion) {
        self.leave(false);
        self.enter(Phase::Done(conclusion));
    }

    /// Ends it as servers like it: after QUIT, or with the session in the hands of the driver.
    fn part(&mut self, then: Quitting) {
        let is_usable = self.state.link().is_some_and(|link| link.replies_ahead == 0);
        if is_usable && !self.state.is_sharing {
            self.go_on(Exchange::Quit(then));
        } else {
            self.leave(is_usable);
            self.after_quit(then);
        }
    }

    fn after_quit(&mut self, then: Quitting) {
        match then {
            Quitting::Done(conclusion) => self.enter(Phase::Done(conclusion)),
            Quitting::Sleep { until } => self.enter(Phase::Sleeping { until }),
        }
    }

    /// Goes to an exchange over a connection that is new to it, and says what belongs to it.
    fn talk(&mut self, exchange: Exchange, link: Link) {
        self.enter(Phase::Talking { exchange, link });
        self.state.ask = exchange.ask();
    }

    /// Asks something new, under a ticket of its own.
    fn ask(&mut self, ask: Ask, phase: Phase) {
        self.enter(phase);
        self.state.ticket.0 = self.state.ticket.0.wrapping_add(1);
        self.state.ask = Some(ask);
    }

    /// Goes to a phase.
    fn enter(&mut self, phase: Phase) {
        self.end_phase();
        self.state.phase = phase;
    }

    /// Goes to another exchange over the connection at hand.
    fn enter_exchange(&mut self, next: Exchange) {
        self.end_phase();
        if let Phase::Talking { exchange, .. } = &mut self.state.phase {
            *exchange = next;
        }
    }

    /// Counts the time of the phase. Whatever follows is entered now.
    fn end_phase(&mut self) {
        let state = &mut self.state;
        let time_us = state.now.micros_since(state.entered);
        let stage = state.phase.stage();
        state.stages_us.add(stage, time_us);
        if matches!(stage, Stage::Queue | Stage::Greylist) {
            state.paused_us = state.paused_us.saturating_add(time_us);
        }
        state.entered = state.now;
        // What the driver was not asked yet belongs to the phase before.
        state.ask = None;
    }
}

/// Why a snapshot cannot be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It was written by a later version of this crate.
    #[error(
        "the snapshot has version {version}, and this program reads up to {SNAPSHOT_VERSION}: update it, or verify anew"
    )]
    Version {
        /// Its version.
        version: u16,
    },
    /// Its parts do not fit together.
    #[error("the snapshot is damaged: verify anew")]
    Damaged,
}

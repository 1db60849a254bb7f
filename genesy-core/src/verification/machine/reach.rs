//! Which server is talked to: the domain's mail hosts and their addresses, one after the other.

use super::state::{Ask, Phase};
use super::{Verification, hosts};
use crate::verification::evidence::{ConnectionTried, Failure};
use crate::verification::messages::{AddressAnswer, ConnectFailure, MailExchanger, MxAnswer};
use crate::verification::verdict::{Conclusion, Stage, Undeliverable, Unknown};

impl Verification {
    pub(super) fn mx_resolved(&mut self, answer: MxAnswer) {
        match answer {
            MxAnswer::Found(records) if is_null_mx(&records) => {
                self.conclude(Conclusion::Undeliverable(Undeliverable::NullMx));
            }
            MxAnswer::Found(records) => {
                let hosts_max = self.policy.limits.hosts_max;
                if records.len() > usize::from(hosts_max) {
                    // If none of the first ones is there, that does not say that none is.
                    self.note(Failure { stage: Stage::Dns, reason: Unknown::HostsLeft });
                }
                self.state.hosts = hosts::in_order(records, hosts_max, self.state.seed);
                self.resolve_host(0);
            }
            MxAnswer::NoRecords => {
                // RFC 5321 §5.1: the domain itself is then its only mail host.
                self.state.hosts = hosts::named([self.state.domain_on_the_wire().to_owned()]);
                self.resolve_host(0);
            }
            MxAnswer::NoSuchDomain => {
                self.conclude(Conclusion::Undeliverable(Undeliverable::NoSuchDomain));
            }
            MxAnswer::Failed(failure) => {
                self.conclude_unknown(Stage::Dns, Unknown::DnsFailure(failure));
            }
        }
    }

    pub(super) fn addresses_resolved(&mut self, answer: AddressAnswer) {
        match answer {
            AddressAnswer::Found(addresses) => {
                let of_any_family = !addresses.is_empty();
                self.state.addresses = hosts::preferred(
                    addresses,
                    self.policy.ip,
                    self.policy.limits.addresses_per_host_max,
                );
                if !self.state.addresses.is_empty() {
                    return self.connect();
                }
                if of_any_family {
                    let reason = Unknown::ConnectFailed(ConnectFailure::Unreachable);
                    self.note(Failure { stage: Stage::Connect, reason });
                }
            }
            AddressAnswer::NoRecords | AddressAnswer::NoSuchDomain => {}
            AddressAnswer::Failed(failure) => {
                let reason = Unknown::DnsFailure(failure);
                self.note(Failure { stage: Stage::Dns, reason });
            }
        }
        self.next_host();
    }

    /// Asks for the addresses of the host at `place`, if there is one.
    pub(super) fn resolve_host(&mut self, place: u8) {
        self.state.host_at = place;
        self.state.addresses.clear();
        self.state.address_at = 0;
        self.state.is_plain_only = false;
        if usize::from(place) < self.state.hosts.len() {
            self.ask(Ask::Addresses, Phase::Resolving { mx: false });
        } else {
            self.give_up();
        }
    }

    pub(super) fn next_host(&mut self) {
        self.resolve_host(self.state.host_at.saturating_add(1));
    }

    /// Connects to the address at hand, if one more connection may be made.
    pub(super) fn connect(&mut self) {
        if self.state.connections >= self.policy.limits.connections_max {
            return self.give_up();
        }
        self.state.connections += 1;
        if let Some(address) = self.state.addresses.get(usize::from(self.state.address_at)) {
            let host = (!self.state.hosts.is_empty()).then_some(self.state.host_at);
            let tried = ConnectionTried { host, address: *address, is_tls: false, failure: None };
            self.state.tried.push(tried);
        }
        self.ask(Ask::Connect, Phase::Connecting);
    }

    /// No server is left that could be asked, and no connection that could be left.
    pub(super) fn give_up(&mut self) {
        let conclusion = match self.state.failure {
            Some(Failure { stage, reason }) => Conclusion::Unknown { stage, reason },
            // None failed, as none is there.
            None => Conclusion::Undeliverable(Undeliverable::NoMailHost),
        };
        self.enter(Phase::Done(conclusion));
    }

    pub(super) fn connect_failed(&mut self, failure: ConnectFailure) {
        let reason = match failure {
            ConnectFailure::EgressBlocked => Unknown::EgressBlocked,
            other => Unknown::ConnectFailed(other),
        };
        // There is no connection that could be closed.
        self.try_next(Failure { stage: Stage::Connect, reason });
    }

    /// Leaves the connection and tries what is next.
    pub(super) fn fail(&mut self, failure: Failure) {
        let was_shared = self.state.link().is_some_and(|link| !link.is_own);
        self.leave(false);
        if was_shared {
            // What others did may have spoiled it: one of its own tells more.
            self.lose(failure);
            self.connect();
        } else {
            self.try_next(failure);
        }
    }

    /// Tries the next address, of this host or of the next one.
    pub(super) fn try_next(&mut self, failure: Failure) {
        self.lose(failure);
        let next = self.state.address_at.saturating_add(1);
        if usize::from(next) < self.state.addresses.len() {
            self.state.address_at = next;
            self.state.is_plain_only = false;
            self.connect();
        } else {
            self.next_host();
        }
    }

    /// The connection at hand leads to no answer.
    pub(super) fn lose(&mut self, failure: Failure) {
        self.note(failure);
        if let Some(tried) = self.state.tried.last_mut() {
            tried.failure = Some(failure);
        }
    }

    /// Keeps the failure that came furthest: it tells most.
    pub(super) fn note(&mut self, failure: Failure) {
        if self.state.failure.is_none_or(|kept| kept.stage <= failure.stage) {
            self.state.failure = Some(failure);
        }
    }
}

/// RFC 7505 §3: one record, and its host is the root.
fn is_null_mx(records: &[MailExchanger]) -> bool {
    matches!(records, [MailExchanger { host, .. }] if host.is_empty())
}

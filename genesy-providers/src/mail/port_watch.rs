//! Whether the outside can be reached at all.
//!
//! Many networks let nobody connect to port 25 of others. Then every verification would end as unknown,
//! each for a reason that looks like the server's. So that is noticed, and said once.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Hosts that cannot be connected to, without one that can, before the port is taken to be closed.
const FAILED_HOSTS_MIN: usize = 8;
/// The same for hosts that refuse: those of dead domains do so, too, and a list may begin with several.
const REFUSING_HOSTS_MIN: usize = 24;
/// How often it is tried again whether it still is.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// Whether mail hosts can be connected to from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortState {
    /// Too few were tried to say.
    Unknown,
    /// At least one could be.
    Open,
    /// Several were tried, and none could be: the network seems to let nobody connect to that port.
    Closed {
        /// How many.
        hosts_tried: usize,
    },
}

/// Watches how connections end.
#[derive(Debug)]
pub(super) struct PortWatch {
    port: u16,
    state: watch::Sender<PortState>,
    tally: Mutex<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    failed: BTreeSet<IpAddr>,
    refused: BTreeSet<IpAddr>,
    next_try: Option<Instant>,
}

impl PortWatch {
    pub(super) fn new(port: u16) -> Self {
        Self { port, state: watch::Sender::new(PortState::Unknown), tally: Mutex::default() }
    }

    pub(super) fn state(&self) -> PortState {
        *self.state.borrow()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<PortState> {
        self.state.subscribe()
    }

    /// Whether a connection is worth its time: always, but for a closed port, where one in a while shows
    /// whether it still is.
    pub(super) fn is_worth_trying(&self) -> bool {
        if !matches!(self.state(), PortState::Closed { .. }) {
            return true;
        }
        let mut tally = self.tally();
        let now = Instant::now();
        let is_due = tally.next_try.is_none_or(|next| next <= now);
        if is_due {
            tally.next_try = Some(now + RETRY_INTERVAL);
        }
        is_due
    }

    /// A connection was made.
    pub(super) fn reached(&self) {
        if self.state() != PortState::Open {
            let mut tally = self.tally();
            tally.failed.clear();
            tally.refused.clear();
            drop(tally);
            self.state.send_replace(PortState::Open);
        }
    }

    /// A host did not answer, or refused: a network that rejects what it does not let through does so in the
    /// host's name. Once one was reached, that is the host's own fault.
    pub(super) fn failed(&self, address: IpAddr, is_refusal: bool) {
        if self.state() == PortState::Open {
            return;
        }
        let mut tally = self.tally();
        let (hosts, hosts_min) = if is_refusal {
            (&mut tally.refused, REFUSING_HOSTS_MIN)
        } else {
            (&mut tally.failed, FAILED_HOSTS_MIN)
        };
        if hosts.len() < hosts_min {
            hosts.insert(address);
        }
        let is_closed = hosts.len() >= hosts_min;
        if !is_closed || matches!(self.state(), PortState::Closed { .. }) {
            return;
        }
        let hosts_tried = tally.failed.union(&tally.refused).count();
        tally.next_try = Some(Instant::now() + RETRY_INTERVAL);
        drop(tally);
        tracing::error!(
            port = self.port,
            hosts_tried,
            "no mail host can be reached: this network seems to let nobody connect to that port; \
             allow it, use a proxy, or verify from elsewhere"
        );
        self.state.send_replace(PortState::Closed { hosts_tried });
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{FAILED_HOSTS_MIN, PortState, PortWatch, RETRY_INTERVAL};

    fn host(number: usize) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, number as u8).into()
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_port_is_noticed_and_tried_again() {
        let watch = PortWatch::new(25);
        (0..FAILED_HOSTS_MIN - 1).for_each(|number| watch.failed(host(number), false));
        watch.failed(host(0), false);
        assert_eq!(watch.state(), PortState::Unknown);
        watch.failed(host(FAILED_HOSTS_MIN), false);
        assert_eq!(watch.state(), PortState::Closed { hosts_tried: FAILED_HOSTS_MIN });
        assert!(!watch.is_worth_trying());
        tokio::time::advance(RETRY_INTERVAL).await;
        assert!(watch.is_worth_trying());
        assert!(!watch.is_worth_trying());
        watch.reached();
        assert_eq!(watch.state(), PortState::Open);
        assert!(watch.is_worth_trying());
    }

    #[test]
    fn one_host_that_answers_shows_that_it_is_open() {
        let watch = PortWatch::new(25);
        watch.reached();
        (0..20).for_each(|number| watch.failed(host(number), false));
        assert_eq!(watch.state(), PortState::Open);
    }
}

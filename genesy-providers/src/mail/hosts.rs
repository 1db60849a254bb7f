//! The mail hosts that are talked to: how many connections each may have, and what it can bear.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::connection::{Connection, Session};

/// How a mail host is treated.
#[derive(Debug, Clone, Copy)]
pub(super) struct HostLimits {
    pub(super) connections_max: usize,
    /// Between the beginnings of two connections.
    pub(super) pause: Duration,
    /// How long a session is kept that nobody uses.
    pub(super) idle_time_max: Duration,
}

/// All hosts that are talked to at the time, by address.
#[derive(Debug)]
pub(super) struct Hosts {
    by_address: Mutex<HashMap<IpAddr, Arc<Host>>>,
    limits: HostLimits,
}

/// One mail host.
#[derive(Debug)]
pub(super) struct Host {
    turns: Arc<Semaphore>,
    /// Sessions that nobody uses at the time, and when they were put here.
    idle: Mutex<Vec<(Instant, Session)>>,
    idle_came: Notify,
    next_connect: Mutex<Instant>,
    /// Recipients of one transaction that it takes, as far as is known.
    pub(super) transaction_recipients_max: Learned,
    /// Recipients of one session that it takes, as far as is known.
    pub(super) session_recipients_max: Learned,
}

/// A limit that a host turned out to have.
#[derive(Debug)]
pub(super) struct Learned(AtomicU32);

impl Learned {
    const fn new() -> Self {
        Self(AtomicU32::new(u32::MAX))
    }

    pub(super) fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// The host took so many, and no more. One at least is let through, so that it is tried again.
    pub(super) fn learn(&self, count: u32) {
        self.0.fetch_min(count.max(1), Ordering::Relaxed);
    }
}

/// The right to have one connection to a host.
pub(super) type Turn = OwnedSemaphorePermit;

/// What somebody who waits at a host gets.
#[derive(Debug)]
pub(super) enum Chance {
    /// A session that others no longer use.
    Session(Session),
    /// The right to connect.
    Turn(Turn),
}

/// A host that somebody deals with. When the last one goes, so does what is known of the host.
#[derive(Debug)]
pub(super) struct HostRef {
    host: Arc<Host>,
    address: IpAddr,
    hosts: Arc<Hosts>,
}

impl Hosts {
    pub(super) fn new(limits: HostLimits) -> Arc<Self> {
        Arc::new(Self { by_address: Mutex::default(), limits })
    }

    pub(super) const fn connections_max(&self) -> usize {
        self.limits.connections_max
    }

    pub(super) fn host(self: &Arc<Self>, address: IpAddr) -> HostRef {
        let host = Arc::clone(self.lock().entry(address).or_insert_with(|| {
            Arc::new(Host {
                turns: Arc::new(Semaphore::new(self.limits.connections_max)),
                idle: Mutex::default(),
                idle_came: Notify::new(),
                next_connect: Mutex::new(Instant::now()),
                transaction_recipients_max: Learned::new(),
                session_recipients_max: Learned::new(),
            })
        }));
        HostRef { host, address, hosts: Arc::clone(self) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Arc<Host>>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for HostRef {
    fn drop(&mut self) {
        let mut hosts = self.hosts.lock();
        // The map's and this one.
        if Arc::strong_count(&self.host) == 2 {
            hosts.remove(&self.address);
        }
    }
}

impl std::ops::Deref for HostRef {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

impl HostRef {
    pub(super) const fn address(&self) -> IpAddr {
        self.address
    }

    /// A session that nobody uses, or the right to connect, if there is one now.
    pub(super) fn chance_now(&self) -> Option<Chance> {
        if let Some(session) = self.take_idle() {
            return Some(Chance::Session(session));
        }
        let turn = Arc::clone(&self.turns).try_acquire_owned().ok()?;
        self.begin_connect().ok().map(|()| Chance::Turn(turn))
    }

    /// Waits for a session, or for the right to connect.
    pub(super) async fn chance(&self) -> Chance {
        loop {
            if let Some(session) = self.take_idle() {
                return Chance::Session(session);
            }
            tokio::select! {
                turn = self.turn() => return Chance::Turn(turn),
                () = self.idle_came.notified() => {}
            }
        }
    }

    /// Waits for the right to connect. Those that came first have it first: it is kept while the pause
    /// goes by, since one that is given back goes to whoever is next.
    async fn turn(&self) -> Turn {
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            // The semaphore is never closed.
            return std::future::pending().await;
        };
        while let Err(next) = self.begin_connect() {
            tokio::time::sleep_until(next).await;
        }
        turn
    }

    /// Begins a connection, or tells when one may begin.
    fn begin_connect(&self) -> Result<(), Instant> {
        let mut next = self.next_connect.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if *next > now {
            return Err(*next);
        }
        *next = now + self.hosts.limits.pause;
        Ok(())
    }

    /// Whether others deal with the host, too.
    fn has_others(&self) -> bool {
        // The map's and this one.
        Arc::strong_count(&self.host) > 2
    }

    fn take_idle(&self) -> Option<Session> {
        self.idle().pop().map(|(_, session)| session)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Instant, Session)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a session to others that want one of the host; else it is quit.
pub(super) fn give_away(connection: Connection) {
    let Connection { session, host } = connection;
    if !host.has_others() {
        tokio::spawn(async move {
            session.quit().await;
            drop(host);
        });
        return;
    }
    let since = Instant::now();
    host.idle().push((since, session));
    host.idle_came.notify_one();
    // The task is what keeps the host: with the runtime both go, and the session with them.
    tokio::spawn(async move {
        tokio::time::sleep(host.hosts.limits.idle_time_max).await;
        let place = host.idle().iter().position(|(kept, _)| *kept == since);
        let expired = place.map(|place| host.idle().swap_remove(place).1);
        if let Some(session) = expired {
            session.quit().await;
        }
    });
}

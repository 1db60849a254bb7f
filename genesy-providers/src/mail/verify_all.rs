//! Many addresses: those of one domain together.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{Stream, StreamExt, stream};
use genesy_core::pii::Pii;
use genesy_core::verification::{Report, Ticket, Verification};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::batch::{Pace, batch};
use super::connection::Connection;
use super::drive::{Driven, drive};
use super::hosts::give_away;
use super::verifier::Shared;

/// Addresses that sleep at a time, beside those under way: each holds its memory, and nothing else.
const SLEEPING_MAX: usize = 10_000;

/// An address that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The address as it was given.
    pub address: Pii<String>,
    /// How it ended, and why.
    pub report: Report,
}

/// Verifies all addresses. See [`Verifier::verify_all`](super::Verifier::verify_all).
pub(super) fn verify_all<S>(
    shared: Arc<Shared>,
    addresses: S,
) -> impl Stream<Item = Verified> + use<S>
where
    S: Stream<Item = String>,
{
    let (sender, receiver) = unbounded_channel();
    let desk = Desk { shared, sender, groups: HashMap::new() };
    let addresses = Box::pin(addresses.fuse());
    let state = Taking { addresses, desk, receiver, taken: 0, asleep: 0 };
    stream::unfold(state, |mut state| async move {
        let verified = state.next().await?;
        Some((verified, state))
    })
}

/// What a task tells the stream.
#[expect(clippy::large_enum_variant, reason = "most are the largest, and need no allocation so")]
enum News {
    /// A verification has ended.
    Ended(Verified),
    /// A verification begins to sleep: another one may begin.
    FellAsleep,
    /// It goes on. For a while there may be more under way than are to be.
    Woke,
    /// The task panicked. What it was to verify will not be reported.
    Broke,
}

/// Tells the stream if the task that holds it panics: else its reports would be waited for for ever.
struct TellsOfPanic(UnboundedSender<News>);

impl Drop for TellsOfPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // It fails if nobody waits.
            let _ = self.0.send(News::Broke);
        }
    }
}

/// Takes addresses as there is room, and gives reports as they come.
struct Taking<S> {
    addresses: std::pin::Pin<Box<stream::Fuse<S>>>,
    desk: Desk,
    receiver: UnboundedReceiver<News>,
    /// Those that have not ended.
    taken: usize,
    /// Those of them that sleep.
    asleep: usize,
}

impl<S: Stream<Item = String>> Taking<S> {
    async fn next(&mut self) -> Option<Verified> {
        let concurrency_max = self.desk.shared.concurrency_max;
        let mut is_exhausted = false;
        loop {
            // Those that sleep take no room, as long as they are not too many.
            let has_room =
                !is_exhausted && self.taken - self.asleep.min(SLEEPING_MAX) < concurrency_max;
            tokio::select! {
                biased;
                Some(news) = self.receiver.recv(), if self.taken > 0 => match news {
                    News::Ended(verified) => {
                        self.taken -= 1;
                        return Some(verified);
                    }
                    News::FellAsleep => self.asleep += 1,
                    News::Woke => self.asleep -= 1,
                    News::Broke => return None,
                },
                address = self.addresses.next(), if has_room => match address {
                    Some(address) => {
                        self.taken += 1;
                        self.desk.take(address);
                    }
                    None => is_exhausted = true,
                },
                else => return None,
            }
        }
    }
}

/// Puts addresses to others of their domain.
struct Desk {
    shared: Arc<Shared>,
    sender: UnboundedSender<News>,
    groups: HashMap<Box<str>, Arc<Group>>,
}

/// The addresses of one domain.
#[derive(Default)]
struct Group {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    addresses: VecDeque<String>,
    /// Tasks that take addresses from here.
    lanes: usize,
}

impl Desk {
    fn take(&mut self, address: String) {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let domain = domain.to_ascii_lowercase().into_boxed_str();
        // Groups that are done are left behind; they are swept where there are many.
        if self.groups.len() > self.shared.concurrency_max.saturating_mul(2) {
            self.groups.retain(|_, group| !group.is_done());
        }
        let group = self.groups.entry(domain).or_default();
        if group.put(address, self.shared.hosts.connections_max()) {
            spawn_lane(&self.shared, group, &self.sender);
        }
    }
}

impl Group {
    /// Puts an address there, and tells whether one more lane is to be begun.
    fn put(&self, address: String, lanes_max: usize) -> bool {
        let mut waiting = self.lock();
        waiting.addresses.push_back(address);
        // A lane takes many at a time, once its session stands.
        let wants_lane = waiting.lanes == 0
            || (waiting.lanes < lanes_max
                && waiting.addresses.len() > waiting.lanes * Pace::ADDRESSES_PER_LANE);
        waiting.lanes += usize::from(wants_lane);
        wants_lane
    }

    /// Takes addresses; if there are none, the lane that asked is over.
    fn take(&self, addresses_max: usize) -> Vec<String> {
        let mut waiting = self.lock();
        let count = addresses_max.min(waiting.addresses.len());
        if count == 0 {
            waiting.lanes -= 1;
        }
        waiting.addresses.drain(..count).collect()
    }

    /// Counts one more lane, if somebody waits for it.
    fn adds_lane(&self, lanes_max: usize) -> bool {
        let mut waiting = self.lock();
        let wants_lane = waiting.lanes < lanes_max && !waiting.addresses.is_empty();
        waiting.lanes += usize::from(wants_lane);
        wants_lane
    }

    fn is_done(&self) -> bool {
        let waiting = self.lock();
        waiting.lanes == 0 && waiting.addresses.is_empty()
    }

    fn has_waiting(&self) -> bool {
        !self.lock().addresses.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One address and its verification.
pub(super) struct Member {
    pub(super) address: String,
    pub(super) verification: Verification,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").finish_non_exhaustive()
    }
}

fn spawn_lane(shared: &Arc<Shared>, group: &Arc<Group>, sender: &UnboundedSender<News>) {
    let lane = lane(Arc::clone(shared), Arc::clone(group), sender.clone());
    let sender = sender.clone();
    tokio::spawn(async move {
        let _told = TellsOfPanic(sender.clone());
        tokio::select! {
            // Nobody wants the reports any more.
            () = sender.closed() => {}
            () = lane => {}
        }
    });
}

/// Verifies the addresses of a group one after another: the first by itself, further ones over the
/// session that it leaves, many at a time.
async fn lane(shared: Arc<Shared>, group: Arc<Group>, sender: UnboundedSender<News>) {
    let mut connection: Option<Connection> = None;
    let mut pace = Pace::new();
    let mut domain: Option<Box<str>> = None;
    loop {
        let open = connection.as_ref().and_then(Connection::open_session);
        // Where what is known is doubted, one asks anew for all, as the first one did.
        let is_doubted = domain.as_ref().is_some_and(|domain| shared.domains.doubts(domain));
        let addresses_max = match open {
            Some(_) if !is_doubted => pace.addresses_max(connection.as_ref()),
            _ => 1,
        };
        let addresses = group.take(addresses_max);
        if addresses.is_empty() {
            break;
        }
        match connection.take() {
            Some(shared_connection) if open.is_some() => {
                let members = addresses.into_iter().map(|address| member(&shared, address));
                let done = batch(&shared, shared_connection, members.collect(), &mut pace).await;
                connection = done.connection;
                let ended = done.ended.first().and_then(|member| member.verification.domain());
                domain = ended.map(Box::from).or(domain);
                for member in done.ended {
                    report(&shared, &sender, member);
                }
                for (member, connect) in done.alone {
                    spawn_alone(&shared, &sender, member, connect);
                }
            }
            used_up => {
                if let Some(used_up) = used_up {
                    tokio::spawn(used_up.session.quit());
                }
                for address in addresses {
                    let is_alone = !group.has_waiting();
                    connection = first(&shared, &sender, member(&shared, address), is_alone).await;
                }
                // Without a session they go one by one: at least side by side.
                if connection.is_none() && group.adds_lane(shared.hosts.connections_max()) {
                    spawn_lane(&shared, &group, &sender);
                }
            }
        }
    }
    connection.into_iter().for_each(give_away);
}

fn member(shared: &Shared, address: String) -> Member {
    let verification = shared.verification(&address);
    Member { address, verification }
}

/// Verifies one address over a connection of its own, and gives that to those behind it.
async fn first(
    shared: &Arc<Shared>,
    sender: &UnboundedSender<News>,
    mut member: Member,
    is_alone: bool,
) -> Option<Connection> {
    if !is_alone {
        member.verification = member.verification.sharing();
    }
    match drive(shared, &shared.clock, &mut member.verification, None, None).await {
        Driven::Done(connection) => {
            report(shared, sender, member);
            connection
        }
        Driven::Sleeping(_) => {
            // Others need not sleep with it.
            spawn_alone(shared, sender, member, None);
            None
        }
    }
}

/// Goes on with a verification by itself.
fn spawn_alone(
    shared: &Arc<Shared>,
    sender: &UnboundedSender<News>,
    mut member: Member,
    connect: Option<(Ticket, IpAddr)>,
) {
    let (shared, sender) = (Arc::clone(shared), sender.clone());
    tokio::spawn(async move {
        let _told = TellsOfPanic(sender.clone());
        let to_the_end = async {
            let mut connect = connect;
            loop {
                match drive(&shared, &shared.clock, &mut member.verification, None, connect.take())
                    .await
                {
                    Driven::Done(connection) => break connection.into_iter().for_each(give_away),
                    Driven::Sleeping(until) => {
                        // They fail if nobody wants the reports any more.
                        let _ = sender.send(News::FellAsleep);
                        shared.sleep(&mut member.verification, None, until).await;
                        let _ = sender.send(News::Woke);
                    }
                }
            }
        };
        let is_over = {
            let mut to_the_end = pin!(to_the_end);
            tokio::select! {
                () = sender.closed() => false,
                () = &mut to_the_end => true,
            }
        };
        if is_over {
            report(&shared, &sender, member);
        }
    });
}

fn report(shared: &Shared, sender: &UnboundedSender<News>, member: Member) {
    if let Some(report) = shared.report(&member.verification) {
        // It fails if nobody wants the reports any more.
        let _ = sender.send(News::Ended(Verified { address: Pii::new(member.address), report }));
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::{News, TellsOfPanic};

    #[tokio::test]
    async fn the_stream_is_told_of_a_task_that_panics_and_of_no_other() {
        let (sender, mut receiver) = unbounded_channel();
        for panics in [false, true] {
            let told = TellsOfPanic(sender.clone());
            let task = tokio::spawn(async move {
                let _told = told;
                tokio::task::yield_now().await;
                assert!(!panics, "a fault of the crate");
            });
            assert_eq!(task.await.is_err(), panics);
            assert_eq!(matches!(receiver.try_recv(), Ok(News::Broke)), panics);
        }
    }
}

//! Many addresses over one session.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::verification::{
    Input, OpenSession, Output, Question, Session, Ticket, Transaction, Verification,
};
use tokio::time::{Instant, timeout_at};

use super::connection::{Connection, is_closing};
use super::drive::{address_answer, mx_answer};
use super::verifier::Shared;
use super::verify_all::Member;

/// Addresses of one batch at most.
const ADDRESSES_MAX: usize = 64;
/// A batch that takes less time is followed by one of twice its size.
const QUICK: Duration = Duration::from_millis(200);
/// A batch that takes more is followed by one of half its size: all of its addresses must be answered
/// within the time of one stage.
const SLOW: Duration = Duration::from_secs(1);

/// How many addresses a session is asked for at a time: more as the server is quick.
#[derive(Debug)]
pub(super) struct Pace {
    addresses_max: usize,
}

impl Pace {
    /// Addresses that wait for each lane before there is another one.
    pub(super) const ADDRESSES_PER_LANE: usize = 2 * ADDRESSES_MAX;

    pub(super) const fn new() -> Self {
        Self { addresses_max: 1 }
    }

    /// The size of the next batch: no more than the transaction at hand has room for.
    pub(super) fn addresses_max(&self, connection: Option<&Connection>) -> usize {
        let room = connection.map_or(1, Connection::recipients_room);
        self.addresses_max.min(room.max(1))
    }

    fn learn(&mut self, addresses: usize, time: Duration) {
        if time > SLOW {
            self.addresses_max = (self.addresses_max / 2).max(1);
        } else if time < QUICK && addresses >= self.addresses_max {
            self.addresses_max = (self.addresses_max * 2).min(ADDRESSES_MAX);
        }
    }
}

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Batched {
    /// The connection, if it is still of use.
    pub(super) connection: Option<Connection>,
    /// Those that have ended.
    pub(super) ended: Vec<Member>,
    /// Those that go on by themselves, with the connection that each asked for.
    pub(super) alone: Vec<(Member, Option<(Ticket, IpAddr)>)>,
}

/// Verifies addresses over a session: their commands go out together, and replies come in their order.
pub(super) async fn batch(
    shared: &Shared,
    connection: Connection,
    members: Vec<Member>,
    pace: &mut Pace,
) -> Batched {
    let began = Instant::now();
    let addresses = members.len();
    let mut batch = Batch {
        shared,
        connection: Some(connection),
        waiting: Vec::with_capacity(addresses),
        due: VecDeque::with_capacity(addresses),
        outgoing: Vec::new(),
        is_line_begun: false,
        is_full_transaction_known: false,
        batched: Batched {
            connection: None,
            ended: Vec::with_capacity(addresses),
            alone: Vec::new(),
        },
    };
    for member in members {
        batch.begin(member).await;
    }
    batch.talk().await;
    pace.learn(addresses, began.elapsed());
    batch.batched.connection = batch.connection;
    batch.batched
}

struct Batch<'a> {
    shared: &'a Shared,
    connection: Option<Connection>,
    /// Members by place; those that left have none.
    waiting: Vec<Option<Member>>,
    /// Whose replies come next.
    due: VecDeque<usize>,
    /// What is to be sent.
    outgoing: Vec<u8>,
    /// The end of a line is still to come.
    is_line_begun: bool,
    /// It was learnt how many recipients a transaction holds. Others that are too many were sent before
    /// that, and tell nothing more.
    is_full_transaction_known: bool,
    batched: Batched,
}

/// How a member stands after it was told something.
enum Standing {
    Waits,
    Left,
    Spoiled,
}

impl Batch<'_> {
    /// Brings a member to the session, as far as that needs no waiting but for the DNS.
    async fn begin(&mut self, mut member: Member) {
        member.verification = member.verification.sharing();
        loop {
            let asked = match member.verification.poll_output() {
                Output::Resolve { ticket, question } => match question {
                    Question::Mx(domain) => (ticket, Some(domain.to_owned()), None),
                    Question::Addresses(host) => (ticket, None, Some(host.to_owned())),
                },
                Output::Connect { ticket, address, .. } => {
                    return self.join(member, ticket, address);
                }
                Output::Done => return self.batched.ended.push(member),
                Output::Send { .. }
                | Output::StartTls { .. }
                | Output::Close { .. }
                | Output::Release { .. }
                | Output::Wait { .. }
                | Output::Sleep { .. } => return self.batched.alone.push((member, None)),
            };
            let verification = &mut member.verification;
            match asked {
                (ticket, Some(domain), _) => {
                    let asking = self.shared.resolver.mx(&domain);
                    let answer = in_time(self.shared, verification, asking).await.map(mx_answer);
                    self.resolved(verification, answer.map(|answer| Input::Mx { ticket, answer }));
                }
                (ticket, None, host) => {
                    let host = host.unwrap_or_default();
                    let asking = self.shared.resolver.addresses(&host);
                    let answer =
                        in_time(self.shared, verification, asking).await.map(address_answer);
                    let input = answer.map(|answer| Input::Addresses { ticket, answer });
                    self.resolved(verification, input);
                }
            }
        }
    }

    fn resolved(&self, verification: &mut Verification, input: Option<Input<'_, '_>>) {
        verification.handle(self.shared.clock.now(), input.unwrap_or(Input::Time));
    }

    /// Gives a member a share of the session, if it is one of the host that it asks for.
    fn join(&mut self, mut member: Member, ticket: Ticket, address: IpAddr) {
        let connection = self.connection.as_ref().filter(|it| it.host.address() == address);
        let Some(open) = connection.and_then(Connection::open_session) else {
            return self.batched.alone.push((member, Some((ticket, address))));
        };
        // Those behind the first of a transaction rely on it.
        let transaction = if self.due.is_empty() { open.transaction } else { Transaction::Open };
        let session = Session::Open(OpenSession { transaction, ..open });
        member.verification.handle(self.shared.clock.now(), Input::Connected { ticket, session });
        let place = self.waiting.len();
        self.waiting.push(Some(member));
        self.listen(place);
    }

    /// Does what a member asks for. It is due again if it sent something.
    fn listen(&mut self, place: usize) -> Standing {
        let Some(member) = self.waiting.get_mut(place).and_then(Option::as_mut) else {
            return Standing::Left;
        };
        let mut is_spoiled = false;
        let mut connect = None;
        loop {
            match member.verification.poll_output() {
                Output::Send { bytes, .. } => {
                    if let Some(connection) = &mut self.connection {
                        connection.count(bytes);
                    }
                    self.outgoing.extend_from_slice(bytes);
                    self.due.push_back(place);
                }
                Output::Wait { .. } if connect.is_none() && !is_spoiled => return Standing::Waits,
                Output::Connect { ticket, address, .. } => connect = Some((ticket, address)),
                Output::Release { session, .. } => {
                    if let Some(connection) = &mut self.connection {
                        connection.released(session);
                    }
                }
                Output::Close { .. } | Output::StartTls { .. } => is_spoiled = true,
                Output::Resolve { .. }
                | Output::Wait { .. }
                | Output::Sleep { .. }
                | Output::Done => {
                    break;
                }
            }
        }
        if let Some(member) = self.waiting[place].take() {
            if member.verification.conclusion().is_some() {
                self.batched.ended.push(member);
            } else {
                self.batched.alone.push((member, connect));
            }
        }
        if is_spoiled { Standing::Spoiled } else { Standing::Left }
    }

    /// Sends and receives until nothing is due.
    async fn talk(&mut self) {
        let mut incoming = Vec::new();
        while !self.due.is_empty() {
            let deadline = self.shared.clock.instant(self.deadline());
            let Some(connection) = &mut self.connection else { return };
            let outgoing = std::mem::take(&mut self.outgoing);
            let exchange = async {
                connection.session.stream.write(&mut outgoing.as_slice()).await?;
                connection.session.stream.read(&mut incoming).await
            };
            match timeout_at(deadline, exchange).await {
                Ok(Ok(1..)) => self.received(&mut incoming),
                Ok(Ok(0) | Err(_)) => {
                    connection.learn_session_max(count(&self.due));
                    self.disconnected();
                }
                Err(_) => self.time_went_by(),
            }
        }
        if self.outgoing.is_empty() || self.connection.is_none() {
            return;
        }
        // Something was asked for by one that left since.
        self.disconnected();
    }

    fn deadline(&self) -> Timestamp {
        let deadlines =
            self.waiting.iter().flatten().filter_map(|it| it.verification.poll_timeout());
        deadlines.min().unwrap_or_else(|| self.shared.clock.now())
    }

    /// Gives replies to those to whom they are due.
    fn received(&mut self, incoming: &mut Vec<u8>) {
        let mut bytes = incoming.as_slice();
        let now = self.shared.clock.now();
        let mut is_line_begun = self.is_line_begun;
        self.is_line_begun = !bytes.ends_with(b"\n");
        while !bytes.is_empty() {
            let Some(&place) = self.due.front() else {
                // Nobody asked for this.
                return self.disconnected();
            };
            let member = self.waiting.get_mut(place).and_then(Option::as_mut);
            let Some(member) = member else { return self.disconnected() };
            let is_closing = !std::mem::take(&mut is_line_begun) && is_closing(bytes);
            let ticket = member.verification.ticket();
            let (due_before, outgoing_before) = (count(&self.due), self.outgoing.len());
            let answered = self.connection.as_ref().map(|it| it.transaction_answered(due_before));
            member.verification.handle(now, Input::Received { ticket, bytes: &mut bytes });
            let standing = self.listen(place);
            if is_closing {
                if let Some(connection) = &self.connection {
                    connection.learn_session_max(count(&self.due));
                }
                return self.disconnected();
            }
            if self.outgoing[outgoing_before..].starts_with(b"RSET") {
                self.learn_transaction_max(answered.unwrap_or_default());
            }
            match standing {
                Standing::Spoiled => return self.disconnected(),
                // Its own replies are in: it has gone, or asked for more.
                Standing::Left => _ = self.due.pop_front(),
                Standing::Waits if count(&self.due) > due_before => _ = self.due.pop_front(),
                Standing::Waits if bytes.is_empty() => {}
                Standing::Waits => return self.disconnected(),
            }
        }
        incoming.clear();
    }

    /// The server took so many recipients in the transaction, and no more.
    fn learn_transaction_max(&mut self, answered: u32) {
        if let Some(connection) = &self.connection
            && answered > 0
            && !self.is_full_transaction_known
        {
            connection.host.transaction_recipients_max.learn(answered);
            self.is_full_transaction_known = true;
        }
    }

    fn time_went_by(&mut self) {
        let now = self.shared.clock.now();
        for place in 0..self.waiting.len() {
            let Some(member) = &mut self.waiting[place] else { continue };
            if member.verification.poll_timeout().is_some_and(|deadline| deadline <= now) {
                member.verification.handle(now, Input::Time);
                if let Standing::Spoiled = self.listen(place) {
                    return self.disconnected();
                }
            }
        }
    }

    /// The session is of no use any more: all that still wait go on by themselves.
    fn disconnected(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.session.stream.close();
        }
        self.due.clear();
        self.outgoing.clear();
        let now = self.shared.clock.now();
        for place in 0..self.waiting.len() {
            if let Some(member) = &mut self.waiting[place] {
                let ticket = member.verification.ticket();
                member.verification.handle(now, Input::Disconnected { ticket });
                self.listen(place);
            }
        }
    }
}

/// Recipients that are still to be answered: where commands go out ahead of replies, each turn has one.
fn count(due: &VecDeque<usize>) -> u32 {
    u32::try_from(due.len()).unwrap_or(u32::MAX)
}

/// Waits for something until the verification's own deadline.
async fn in_time<T>(
    shared: &Shared,
    verification: &Verification,
    what: impl Future<Output = T>,
) -> Option<T> {
    let deadline = verification.poll_timeout().unwrap_or_else(|| verification.now());
    timeout_at(shared.clock.instant(deadline), what).await.ok()
}

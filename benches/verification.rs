//! The verification machine: how long a step takes, and a whole verification. Elements are steps: an input
//! that is taken, or an output that is given, `Wait` among them.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use genesy_core::time::Timestamp;
use genesy_core::verification::{
    AddressAnswer, Identity, Input, MailExchanger, MxAnswer, Output, Policy, Question, Session,
    Ticket, Verification,
};

const START: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

/// What a usual server says, in turn: to the connection, EHLO, MAIL, RCPT, RCPT and QUIT.
const ONE_BY_ONE: [&str; 6] = [
    "220 mx1.engines.example ESMTP\r\n",
    "250-mx1.engines.example\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n",
    "250 2.1.0 Ok\r\n",
    "250 2.1.5 Ok\r\n",
    "550 5.1.1 <x>: Recipient address rejected: User unknown in local recipient table\r\n",
    "221 2.0.0 Bye\r\n",
];

/// The same of a server that takes commands together.
const TOGETHER: [&str; 5] = [
    ONE_BY_ONE[0],
    "250-mx1.engines.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n",
    ONE_BY_ONE[4],
    ONE_BY_ONE[5],
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let identity = Identity::new("verifier.example", "probe@verifier.example");
    let policy = Arc::new(Policy::new(identity.expect("an identity")));
    for (name, replies) in [("one by one", &ONE_BY_ONE[..]), ("pipelining", &TOGETHER)] {
        let mut largest = 0;
        let steps = run(&policy, replies, |verification| {
            let json = serde_json::to_vec(verification.snapshot()).expect("JSON");
            largest = largest.max(json.len());
        });
        let mut group = criterion.benchmark_group(format!(
            "verification, {name}: {steps} steps, snapshots up to {largest} bytes"
        ));
        group.throughput(Throughput::Elements(steps));
        group.bench_function("steps", |bencher| {
            bencher.iter(|| run(black_box(&policy), replies, |_| {}));
        });
        group.throughput(Throughput::Elements(1));
        group.bench_function("verifications", |bencher| {
            bencher.iter(|| run(black_box(&policy), replies, |_| {}));
        });
        group.finish();
    }
    criterion.final_summary();
}

/// One verification from its start to its end; answers how many steps it took.
fn run(policy: &Arc<Policy>, replies: &[&str], mut watch: impl FnMut(&Verification)) -> u64 {
    let mut verification = Verification::new("ada@engines.example", Arc::clone(policy), 1, START);
    let mut replies = replies.iter();
    let mut now = START;
    let mut steps = 0;
    let mut at_hand = Ticket::default();
    loop {
        let mut what = What::Reply;
        loop {
            steps += 1;
            match verification.poll_output() {
                Output::Resolve { ticket, question } => {
                    at_hand = ticket;
                    what = match question {
                        Question::Mx(_) => What::Mx,
                        Question::Addresses(_) => What::Addresses,
                    };
                }
                Output::Connect { ticket, .. } => (at_hand, what) = (ticket, What::Connected),
                Output::Send { bytes, .. } => {
                    black_box(bytes);
                }
                Output::Wait { .. } => break,
                Output::Done => {
                    black_box(verification.conclusion());
                    return steps;
                }
                Output::Close { .. } | Output::Release { .. } => {}
                Output::StartTls { .. } | Output::Sleep { .. } => unreachable!("a usual server"),
            }
        }
        watch(&verification);
        steps += 1;
        now = now.plus_ms(10);
        what.happen(&mut verification, now, at_hand, &mut replies);
    }
}

/// What is due.
enum What {
    Mx,
    Addresses,
    Connected,
    Reply,
}

impl What {
    fn happen<'a>(
        self,
        verification: &mut Verification,
        now: Timestamp,
        ticket: Ticket,
        replies: &mut impl Iterator<Item = &'a &'a str>,
    ) {
        match self {
            Self::Mx => {
                let host = "mx1.engines.example".to_owned();
                let answer = MxAnswer::Found(vec![MailExchanger { preference: 10, host }]);
                verification.handle(now, Input::Mx { ticket, answer });
            }
            Self::Addresses => {
                let ip = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
                let answer = AddressAnswer::Found(vec![ip]);
                verification.handle(now, Input::Addresses { ticket, answer });
            }
            Self::Connected => {
                verification.handle(now, Input::Connected { ticket, session: Session::New });
            }
            Self::Reply => {
                let mut bytes = replies.next().expect("the dialogue has ended").as_bytes();
                verification.handle(now, Input::Received { ticket, bytes: &mut bytes });
            }
        }
    }
}

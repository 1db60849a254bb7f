//! A name server on loopback that answers as a test says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

/// Seconds that records of the tests may be remembered.
pub(super) const TTL_S: u32 = 300;

/// What the server does with a question.
pub(super) enum Reply {
    /// Answers with records.
    Records(Vec<Record>),
    /// Answers without any, and with an SOA record beside.
    Without(ResponseCode),
    /// Answers without any, and with nothing beside.
    Bare(ResponseCode),
    /// Says that the answer is too long for UDP.
    Truncated,
    /// Answers with the right number and question, and bytes that are no message.
    Garbage,
    /// Does not answer.
    Silence,
}

/// A question as the server sees it.
pub(super) struct Question {
    pub(super) name: String,
    pub(super) record_type: RecordType,
    pub(super) by_tcp: bool,
}

type Script = dyn FnMut(Question) -> Reply + Send;

/// A name server. It ends when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    questions: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) async fn start(script: impl FnMut(Question) -> Reply + Send + 'static) -> Self {
        let (tcp, udp) = sockets().await;
        let address = tcp.local_addr().unwrap();
        let questions = Arc::new(AtomicUsize::new(0));
        let answering = Arc::new(Answering {
            script: Mutex::new(Box::new(script)),
            questions: Arc::clone(&questions),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(udp, Arc::clone(&answering)));
        tasks.spawn(serve_tcp(tcp, answering));
        Self { address, questions, _tasks: tasks }
    }

    /// How many questions came.
    pub(super) fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

/// Both kinds of sockets at one port.
async fn sockets() -> (TcpListener, UdpSocket) {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (tcp, udp);
        }
    }
}

struct Answering {
    script: Mutex<Box<Script>>,
    questions: Arc<AtomicUsize>,
}

impl Answering {
    fn answer(&self, question: &[u8], by_tcp: bool) -> Option<Vec<u8>> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        let question = Message::from_vec(question).unwrap();
        let query = question.queries[0].clone();
        let reply = (self.script.lock().unwrap())(Question {
            name: query.name().to_ascii().to_ascii_lowercase(),
            record_type: query.query_type(),
            by_tcp,
        });
        let mut message = Message::response(question.id, question.op_code);
        message.metadata.recursion_available = true;
        message.add_query(query.clone());
        match reply {
            Reply::Records(records) => {
                message.add_answers(records);
            }
            Reply::Without(code) => {
                message.metadata.response_code = code;
                message.add_authority(soa(query.name()));
            }
            Reply::Bare(code) => message.metadata.response_code = code,
            Reply::Truncated => message.metadata.truncation = true,
            Reply::Garbage => {
                let mut bytes = message.to_vec().unwrap();
                // Claims records of which there are none.
                bytes[7] = 9;
                bytes.extend_from_slice(&[0xff; 40]);
                return Some(bytes);
            }
            Reply::Silence => return None,
        }
        Some(message.to_vec().unwrap())
    }
}

async fn serve_udp(udp: UdpSocket, answering: Arc<Answering>) {
    let mut bytes = [0; 4096];
    loop {
        let (length, from) = udp.recv_from(&mut bytes).await.unwrap();
        if let Some(answer) = answering.answer(&bytes[..length], false) {
            udp.send_to(&answer, from).await.unwrap();
        }
    }
}

async fn serve_tcp(tcp: TcpListener, answering: Arc<Answering>) {
    loop {
        let (mut stream, _) = tcp.accept().await.unwrap();
        while let Ok(length) = stream.read_u16().await {
            let mut bytes = vec![0; length.into()];
            stream.read_exact(&mut bytes).await.unwrap();
            if let Some(answer) = answering.answer(&bytes, true) {
                stream.write_u16(answer.len() as u16).await.unwrap();
                stream.write_all(&answer).await.unwrap();
            }
        }
    }
}

pub(super) fn mx(domain: &str, preference: u16, exchange: &str) -> Record {
    record(domain, RData::MX(MX::new(preference, name(exchange))))
}

pub(super) fn a(host: &str, ip: &str) -> Record {
    record(host, RData::A(A(ip.parse().unwrap())))
}

pub(super) fn aaaa(host: &str, ip: &str) -> Record {
    record(host, RData::AAAA(AAAA(ip.parse().unwrap())))
}

pub(super) fn cname(alias: &str, target: &str) -> Record {
    record(alias, RData::CNAME(CNAME(name(target))))
}

fn soa(owner: &Name) -> Record {
    let ttl_s = TTL_S as i32;
    let soa = SOA::new(name("ns.example."), name("root.example."), 1, ttl_s, ttl_s, ttl_s, TTL_S);
    Record::from_rdata(owner.clone(), TTL_S, RData::SOA(soa))
}

fn record(owner: &str, data: RData) -> Record {
    Record::from_rdata(name(owner), TTL_S, data)
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

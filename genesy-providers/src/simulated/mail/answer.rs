//! The answer to a DNS message.

use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::zone::{Data, DnsTrouble, Found, RecordKind, Zone};

/// Bytes of an answer over UDP to one who does not say how many it takes (RFC 1035, section 4.2.1).
const UDP_BYTES_MAX: u16 = 512;
/// Bytes that the server takes over UDP.
const EDNS_BYTES_MAX: u16 = 1232;
/// How long it is known that there is nothing, in seconds.
const NEGATIVE_TTL_SECONDS: u32 = 300;

/// How a question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Udp,
    Tcp,
}

/// What is sent back, and how long after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) bytes: Vec<u8>,
    pub(super) wait: Duration,
}

/// Answers a message, or does not: if it is no query, or if there is such trouble.
pub(super) fn answer(zone: &Zone, bytes: &[u8], transport: Transport) -> Option<Response> {
    let request = Message::from_vec(bytes).ok()?;
    let query = request.queries.first()?;
    if request.metadata.message_type != MessageType::Query {
        return None;
    }
    let found = zone.ask(&query.name.to_ascii(), kind(query.query_type));
    let mut response = response(&request, query, &found);
    let mut wait = Duration::ZERO;
    let mut is_garbage = false;
    for trouble in found.troubles {
        match trouble {
            DnsTrouble::Silent => return None,
            DnsTrouble::TruncatedThenSilent if transport == Transport::Tcp => return None,
            DnsTrouble::ServFail => fail(&mut response, ResponseCode::ServFail),
            DnsTrouble::Refused => fail(&mut response, ResponseCode::Refused),
            DnsTrouble::Late(late) => wait += late,
            DnsTrouble::Garbage => is_garbage = true,
            DnsTrouble::WrongId => response.metadata.id = !response.metadata.id,
            DnsTrouble::WrongQuestion => {
                let other = Name::from_ascii("other.example.").unwrap_or_default();
                response.queries = vec![Query::query(other, query.query_type)];
            }
            DnsTrouble::Truncated | DnsTrouble::TruncatedThenSilent => {
                if transport == Transport::Udp {
                    response = response.truncate();
                }
            }
        }
    }
    if is_garbage {
        // Longer than a header, and of counts that the bytes behind them do not bear out.
        return Some(Response { bytes: vec![0xFF; 40], wait });
    }
    let mut bytes = response.to_vec().ok()?;
    if transport == Transport::Udp && bytes.len() > udp_bytes_max(&request) {
        bytes = response.truncate().to_vec().ok()?;
    }
    Some(Response { bytes, wait })
}

fn response(request: &Message, query: &Query, found: &Found) -> Message {
    let mut response = Message::response(request.metadata.id, request.metadata.op_code);
    response.metadata.recursion_desired = request.metadata.recursion_desired;
    response.metadata.recursion_available = true;
    response.add_query(query.clone());
    if request.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(EDNS_BYTES_MAX);
        response.set_edns(edns);
    }
    if request.metadata.op_code != OpCode::Query {
        response.metadata.response_code = ResponseCode::NotImp;
        return response;
    }
    response.answers = found.records.iter().filter_map(record).collect();
    if found.is_absent {
        response.metadata.response_code = ResponseCode::NXDomain;
    }
    let asked = kind(query.query_type);
    let is_empty = !response.answers.iter().any(|record| kind(record.record_type()) == asked);
    // Without an end of the aliases there is nothing whose absence could be proven.
    if is_empty && !found.is_unresolved {
        response.authorities.push(start_of_authority(&query.name));
    }
    response
}

fn fail(response: &mut Message, code: ResponseCode) {
    response.metadata.response_code = code;
    response.answers.clear();
    response.authorities.clear();
}

/// A record whose names are none in DNS is left out.
fn record((owner, ttl_seconds, data): &(String, u32, Data)) -> Option<Record> {
    let name = |name: &str| {
        let mut name = Name::from_ascii(name).ok()?;
        name.set_fqdn(true);
        Some(name)
    };
    let data = match data {
        Data::Mx(preference, exchange) => RData::MX(MX::new(*preference, name(exchange)?)),
        Data::A(ip) => RData::A(A(*ip)),
        Data::Aaaa(ip) => RData::AAAA(AAAA(*ip)),
        Data::Cname(target) => RData::CNAME(CNAME(name(target)?)),
    };
    Some(Record::from_rdata(name(owner)?, *ttl_seconds, data))
}

/// What says for how long there is nothing (RFC 2308), in the name of the last label.
fn start_of_authority(name: &Name) -> Record {
    let zone = name.trim_to(1);
    let server = Name::from_ascii("ns.laboratory.example.").unwrap_or_default();
    let mailbox = Name::from_ascii("hostmaster.laboratory.example.").unwrap_or_default();
    let data = SOA::new(server, mailbox, 1, 3600, 600, 86_400, NEGATIVE_TTL_SECONDS);
    Record::from_rdata(zone, NEGATIVE_TTL_SECONDS, RData::SOA(data))
}

fn udp_bytes_max(request: &Message) -> usize {
    let asked = request.edns.as_ref().map_or(UDP_BYTES_MAX, Edns::max_payload);
    usize::from(asked.clamp(UDP_BYTES_MAX, EDNS_BYTES_MAX))
}

const fn kind(record_type: RecordType) -> RecordKind {
    match record_type {
        RecordType::MX => RecordKind::Mx,
        RecordType::A => RecordKind::A,
        RecordType::AAAA => RecordKind::Aaaa,
        RecordType::CNAME => RecordKind::Cname,
        _ => RecordKind::Other,
    }
}

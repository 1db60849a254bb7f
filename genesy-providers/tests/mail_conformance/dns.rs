//! A DNS client that asks once over UDP.

use std::net::{IpAddr, SocketAddr};

use genesy_core::verification::{AddressAnswer, DnsFailure, MailExchanger, MxAnswer};
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, RecordType};
use tokio::net::UdpSocket;

use super::plain::Fault;

pub(super) struct Dns {
    pub(super) name_server: SocketAddr,
    pub(super) fault: Fault,
}

/// What came back: records, or why there are none.
enum Answer {
    Found(Vec<RData>),
    NoRecords,
    NoSuchDomain,
    Failed,
}

impl Dns {
    pub(super) async fn mx(&self, domain: &str) -> MxAnswer {
        match self.ask(domain, RecordType::MX).await {
            Answer::Found(records) => {
                MxAnswer::Found(records.into_iter().filter_map(exchanger).collect())
            }
            Answer::NoRecords => MxAnswer::NoRecords,
            Answer::NoSuchDomain => MxAnswer::NoSuchDomain,
            Answer::Failed => MxAnswer::Failed(DnsFailure::ServerFailure),
        }
    }

    pub(super) async fn addresses(&self, host: &str) -> AddressAnswer {
        let mut addresses = Vec::new();
        let mut last = AddressAnswer::NoRecords;
        for kind in [RecordType::A, RecordType::AAAA] {
            match self.ask(host, kind).await {
                Answer::Found(records) => addresses.extend(records.into_iter().filter_map(address)),
                Answer::NoRecords => {}
                Answer::NoSuchDomain => last = AddressAnswer::NoSuchDomain,
                Answer::Failed => last = AddressAnswer::Failed(DnsFailure::ServerFailure),
            }
        }
        if addresses.is_empty() { last } else { AddressAnswer::Found(addresses) }
    }

    async fn ask(&self, name: &str, kind: RecordType) -> Answer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&question(name, kind), self.name_server).await.unwrap();
        let mut bytes = [0; 4096];
        let count = socket.recv(&mut bytes).await.unwrap();
        let message = Message::from_vec(&bytes[..count]).unwrap();
        let of_kind = message.answers.iter().filter(|record| record.record_type() == kind);
        let records: Vec<_> = of_kind.map(|record| record.data.clone()).collect();
        match (message.metadata.response_code, self.fault) {
            (ResponseCode::NoError, _) if !records.is_empty() => Answer::Found(records),
            (ResponseCode::NoError, Fault::TakesAbsenceForFailure) => Answer::Failed,
            (ResponseCode::NoError, _) => Answer::NoRecords,
            (ResponseCode::NXDomain, _) => Answer::NoSuchDomain,
            (_, Fault::TakesFailureForAbsence) => Answer::NoSuchDomain,
            _ => Answer::Failed,
        }
    }
}

/// A question with recursion (RFC 1035 §4.1).
fn question(name: &str, kind: RecordType) -> Vec<u8> {
    let mut question = vec![0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(label.len() as u8);
        question.extend_from_slice(label.as_bytes());
    }
    question.push(0);
    question.extend_from_slice(&u16::from(kind).to_be_bytes());
    question.extend_from_slice(&[0, 1]);
    question
}

fn exchanger(record: RData) -> Option<MailExchanger> {
    let RData::MX(mx) = record else { return None };
    let host = mx.exchange.to_ascii().trim_end_matches('.').to_owned();
    Some(MailExchanger { preference: mx.preference, host })
}

fn address(record: RData) -> Option<IpAddr> {
    match record {
        RData::A(a) => Some(a.0.into()),
        RData::AAAA(aaaa) => Some(aaaa.0.into()),
        _ => None,
    }
}

//! The connections of a snapshot in short, `[host, address, is_tls, [stage, reason]]`: their names would be
//! most of it.

use core::net::IpAddr;

use serde::{Deserialize, Deserializer, Serializer};

use crate::verification::evidence::{ConnectionTried, Failure};
use crate::verification::verdict::{Stage, Unknown};

type Short = (Option<u8>, IpAddr, bool, Option<(Stage, Unknown)>);

#[expect(clippy::ptr_arg, reason = "serde gives the field as it is")]
pub(super) fn serialize<S: Serializer>(
    tried: &Vec<ConnectionTried>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let short = |it: &ConnectionTried| -> Short {
        let failure = it.failure.map(|Failure { stage, reason }| (stage, reason));
        (it.host, it.address, it.is_tls, failure)
    };
    serializer.collect_seq(tried.iter().map(short))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ConnectionTried>, D::Error> {
    let long = |(host, address, is_tls, failure): Short| ConnectionTried {
        host,
        address,
        is_tls,
        failure: failure.map(|(stage, reason)| Failure { stage, reason }),
    };
    Ok(Vec::<Short>::deserialize(deserializer)?.into_iter().map(long).collect())
}

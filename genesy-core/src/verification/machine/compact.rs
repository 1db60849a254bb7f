//! What a snapshot holds most of, in short: lists instead of names, and stages by their place in
//! [`Stage::ALL`].

use core::net::IpAddr;
use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hosts::named;
use crate::pii::Pii;
use crate::verification::evidence::{ConnectionTried, Failure, ReplyEvidence};
use crate::verification::messages::MailExchanger;
use crate::verification::reply::EnhancedCode;
use crate::verification::verdict::{Stage, Unknown};

type ShortFailure = (u8, Unknown);
type ShortTried = (Option<u8>, IpAddr, bool, Option<ShortFailure>);
type ShortReply = (u8, u16, Option<EnhancedCode>, Pii<String>, Cow<'static, str>);

/// The names of the hosts: their places are their order.
pub(super) mod hosts {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        hosts: &[MailExchanger],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hosts.iter().map(|it| &it.host))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<MailExchanger>, D::Error> {
        Vec::deserialize(deserializer).map(named)
    }
}

/// `[host, address, is_tls, failure]` of each connection.
pub(super) mod tried {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        tried: &[ConnectionTried],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let short = |it: &ConnectionTried| -> ShortTried {
            (it.host, it.address, it.is_tls, it.failure.map(short_failure))
        };
        serializer.collect_seq(tried.iter().map(short))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<ConnectionTried>, D::Error> {
        let long = |(host, address, is_tls, failure): ShortTried| {
            let failure = failure.map(long_failure).transpose()?;
            Ok(ConnectionTried { host, address, is_tls, failure })
        };
        Vec::<ShortTried>::deserialize(deserializer)?.into_iter().map(long).collect()
    }
}

/// `[stage, reason]`.
pub(super) mod failure {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        failure: &Option<Failure>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        failure.map(short_failure).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Failure>, D::Error> {
        Option::<ShortFailure>::deserialize(deserializer)?.map(long_failure).transpose()
    }
}

/// `[stage, code, enhanced code, text, rule]`.
pub(super) mod reply {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        reply: &Option<ReplyEvidence>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let short = |it: &ReplyEvidence| -> ShortReply {
            (it.stage as u8, it.code, it.enhanced, it.text.clone(), it.rule.clone())
        };
        reply.as_ref().map(short).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ReplyEvidence>, D::Error> {
        let long = |(stage, code, enhanced, text, rule): ShortReply| {
            Ok(ReplyEvidence { stage: stage_at(stage)?, code, enhanced, text, rule })
        };
        Option::<ShortReply>::deserialize(deserializer)?.map(long).transpose()
    }
}

const fn short_failure(failure: Failure) -> ShortFailure {
    (failure.stage as u8, failure.reason)
}

fn long_failure<E: de::Error>((stage, reason): ShortFailure) -> Result<Failure, E> {
    Ok(Failure { stage: stage_at(stage)?, reason })
}

fn stage_at<E: de::Error>(place: u8) -> Result<Stage, E> {
    let stage = Stage::ALL.get(usize::from(place)).copied();
    stage.ok_or_else(|| E::custom("there is no stage of that number"))
}

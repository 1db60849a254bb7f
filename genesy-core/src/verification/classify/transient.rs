//! Replies of the class `4yz`: never the end.

use super::sign::{Sign, Signs};
use super::{
    Classified, Command, Meaning, Refusal, delay, refusal, refusal_by_status, said, status,
};
use crate::verification::reply::Reply;

pub(super) fn classify(command: Command, reply: &Reply<'_>, signs: &Signs) -> Classified {
    let status = status(reply);
    if let Some(rule) = signs.rule(Sign::Tls) {
        return said(Meaning::TlsRequired, rule);
    }
    if status == Some((6, 7)) {
        return said(Meaning::Smtputf8Unsupported, "status-smtputf8");
    }
    if let Some(rule) = signs.rule(Sign::Greylisted) {
        return said(Meaning::Greylisted { retry_after_s: delay::retry_after_s(reply.text) }, rule);
    }
    if matches!(command, Command::Recipient)
        && let Some(of_recipient) = of_recipient(reply, signs, status)
    {
        return of_recipient;
    }
    match refusal(signs) {
        Some(refused) if refused.meaning != Meaning::Refused(Refusal::Policy) => return refused,
        Some(refused) if signs.contains(Sign::Sender) => return refused,
        _ if reply.code == 421 => return said(Meaning::Busy, "code-busy"),
        _ => {}
    }
    if let Some(rule) = later(command, reply, signs, status) {
        return said(Meaning::Greylisted { retry_after_s: delay::retry_after_s(reply.text) }, rule);
    }
    match status {
        // "4.7.1 Service unavailable, try again later" is a server that is not able now.
        Some((7, detail)) if !signs.contains(Sign::Temporary) && !signs.contains(Sign::Later) => {
            refusal(signs).unwrap_or_else(|| refusal_by_status(detail))
        }
        _ => said(Meaning::Busy, "code-busy"),
    }
}

/// What is about the mailbox or the number of recipients.
fn of_recipient(
    reply: &Reply<'_>,
    signs: &Signs,
    status: Option<(u16, u16)>,
) -> Option<Classified> {
    if let Some(rule) = signs.rule(Sign::TooManyRecipients) {
        return Some(said(Meaning::TooManyRecipients, rule));
    }
    match status {
        Some((5, 3)) => Some(said(Meaning::TooManyRecipients, "status-too-many-recipients")),
        Some((2, 2)) => Some(said(Meaning::MailboxFull, "status-mailbox-full")),
        // Gmail: "4.2.1 The user you are trying to contact is receiving mail too quickly".
        Some((2, 1)) => Some(said(Meaning::Busy, "code-busy")),
        Some((3, _)) => None,
        _ => {
            let is_of_sender = signs.contains(Sign::Sender) || signs.contains(Sign::RateLimited);
            let rule = signs.rule(Sign::Full).filter(|_| !is_of_sender && reply.code != 421)?;
            Some(said(Meaning::MailboxFull, rule))
        }
    }
}

/// The rule by which a server that does not name greylisting greylists: it only says "later".
fn later(
    command: Command,
    reply: &Reply<'_>,
    signs: &Signs,
    status: Option<(u16, u16)>,
) -> Option<&'static str> {
    let is_usual = matches!(command, Command::Recipient)
        && matches!(reply.code, 450 | 451)
        && matches!(status, None | Some((7, 0 | 1) | (2, 0) | (0, 0)));
    signs.rule(Sign::Later).filter(|_| is_usual && !signs.contains(Sign::Temporary))
}

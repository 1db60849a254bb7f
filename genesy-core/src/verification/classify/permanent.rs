//! Replies of the class `5yz`.

use super::rules::UNKNOWN_SENTENCE;
use super::sign::{Sign, Signs};
use super::{
    Classified, Meaning, NO_RULE, Refusal, delay, enhanced, refusal, refusal_by_status, said,
    status,
};
use crate::verification::reply::Reply;

/// What Cisco's appliances say of a recipient that is not in the directory, and what others do.
const ADDRESS_REJECTED: [&str; 2] = ["address rejected", "recipient rejected"];

/// What stands in replies of Exchange Online: the name of the host, the date of its filter, or the address
/// of its help.
const EXCHANGE_ONLINE: [&str; 3] =
    [".prod.protection.outlook.com", "as(2018", "aka.ms/exosmtperrors"];

/// Signs that leave open what a reply is about.
const IN_DOUBT: [Sign; 4] = [Sign::Doubt, Sign::Temporary, Sign::Later, Sign::NotUnderstood];

/// A reply to RCPT TO. The order is the rule: first what is not about the recipient.
pub(super) fn of_recipient(reply: &Reply<'_>, signs: &Signs) -> Classified {
    let status = status(reply);
    if let Some(about_client) = about_client(reply, signs, status) {
        return about_client;
    }
    if let Some(rule) = signs.rule(Sign::TooManyRecipients) {
        return said(Meaning::TooManyRecipients, rule);
    }
    if status == Some((5, 3)) {
        return said(Meaning::TooManyRecipients, "status-too-many-recipients");
    }
    if let Some(rule) = signs.rule(Sign::Greylisted) {
        return said(Meaning::Greylisted { retry_after_s: delay::retry_after_s(reply.text) }, rule);
    }
    if let Some(full) = full(signs, status) {
        return full;
    }
    if matches!(status, Some((1, 7 | 8))) {
        return said(Meaning::Refused(Refusal::Policy), "status-sender-address");
    }
    if let Some(refused) =
        refusal(signs).filter(|refused| !is_mere(refused.rule, reply, signs, status))
    {
        return refused;
    }
    let is_of_another_class = enhanced(reply).is_some() && status.is_none();
    let in_doubt = IN_DOUBT.iter().find_map(|sign| signs.rule(*sign));
    match (in_doubt, undeliverable(reply, signs, status)) {
        (None, Some(found)) if !is_of_another_class && !is_of_command(reply, status, found) => {
            found
        }
        (Some(rule), _) if !matches!(reply.code, 500..=504) => said(Meaning::Unclear, rule),
        _ if matches!(reply.code, 500..=504) => said(Meaning::NotUnderstood, "code-not-understood"),
        _ => said(Meaning::Unclear, NO_RULE),
    }
}

/// Whether the words that refuse say no more than the code does, because the rest says why.
fn is_mere(rule: &str, reply: &Reply<'_>, signs: &Signs, status: Option<(u16, u16)>) -> bool {
    let is_agreed = matches!(status, Some((1, 1 | 10))) && signs.contains(Sign::NoSuchMailbox);
    let nobody = signs.rule(Sign::NoSuchMailbox);
    let is_closed = matches!(status, None | Some((2, 1) | (1, 1))) && signs.contains(Sign::Closed);
    [
        (Sign::Refused, is_agreed),
        (Sign::Denied, nobody.is_some()),
        (Sign::Reason, nobody.is_some() || is_closed),
        (Sign::AccessDenied, is_edge_blocked(reply, signs, status)),
    ]
    .iter()
    .any(|(sign, is_mere)| *is_mere && signs.rule(*sign) == Some(rule))
}

/// Whether Exchange Online blocks at its edge, since the recipient is not in the directory.
fn is_edge_blocked(reply: &Reply<'_>, signs: &Signs, status: Option<(u16, u16)>) -> bool {
    status == Some((4, 1)) && signs.contains(Sign::AccessDenied) && {
        let text = reply.text.to_ascii_lowercase();
        EXCHANGE_ONLINE.iter().any(|mark| text.contains(mark))
    }
}

/// Whether a sentence is about the command, by a code that is (RFC 5321 §4.2.2): "501 Invalid RCPT TO address".
/// But X.1.1 and X.1.3 are about the address.
fn is_of_command(reply: &Reply<'_>, status: Option<(u16, u16)>, found: Classified) -> bool {
    let is_of_address = matches!(status, Some((1, 1 | 3)));
    matches!(reply.code, 500..=504) && !is_of_address && found.rule == UNKNOWN_SENTENCE
}

/// Whether X.2.1 can be about the recipient: the text names it, and the code is not that of a host
/// that takes no mail (RFC 7504). AOL gave X.2.1 to clients that it blocked.
fn is_of_mailbox(reply: &Reply<'_>, signs: &Signs) -> bool {
    let is_named = [Sign::Recipient, Sign::MailboxUnavailable, Sign::AddressRejected];
    reply.code != 521 && is_named.iter().any(|sign| signs.contains(*sign))
}

/// A reply to an earlier command: nothing of it is about the recipient.
pub(super) fn before_recipient(reply: &Reply<'_>, signs: &Signs) -> Classified {
    let status = status(reply);
    // A command that is unknown is unknown, whatever the text quotes.
    if matches!(reply.code, 500 | 502) {
        return said(Meaning::NotUnderstood, "code-not-understood");
    }
    if let Some(about_client) = about_client(reply, signs, status) {
        return about_client;
    }
    if let Some(rule) = signs.rule(Sign::Greylisted) {
        return said(Meaning::Greylisted { retry_after_s: delay::retry_after_s(reply.text) }, rule);
    }
    match (refusal(signs), status) {
        (Some(refused), _) => refused,
        (None, Some((1, 7 | 8))) => {
            said(Meaning::Refused(Refusal::Policy), "status-sender-address")
        }
        (None, _) if matches!(reply.code, 501 | 503 | 504) => {
            said(Meaning::NotUnderstood, "code-not-understood")
        }
        (None, _) => said(Meaning::Unclear, NO_RULE),
    }
}

/// What is about the client or its abilities by its code, whatever else the text says.
fn about_client(
    reply: &Reply<'_>,
    signs: &Signs,
    status: Option<(u16, u16)>,
) -> Option<Classified> {
    if status == Some((6, 7)) {
        return Some(said(Meaning::Smtputf8Unsupported, "status-smtputf8"));
    }
    if let Some(rule) = signs.rule(Sign::Tls) {
        return Some(said(Meaning::TlsRequired, rule));
    }
    if let Some(rule) = signs.rule(Sign::Smtputf8) {
        return Some(said(Meaning::Smtputf8Unsupported, rule));
    }
    // Also an enhanced code of another class: the subject 7 is never about the recipient.
    if let Some(enhanced) = enhanced(reply).filter(|code| code.subject == 7) {
        let by_status = refusal_by_status(enhanced.detail);
        return Some(match by_status.rule {
            "status-policy" => refusal(signs).unwrap_or(by_status),
            _ => by_status,
        });
    }
    matches!(reply.code, 530 | 534 | 535 | 538)
        .then(|| said(Meaning::Refused(Refusal::Authentication), "code-authentication"))
}

fn full(signs: &Signs, status: Option<(u16, u16)>) -> Option<Classified> {
    if status == Some((2, 2)) {
        return Some(said(Meaning::MailboxFull, "status-mailbox-full"));
    }
    let is_of_sender = signs.contains(Sign::Sender) || signs.contains(Sign::RateLimited);
    let rule = signs.rule(Sign::Full).filter(|_| !is_of_sender && !signs.contains(Sign::Doubt))?;
    Some(said(Meaning::MailboxFull, rule))
}

/// What says that the recipient cannot be reached, if nothing stands against it.
fn undeliverable(
    reply: &Reply<'_>,
    signs: &Signs,
    status: Option<(u16, u16)>,
) -> Option<Classified> {
    // X.3.2 is about the whole system, X.6.z about the content of a message (RFC 3463 §3.4, §3.7).
    if matches!(status, Some((3, 2) | (6, _))) {
        return None;
    }
    let nobody = signs.rule(Sign::NoSuchMailbox);
    if let Some(rule) = signs.rule(Sign::Moved)
        && (reply.code == 551 || status == Some((1, 6)))
    {
        return Some(said(Meaning::Moved, rule));
    }
    if let Some(rule) = signs.rule(Sign::NoSuchDomain) {
        return Some(said(Meaning::NoSuchDomain, rule));
    }
    if let (Some(rule), None) = (signs.rule(Sign::Closed), nobody)
        && !signs.contains(Sign::Again)
    {
        return Some(said(Meaning::MailboxDisabled, rule));
    }
    if let Some(rule) = nobody {
        return Some(said(Meaning::NoSuchMailbox, rule));
    }
    let by_text = |sign| signs.rule(sign).map(|rule| said(Meaning::NoSuchMailbox, rule));
    match status {
        Some((1, 1)) => Some(said(Meaning::NoSuchMailbox, "status-no-such-mailbox")),
        Some((1, 2)) => Some(said(Meaning::NoSuchDomain, "status-no-such-domain")),
        Some((1, 3)) => Some(said(Meaning::NoSuchMailbox, "status-bad-syntax")),
        Some((1, 10)) if reply.code == 556 => Some(said(Meaning::NoSuchDomain, "status-null-mx")),
        Some((1, 10)) => Some(said(Meaning::NoSuchMailbox, "status-recipient-not-found")),
        Some((2, 1)) if is_of_mailbox(reply, signs) => {
            Some(said(Meaning::MailboxDisabled, "status-mailbox-disabled"))
        }
        Some((4, 1)) if is_edge_blocked(reply, signs, status) => {
            Some(said(Meaning::NoSuchMailbox, "exchange-edge-blocking"))
        }
        Some((5, 0)) => by_text(Sign::MailboxUnavailable),
        Some((1, 0)) => by_text(Sign::AddressRejected).filter(|_| only_rejects(reply.text)),
        None => by_text(Sign::NotOurCustomer).or_else(|| {
            by_text(Sign::AddressRejected).filter(|_| only_rejects_recipient(reply.text, signs))
        }),
        Some(_) => None,
    }
}

/// Whether that is all that a text says, but for an address and what stands in brackets.
fn only_rejects(text: &str) -> bool {
    let mut text = text;
    // An address in front, or the codes once more: "550 #5.1.0 Address rejected".
    while let Some((front, rest)) = text.split_once(' ')
        && (front.contains('@')
            || front.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'#')))
    {
        text = rest;
    }
    ADDRESS_REJECTED.iter().any(|words| {
        text.split_at_checked(words.len()).is_some_and(|(start, rest)| {
            let rest = rest.trim_start_matches(['.', ':', ' ']);
            let names_address = rest.split(' ').next().is_some_and(|word| word.contains('@'));
            let is_all = rest.is_empty() || rest.starts_with('(') || names_address;
            start.eq_ignore_ascii_case(words) && is_all
        })
    })
}

/// Whether that is all that a text says of the recipient's address. Postfix writes "<address>: Recipient
/// address rejected" of its policy, too.
fn only_rejects_recipient(text: &str, signs: &Signs) -> bool {
    let is_after_address =
        text.split_once(' ').is_some_and(|(front, _)| front.contains('@') && !front.ends_with(':'));
    is_after_address && signs.contains(Sign::Recipient) && only_rejects(text)
}

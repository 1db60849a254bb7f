//! Replies of the class `5yz`.

use super::sign::{Sign, Signs};
use super::{Classified, Meaning, Refusal, delay, refusal, refusal_by_status, said, status};
use crate::verification::reply::Reply;

/// What Cisco's appliances say of a recipient that is not in the directory.
const ADDRESS_REJECTED: &str = "address rejected";

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
    // "Refused" says no more than the code does if the enhanced code and the text agree on the rest.
    let is_agreed = matches!(status, Some((1, 1 | 10))) && signs.contains(Sign::NoSuchMailbox);
    let is_mere =
        |refused: &Classified| is_agreed && Some(refused.rule) == signs.rule(Sign::Refused);
    if let Some(refused) = refusal(signs).filter(|refused| !is_mere(refused)) {
        return refused;
    }
    let is_of_another_class = reply.enhanced.is_some() && status.is_none();
    let in_doubt = IN_DOUBT.iter().find_map(|sign| signs.rule(*sign));
    match (in_doubt, undeliverable(reply, signs, status)) {
        (None, Some(found)) if !is_of_another_class => found,
        (Some(rule), _) if !matches!(reply.code, 500..=504) => said(Meaning::Unclear, rule),
        _ if matches!(reply.code, 500..=504) => said(Meaning::NotUnderstood, "code-not-understood"),
        _ => said(Meaning::Unclear, "no-rule"),
    }
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
        (None, _) => said(Meaning::Unclear, "no-rule"),
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
    if let Some(enhanced) = reply.enhanced.filter(|code| code.subject == 7) {
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
    let nobody = signs.rule(Sign::NoSuchMailbox);
    if let Some(rule) = signs.rule(Sign::Moved)
        && (reply.code == 551 || status == Some((1, 6)))
    {
        return Some(said(Meaning::Moved, rule));
    }
    if let Some(rule) = signs.rule(Sign::NoSuchDomain) {
        return Some(said(Meaning::NoSuchDomain, rule));
    }
    if let (Some(rule), None) = (signs.rule(Sign::Closed), nobody) {
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
        Some((2, 1)) => Some(said(Meaning::MailboxDisabled, "status-mailbox-disabled")),
        Some((4, 1)) => by_text(Sign::EdgeBlocking),
        None | Some((5, 0) | (2, 0)) => by_text(Sign::MailboxUnavailable),
        Some((1, 0)) => {
            let start = reply.text.get(..ADDRESS_REJECTED.len());
            let is_cisco = start.is_some_and(|start| start.eq_ignore_ascii_case(ADDRESS_REJECTED));
            by_text(Sign::AddressRejected).filter(|_| is_cisco)
        }
        Some(_) => None,
    }
}

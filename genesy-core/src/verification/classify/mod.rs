//! What a reply of an SMTP server means for the address that is verified.
//!
//! Servers use the codes as they like: `550` is a mailbox that nobody has, a blocklist, or a whim. So
//! the enhanced status code (RFC 3463) and the text count too, and these rules hold whatever they say:
//!
//! - an address is undeliverable only by a `5yz` reply to RCPT TO, and only if the enhanced code is X.1.1,
//!   X.1.2, X.1.3, X.1.10 or, if the text names the recipient, X.2.1, or the text says so;
//! - X.7.z is about who asks, never about the recipient; `4yz` is never the end;
//! - a reply that says both, as `5.1.1` with a text about a blocklist, is not about the recipient;
//! - a bare `550` or `554` says nothing, and nor do Postfix's "Recipient address rejected" and the words of
//!   RFC 5321 for 550, "mailbox unavailable": servers use both for their policy, too. Two services have
//!   forms of their own: Outlook.com's 5.5.0, and 5.4.1 of Exchange Online's edge.
//!
//! Few texts are listed as they are. The others are understood by their parts: a noun for the recipient, and
//! what says that nobody is called so, near it. A reply that says nothing is read once more without its slips.
//!
//! ```
//! use genesy_core::verification::classify::{Command, Meaning, Refusal, classify};
//! use genesy_core::verification::reply::ReplyReader;
//!
//! let mut reader = ReplyReader::default();
//! let mut meaning = |mut bytes: &[u8]| {
//!     let reply = reader.read(&mut bytes).expect("it is whole").expect("it is well formed");
//!     classify(Command::Recipient, &reply, Some("ada@example.com")).meaning
//! };
//! assert_eq!(meaning(b"550 No such user here\r\n"), Meaning::NoSuchMailbox);
//! assert_eq!(meaning(b"550 5.7.1 No such user here\r\n"), Meaning::Refused(Refusal::Policy));
//! assert_eq!(meaning(b"550 5.1.1 Client host is listed by zen.spamhaus.org\r\n"), Meaning::Refused(Refusal::Reputation));
//! assert_eq!(meaning(b"550 Rejected\r\n"), Meaning::Unclear);
//! ```

mod delay;
mod meaning;
mod names;
mod parts;
mod permanent;
mod rules;
mod scan;
mod sentence;
mod sign;
mod slips;
mod sources;
mod transient;
mod vocabulary;
mod words;

pub use self::meaning::{Classified, Command, Meaning, Refusal};
use self::sign::{Sign, Signs};
pub use self::sources::source;
use super::reply::{EnhancedCode, Reply};

/// The rule of a reply that says nothing.
const NO_RULE: &str = "no-rule";

/// What `reply`, the answer to `command`, means for `recipient`, the address of the RCPT TO command.
///
/// The words of the recipient's address do not count as words of the reply.
#[must_use]
#[inline]
pub fn classify(command: Command, reply: &Reply<'_>, recipient: Option<&str>) -> Classified {
    if reply.is_positive() {
        said(Meaning::Accepted, "positive")
    } else {
        classify_failure(command, reply, recipient)
    }
}

fn classify_failure(command: Command, reply: &Reply<'_>, recipient: Option<&str>) -> Classified {
    match reply.code {
        400..=499 => transient::classify(command, reply, &scan::signs(reply.text, recipient)),
        500..=599 => {
            let signs = scan::signs(reply.text, recipient);
            match command {
                Command::Recipient => {
                    let found = permanent::of_recipient(reply, &signs);
                    mended(reply, &signs, recipient, found).unwrap_or(found)
                }
                Command::Greeting | Command::Hello | Command::StartTls | Command::Mail => {
                    permanent::before_recipient(reply, &signs)
                }
            }
        }
        _ => said(Meaning::Unclear, NO_RULE),
    }
}

/// What `reply` means without its slips, if it says nothing with them.
fn mended(
    reply: &Reply<'_>,
    signs: &Signs,
    recipient: Option<&str>,
    found: Classified,
) -> Option<Classified> {
    let says_nothing = found.rule == NO_RULE && !signs.contains(Sign::MailboxUnavailable);
    let text = says_nothing.then(|| slips::mended(reply.text)).flatten()?;
    let reply = Reply { text: &text, ..*reply };
    Some(permanent::of_recipient(&reply, &scan::signs(&text, recipient)))
}

const fn said(meaning: Meaning, rule: &'static str) -> Classified {
    Classified { meaning, rule }
}

/// Subject and detail of the enhanced code; the class is that of the reply, or the code does not count.
fn status(reply: &Reply<'_>) -> Option<(u16, u16)> {
    let enhanced = enhanced(reply).filter(|code| u16::from(code.class) == reply.code / 100)?;
    Some((enhanced.subject, enhanced.detail))
}

/// The enhanced code, also behind a code that is repeated: "550 550 5.1.1 ...".
fn enhanced(reply: &Reply<'_>) -> Option<EnhancedCode> {
    reply.enhanced.or_else(|| {
        // Before anything that takes longer: few texts begin so.
        reply.text.as_bytes().first().filter(|first| first.is_ascii_digit())?;
        let (code, text) = reply.text.split_once(' ')?;
        let is_repeated = code.parse() == Ok(reply.code);
        text.split(' ').next().filter(|_| is_repeated)?.trim_start_matches('#').parse().ok()
    })
}

/// What makes it about who asks, the most telling first.
fn refusal(signs: &Signs) -> Option<Classified> {
    const REFUSALS: [(Sign, Refusal); 10] = [
        (Sign::NoPtr, Refusal::NoPtr),
        (Sign::RateLimited, Refusal::RateLimited),
        (Sign::Reputation, Refusal::Reputation),
        (Sign::Authentication, Refusal::Authentication),
        (Sign::Sender, Refusal::Policy),
        (Sign::Policy, Refusal::Policy),
        (Sign::Refused, Refusal::Policy),
        (Sign::AccessDenied, Refusal::Policy),
        (Sign::Denied, Refusal::Policy),
        (Sign::Reason, Refusal::Policy),
    ];
    REFUSALS.iter().find_map(|(sign, refusal)| {
        signs.rule(*sign).map(|rule| said(Meaning::Refused(*refusal), rule))
    })
}

/// What an enhanced code of the subject 7 means if the text does not say more.
fn refusal_by_status(detail: u16) -> Classified {
    match detail {
        8 | 9 | 57 => said(Meaning::Refused(Refusal::Authentication), "status-authentication"),
        20..=24 | 26 => {
            said(Meaning::Refused(Refusal::Authentication), "status-sender-authentication")
        }
        25 => said(Meaning::Refused(Refusal::NoPtr), "status-no-ptr"),
        28 => said(Meaning::Refused(Refusal::RateLimited), "status-mail-flood"),
        10 | 11 => said(Meaning::TlsRequired, "status-encryption"),
        _ => said(Meaning::Refused(Refusal::Policy), "status-policy"),
    }
}

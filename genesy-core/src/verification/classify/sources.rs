//! Where each rule is written.

use super::rules::{CLOSED_SENTENCE, PHRASE_RULES, UNKNOWN_SENTENCE};

/// The rules that look at codes, and at how words stand to each other.
const CODE_RULES: &[(&str, &str)] = &[
    ("positive", "RFC 5321 §4.2.1: 2yz"),
    ("code-busy", "RFC 5321 §4.2.1: 421 and 4yz"),
    ("code-not-understood", "RFC 5321 §4.2.2: 500 to 504"),
    ("code-authentication", "RFC 4954 §6: 530, 534, 535, 538"),
    (super::NO_RULE, "RFC 5321 §4.2.1: a code alone says too little"),
    ("status-no-such-mailbox", "RFC 3463 §3.2: X.1.1 bad destination mailbox address"),
    ("status-no-such-domain", "RFC 3463 §3.2: X.1.2 bad destination system address"),
    ("status-bad-syntax", "RFC 3463 §3.2: X.1.3 bad destination mailbox address syntax"),
    ("status-sender-address", "RFC 3463 §3.2: X.1.7, X.1.8 bad sender's address"),
    ("status-null-mx", "RFC 7505 §4.2: X.1.10 recipient address has null MX"),
    ("status-recipient-not-found", "Exchange Online: 5.1.10 recipient not found"),
    ("status-mailbox-disabled", "RFC 3463 §3.3: X.2.1 mailbox disabled, not accepting messages"),
    ("status-mailbox-full", "RFC 3463 §3.3: X.2.2 mailbox full"),
    ("status-too-many-recipients", "RFC 3463 §3.6: X.5.3 too many recipients"),
    ("status-smtputf8", "RFC 6531 §3.5: X.6.7 non-ASCII addresses not permitted"),
    ("status-policy", "RFC 3463 §3.8: X.7.z security or policy"),
    ("status-authentication", "RFC 4954 §6: X.7.8, X.7.9; Exchange: 5.7.57"),
    ("status-sender-authentication", "RFC 7372 §3: X.7.20 to X.7.24, X.7.26"),
    ("status-no-ptr", "RFC 7372 §3.3: X.7.25 reverse DNS validation failed"),
    ("status-mail-flood", "RFC 5248 registry: X.7.28 mail flood detected; Gmail"),
    ("status-encryption", "RFC 5248 registry: X.7.10 encryption needed; RFC 4954 §6: X.7.11"),
    (UNKNOWN_SENTENCE, "servers' wordings by grammar: a noun for the recipient and a predicate"),
    ("exchange-edge-blocking", "Exchange Online: directory-based edge blocking, 5.4.1"),
    (CLOSED_SENTENCE, "servers' wordings by grammar: a noun for the recipient and a predicate"),
];

/// Where the rule of a [`Classified`](super::Classified) is written.
#[must_use]
pub fn source(rule: &str) -> Option<&'static str> {
    let by_code = CODE_RULES.iter().find(|(id, _)| *id == rule).map(|(_, source)| *source);
    by_code.or_else(|| PHRASE_RULES.iter().find(|known| known.id == rule).map(|known| known.source))
}

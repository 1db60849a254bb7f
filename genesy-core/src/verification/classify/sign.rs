//! What a text can say, and which rule found it to.

/// One thing that a text can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Sign {
    /// The text names the recipient: a noun for it, or its address.
    Recipient,
    NoSuchMailbox,
    /// The words of RFC 5321 for 550, which servers use for nobody in particular, too.
    MailboxUnavailable,
    AddressRejected,
    /// "Recipient address rejected: Access denied", which is Exchange Online's for nobody, too.
    AccessDenied,
    /// Comcast's words for a recipient and for a sender.
    NotOurCustomer,
    NoSuchDomain,
    Moved,
    Closed,
    Full,
    Greylisted,
    Later,
    /// Words that people also hear who mistyped an address.
    Again,
    Temporary,
    Reputation,
    RateLimited,
    TooManyRecipients,
    Authentication,
    NoPtr,
    Tls,
    Smtputf8,
    Sender,
    Policy,
    /// The server refuses, and may mean anything.
    Refused,
    /// It refuses, and often says why: "Refused. User unknown".
    Denied,
    /// Words before a reason, or of an administrator: they refuse if nothing else is said.
    Reason,
    Doubt,
    NotUnderstood,
}

/// How many signs there are.
const SIGNS: usize = Sign::NotUnderstood as usize + 1;

/// The signs of a text, each with the id of the first rule that found it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs([Option<&'static str>; SIGNS]);

impl Signs {
    pub(super) fn insert(&mut self, sign: Sign, rule: &'static str) {
        self.0[sign as usize].get_or_insert(rule);
    }

    /// The rule that found `sign`.
    pub(super) const fn rule(&self, sign: Sign) -> Option<&'static str> {
        self.0[sign as usize]
    }

    pub(super) const fn contains(&self, sign: Sign) -> bool {
        self.rule(sign).is_some()
    }
}

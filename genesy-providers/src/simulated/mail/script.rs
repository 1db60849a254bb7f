//! How a mail host behaves, as plain data.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::trick::{Stage, Trick};

/// What Postfix says of a recipient that it does not know. `{}` is the address.
const UNKNOWN: &str = "550 5.1.1 <{}>: Recipient address rejected: \
    User unknown in local recipient table";
/// What a host that greylists says. `{}` is the address.
const GREYLISTED: &str = "450 4.2.0 <{}>: Recipient address rejected: Greylisted, \
    please try again in 300 seconds";
/// What a plain Postfix waits at a recipient: about the half of its `in_flow_delay`.
const POSTFIX_RCPT_DELAY: Duration = Duration::from_millis(500);

/// How a mail host behaves. By default it accepts every recipient, offers `PIPELINING`,
/// `ENHANCEDSTATUSCODES` and `8BITMIME`, has no TLS, and answers at once.
///
/// ```
/// use std::time::Duration;
/// use genesy_providers::simulated::mail::{Mailbox, Script, Stage, Trick};
///
/// let script = Script::with_mailboxes(["ada@engines.example"])
///     .mailbox("charles@engines.example", Mailbox::Full)
///     .starttls()
///     .delay_at(Stage::Greeting, Duration::from_millis(100))
///     .trick_at(Stage::RcptTo, 3, Trick::Reset);
/// ```
#[derive(Clone)]
pub struct Script {
    pub(super) mailboxes: Mailboxes,
    pub(super) unknown: String,
    pub(super) has_postmaster: bool,
    pub(super) refusals: BTreeMap<Stage, String>,
    tricks: Vec<Placed>,
    delay: Duration,
    delays: BTreeMap<Stage, Duration>,
    pub(super) greylisting: Option<Greylisting>,
    pub(super) knows_ehlo: bool,
    pub(super) pipelining: bool,
    pub(super) smtputf8: bool,
    pub(super) starttls: bool,
    pub(super) requires_tls: bool,
    pub(super) recipients_per_transaction_max: Option<u32>,
    pub(super) recipients_per_session_max: Option<u32>,
    pub(super) connections_max: Option<u64>,
    pub(super) is_sink: bool,
}

/// Who gets mail at a host.
#[derive(Clone)]
pub(super) enum Mailboxes {
    /// Everybody but these.
    All(BTreeMap<String, Mailbox>),
    /// These alone.
    Only(BTreeMap<String, Mailbox>),
}

/// How the mailbox of a recipient is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mailbox {
    /// It takes mail.
    Exists,
    /// It is unknown, also at a host that accepts everybody else.
    Unknown,
    /// `452 4.2.2`: over quota.
    Full,
    /// `550 5.2.1`: disabled.
    Disabled,
    /// `551 5.1.6`: moved to this address.
    Moved(String),
    /// Any reply, a code with a text and without the line end. `{}` is the recipient.
    Says(String),
}

/// How a host greylists.
#[derive(Debug, Clone)]
pub(super) struct Greylisting {
    pub(super) wait: Duration,
    pub(super) text: String,
}

#[derive(Debug, Clone)]
struct Placed {
    stage: Stage,
    /// Which command of the stage in a session, from 1; none if all.
    nth: Option<u32>,
    trick: Trick,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            mailboxes: Mailboxes::All(BTreeMap::new()),
            unknown: UNKNOWN.to_owned(),
            has_postmaster: true,
            refusals: BTreeMap::new(),
            tricks: Vec::new(),
            delay: Duration::ZERO,
            delays: BTreeMap::new(),
            greylisting: None,
            knows_ehlo: true,
            pipelining: true,
            smtputf8: false,
            starttls: false,
            requires_tls: false,
            recipients_per_transaction_max: None,
            recipients_per_session_max: None,
            connections_max: None,
            is_sink: false,
        }
    }
}

impl Script {
    /// A host that knows these recipients and no others but the postmaster. Case does not count.
    pub fn with_mailboxes<A: AsRef<str>>(addresses: impl IntoIterator<Item = A>) -> Self {
        let exists = |address: A| (address.as_ref().to_ascii_lowercase(), Mailbox::Exists);
        let mailboxes = Mailboxes::Only(addresses.into_iter().map(exists).collect());
        Self { mailboxes, ..Self::default() }
    }

    /// A host for benches that costs as little as it can. It keeps to the delays of the commands (the
    /// longest of those of a batch), the recipients that exist and the texts of refusals by default;
    /// it knows no tricks, no TLS, no limits, and keeps no transcripts.
    pub fn sink(self) -> Self {
        Self { is_sink: true, ..self }
    }

    /// Sets how a recipient's mailbox is.
    pub fn mailbox(mut self, address: &str, mailbox: Mailbox) -> Self {
        let (Mailboxes::All(known) | Mailboxes::Only(known)) = &mut self.mailboxes;
        let mailbox = match mailbox {
            Mailbox::Moved(to) => {
                Mailbox::Says(format!("551 5.1.6 User not local; please try <{to}>"))
            }
            other => other,
        };
        known.insert(address.to_ascii_lowercase(), mailbox);
        self
    }

    /// Sets what is said of unknown recipients: a code with a text. `{}` is the recipient.
    pub fn unknown(self, text: impl Into<String>) -> Self {
        Self { unknown: text.into(), ..self }
    }

    /// The postmaster is a recipient like others, where RFC 5321 (section 4.5.1) asks for one.
    pub fn no_postmaster(self) -> Self {
        Self { has_postmaster: false, ..self }
    }

    /// Refuses whatever comes at a stage: a code with a text, without the line end. `{}` is the recipient.
    /// Behind 421 the host closes the connection; behind another refusal at the greeting it answers all
    /// but `QUIT` by 503, as RFC 5321 (section 3.1) has it.
    pub fn refuse(mut self, stage: Stage, text: impl Into<String>) -> Self {
        self.refusals.insert(stage, text.into());
        self
    }

    /// Plays a trick at all replies of a stage.
    pub fn trick(mut self, stage: Stage, trick: Trick) -> Self {
        self.tricks.push(Placed { stage, nth: None, trick });
        self
    }

    /// Plays a trick at the `nth` reply of a stage in a session, counted from 1.
    pub fn trick_at(mut self, stage: Stage, nth: u32, trick: Trick) -> Self {
        self.tricks.push(Placed { stage, nth: Some(nth), trick });
        self
    }

    /// Waits before every reply.
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Waits before the replies of a stage, instead of what [`delay`](Self::delay) says.
    pub fn delay_at(mut self, stage: Stage, delay: Duration) -> Self {
        self.delays.insert(stage, delay);
        self
    }

    /// Takes half a second for each recipient, as a plain Postfix does when no message follows.
    pub fn postfix_pace(self) -> Self {
        self.delay_at(Stage::RcptTo, POSTFIX_RCPT_DELAY)
    }

    /// Refuses a sender's recipient with `450 4.2.0` until `wait` after the first attempt. The
    /// text speaks of 300 seconds, whatever the wait is.
    pub fn greylisting(self, wait: Duration) -> Self {
        self.greylisting_says(wait, GREYLISTED)
    }

    /// Greylists with another text. `{}` is the recipient.
    pub fn greylisting_says(self, wait: Duration, text: impl Into<String>) -> Self {
        Self { greylisting: Some(Greylisting { wait, text: text.into() }), ..self }
    }

    /// Knows `HELO` alone.
    pub fn helo_only(self) -> Self {
        Self { knows_ehlo: false, ..self }
    }

    /// Does not offer `PIPELINING` (RFC 2920). It takes pipelined commands nevertheless.
    pub fn no_pipelining(self) -> Self {
        Self { pipelining: false, ..self }
    }

    /// Offers `SMTPUTF8` (RFC 6531).
    pub fn smtputf8(self) -> Self {
        Self { smtputf8: true, ..self }
    }

    /// Offers `STARTTLS` (RFC 3207) with a certificate that it signed itself.
    pub fn starttls(self) -> Self {
        Self { starttls: true, ..self }
    }

    /// Offers `STARTTLS`, and answers `MAIL` before it by `530 5.7.0`.
    pub fn requires_tls(self) -> Self {
        Self { requires_tls: true, ..self.starttls() }
    }

    /// Answers `452 4.5.3` to the recipients of a transaction beyond so many.
    pub fn recipients_per_transaction_max(self, max: u32) -> Self {
        Self { recipients_per_transaction_max: Some(max), ..self }
    }

    /// Answers `421` to the recipients of a session beyond so many, and closes it.
    pub fn recipients_per_session_max(self, max: u32) -> Self {
        Self { recipients_per_session_max: Some(max), ..self }
    }

    /// Greets by `421` when so many other connections are open.
    pub fn connections_max(self, max: u64) -> Self {
        Self { connections_max: Some(max), ..self }
    }

    /// The trick at the `nth` reply of a stage. One for this reply goes before one for all.
    pub(super) fn trick_for(&self, stage: Stage, nth: u32) -> Option<&Trick> {
        let here = |placed: &&Placed| placed.stage == stage;
        let this = self.tricks.iter().filter(here).find(|placed| placed.nth == Some(nth));
        let all = || self.tricks.iter().filter(here).find(|placed| placed.nth.is_none());
        this.or_else(all).map(|placed| &placed.trick)
    }

    pub(super) fn delay_for(&self, stage: Stage) -> Duration {
        self.delays.get(&stage).copied().unwrap_or(self.delay)
    }
}

/// Mailboxes are not shown.
impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("tricks", &self.tricks).finish_non_exhaustive()
    }
}

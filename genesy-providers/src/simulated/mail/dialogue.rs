//! What a host replies, as a function of what was said.

use super::greylist::Greylist;
use super::script::{Mailbox, Mailboxes, Script};
use super::trick::Stage;

/// Bytes of an address that a reply repeats, at most. A path is no longer (RFC 5321, section 4.5.3.1.3).
const QUOTED_BYTES_MAX: usize = 256;

/// A session as the host sees it.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    /// The greeting was a refusal.
    refused: bool,
    greeted: bool,
    pub(super) in_tls: bool,
    sender: Option<String>,
    recipients_in_transaction: u32,
    recipients_in_session: u32,
}

/// A reply, and what comes behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) stage: Stage,
    /// All of its lines, with their ends.
    pub(super) text: String,
    pub(super) next: Next,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Continue,
    Close,
    StartTls,
}

impl Dialogue {
    /// The reply to the connection.
    pub(super) fn greet(&mut self, script: &Script, host: &str, too_many: bool) -> Answer {
        if too_many {
            let text = format!("421 4.7.0 {host} Error: too many connections from your address");
            return reply(Stage::Greeting, &text);
        }
        let Some(refusal) = script.refusals.get(&Stage::Greeting) else {
            return reply(Stage::Greeting, &format!("220 {host} ESMTP"));
        };
        self.refused = true;
        reply(Stage::Greeting, refusal)
    }

    /// The reply to a line, which comes without its end.
    pub(super) fn answer(
        &mut self,
        line: &[u8],
        script: &Script,
        host: &str,
        greylist: &Greylist,
    ) -> Answer {
        let line = String::from_utf8_lossy(line);
        let stage = stage_of(&line);
        if stage == Stage::Quit {
            let text = script.refusals.get(&stage).map_or("221 2.0.0 Bye", String::as_str);
            return Answer { next: Next::Close, ..reply(stage, text) };
        }
        if self.refused {
            return reply(stage, "503 5.5.1 Error: bad sequence of commands");
        }
        if stage == Stage::RcptTo {
            return self.recipient(&line, script, greylist);
        }
        if let Some(refusal) = script.refusals.get(&stage) {
            return reply(stage, refusal);
        }
        match stage {
            Stage::Ehlo if !script.knows_ehlo => {
                reply(stage, "502 5.5.2 Error: command not recognized")
            }
            Stage::Ehlo => {
                self.begin();
                Answer { stage, text: self.extensions(script, host), next: Next::Continue }
            }
            Stage::Helo => {
                self.begin();
                reply(stage, &format!("250 {host}"))
            }
            Stage::StartTls => self.start_tls(script),
            Stage::MailFrom => self.sender(&line, script),
            Stage::Data => reply(stage, "554 5.3.0 Error: this host takes no mail"),
            Stage::Rset => {
                self.reset();
                reply(stage, "250 2.0.0 Ok")
            }
            Stage::Noop => reply(stage, "250 2.0.0 Ok"),
            // The others were answered above, or are no commands.
            Stage::Greeting | Stage::TlsHandshake | Stage::RcptTo | Stage::Quit | Stage::Other => {
                reply(stage, "502 5.5.2 Error: command not recognized")
            }
        }
    }

    /// TLS is there, and nothing that was said before it counts (RFC 3207, section 4.2).
    pub(super) fn enter_tls(&mut self) {
        *self = Self { in_tls: true, ..Self::default() };
    }

    fn begin(&mut self) {
        self.greeted = true;
        self.reset();
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients_in_transaction = 0;
    }

    fn extensions(&self, script: &Script, host: &str) -> String {
        let offered = [
            (script.pipelining, "PIPELINING"),
            (script.starttls && !self.in_tls, "STARTTLS"),
            (script.smtputf8, "SMTPUTF8"),
            (true, "ENHANCEDSTATUSCODES"),
        ];
        let mut text = format!("250-{host}\r\n");
        for (_, extension) in offered.iter().filter(|(is_offered, _)| *is_offered) {
            text.push_str(&format!("250-{extension}\r\n"));
        }
        text + "250 8BITMIME\r\n"
    }

    fn start_tls(&self, script: &Script) -> Answer {
        let stage = Stage::StartTls;
        if !script.starttls || self.in_tls {
            return reply(stage, "502 5.5.1 Error: command not implemented");
        }
        Answer { next: Next::StartTls, ..reply(stage, "220 2.0.0 Ready to start TLS") }
    }

    fn sender(&mut self, line: &str, script: &Script) -> Answer {
        let stage = Stage::MailFrom;
        if !self.greeted {
            return reply(stage, "503 5.5.1 Error: send HELO/EHLO first");
        }
        if script.requires_tls && !self.in_tls {
            return reply(stage, "530 5.7.0 Must issue a STARTTLS command first");
        }
        if self.sender.is_some() {
            return reply(stage, "503 5.5.1 Error: nested MAIL command");
        }
        let Some(sender) = path(line) else {
            return reply(stage, "501 5.1.7 Bad sender address syntax");
        };
        if line.to_ascii_uppercase().contains(" SMTPUTF8") && !script.smtputf8 {
            return reply(stage, "555 5.5.4 Unsupported option: SMTPUTF8");
        }
        self.sender = Some(sender.to_ascii_lowercase());
        reply(stage, "250 2.1.0 Ok")
    }

    fn recipient(&mut self, line: &str, script: &Script, greylist: &Greylist) -> Answer {
        let answer = |text: &str| reply(Stage::RcptTo, text);
        let Some(sender) = &self.sender else {
            return answer("503 5.5.1 Error: need MAIL command");
        };
        let recipient = match path(line) {
            Some(recipient) if !recipient.is_empty() => recipient,
            Some(_) | None => return answer("501 5.1.3 Bad recipient address syntax"),
        };
        if !recipient.is_ascii() && !script.smtputf8 {
            return answer("553 5.6.7 Error: SMTPUTF8 is needed for this address");
        }
        self.recipients_in_session += 1;
        if script.recipients_per_session_max.is_some_and(|max| self.recipients_in_session > max) {
            return answer("421 4.7.0 Error: too many recipients in this session");
        }
        if script
            .recipients_per_transaction_max
            .is_some_and(|max| self.recipients_in_transaction >= max)
        {
            return answer("452 4.5.3 Error: too many recipients");
        }
        if let Some(refusal) = script.refusals.get(&Stage::RcptTo) {
            return about(refusal, recipient);
        }
        if let Some(greylisting) = &script.greylisting
            && !greylist.admits(greylisting.wait, sender, recipient)
        {
            return about(&greylisting.text, recipient);
        }
        let text = recipient_reply(script, recipient);
        if text.starts_with('2') {
            self.recipients_in_transaction += 1;
        }
        about(text, recipient)
    }
}

/// What is said of a recipient, with `{}` where the address belongs.
pub(super) fn recipient_reply<'a>(script: &'a Script, recipient: &str) -> &'a str {
    const ACCEPTED: &str = "250 2.1.5 Ok";
    let recipient = recipient.to_ascii_lowercase();
    let (known, others_exist) = match &script.mailboxes {
        Mailboxes::All(known) => (known, true),
        Mailboxes::Only(known) => (known, false),
    };
    match known.get(&recipient) {
        None if others_exist => ACCEPTED,
        None if script.has_postmaster && is_postmaster(&recipient) => ACCEPTED,
        Some(Mailbox::Exists) => ACCEPTED,
        None | Some(Mailbox::Unknown) => &script.unknown,
        Some(Mailbox::Full) => "452 4.2.2 <{}>: Recipient address rejected: Mailbox is over quota",
        Some(Mailbox::Disabled) => "550 5.2.1 <{}>: The email account is disabled",
        Some(Mailbox::Moved(text) | Mailbox::Says(text)) => text,
    }
}

fn is_postmaster(recipient: &str) -> bool {
    recipient.split('@').next() == Some("postmaster")
}

fn stage_of(line: &str) -> Stage {
    let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
    match verb.as_str() {
        "EHLO" => Stage::Ehlo,
        "HELO" => Stage::Helo,
        "STARTTLS" => Stage::StartTls,
        "MAIL" => Stage::MailFrom,
        "RCPT" => Stage::RcptTo,
        "DATA" => Stage::Data,
        "RSET" => Stage::Rset,
        "NOOP" => Stage::Noop,
        "QUIT" => Stage::Quit,
        _ => Stage::Other,
    }
}

/// What is between the angle brackets of a command. A quoted local part may hold brackets too.
pub(super) fn path(line: &str) -> Option<&str> {
    let path = line.split_once('<')?.1;
    let mut quoted = false;
    let mut escaped = false;
    let end = path.bytes().position(|byte| {
        let this_escaped = std::mem::take(&mut escaped);
        match byte {
            b'"' if !this_escaped => quoted = !quoted,
            b'\\' if quoted && !this_escaped => escaped = true,
            b'>' if !quoted => return true,
            _ => {}
        }
        false
    })?;
    Some(&path[..end])
}

fn about(text: &str, recipient: &str) -> Answer {
    let quoted = if recipient.len() > QUOTED_BYTES_MAX { "..." } else { recipient };
    reply(Stage::RcptTo, &text.replace("{}", quoted))
}

/// A reply in one line. Behind 421 the host closes (RFC 5321, section 3.8).
fn reply(stage: Stage, text: &str) -> Answer {
    let next = if text.starts_with("421") { Next::Close } else { Next::Continue };
    Answer { stage, text: format!("{text}\r\n"), next }
}

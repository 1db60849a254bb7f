//! The rules, as data: what says what, and where that is written.

use super::sign::Sign;

/// Phrases that all say the same.
#[derive(Debug)]
pub(super) struct PhraseRule {
    pub(super) id: &'static str,
    /// Where the wordings are from: the RFC, or the server and its documentation or source file.
    pub(super) source: &'static str,
    pub(super) sign: Sign,
    /// In lower case; `*` at an end as in [`super::words`].
    pub(super) phrases: &'static [&'static str],
}

const fn rule(
    id: &'static str,
    sign: Sign,
    source: &'static str,
    phrases: &'static [&'static str],
) -> PhraseRule {
    PhraseRule { id, source, sign, phrases }
}

/// The phrases that need no grammar. Where two match at one place, the longer one does.
#[rustfmt::skip]
pub(super) const PHRASE_RULES: &[PhraseRule] = &[
    rule("unknown-status-in-text", Sign::NoSuchMailbox, "qmail, chkuser: status behind the text", &[
        "#5.1.1", "(5.1.1)", "[5.1.1]",
    ]),
    rule("unknown-identifier", Sign::NoSuchMailbox, "Exchange RESOLVER.ADR, Gmail, and servers that write ids", &[
        "recipientnotfound", "recipnotfound", "nosuchuser", "userunknown", "user_unknown",
        "bad_recipient", "invalid_recipient", "invalid-recipient", "unknown_recipient",
        "recipient_not_found", "no_such_user", "no-such-user", "unknown_user", "user_not_found",
        "address_not_found", "mailbox_not_found", "no_such_mailbox", "usernotfound",
        "invalidrecipient", "unknownuser", "unknownrecipient", "mailboxnotfound", "nosuchmailbox",
    ]),
    rule("recipient-verification", Sign::NoSuchMailbox, "Exim ACL verify = recipient (cPanel, Mail.ru), Huawei", &[
        "recipient verification failed", "recipient verify failed", "failed recipient validation*",
        "the recipient cannot be verified", "recipient address verification failed",
        "recipient validation failed", "recipient check failed",
    ]),
    rule("not-our-customer", Sign::NotOurCustomer, "Comcast: 5.1.1 of a recipient, 5.1.0 of a sender", &[
        "not our customer",
    ]),
    rule("unknown-phrase", Sign::NoSuchMailbox, "qmail, Domino, Yahoo, Exchange, Comcast, badrcptto, Zimbra", &[
        "not an active address*", "not user of this*", "not a user of*",
        "no mailbox here by that name", "no mailbox by that name", "no user here by that name",
        "no account by that name", "not listed in domino directory", "not listed in public name*",
        "this user doesn't have a*", "this user doesn\u{2019}t have a*", "no one at this address",
        "no one here by that name", "no one with that*", "no one by*", "nobody by that name",
        "no redirect entry*", "no forwarding entry*", "no alias entry*", "no alias for*",
        "no mail drop*", "no such mail*", "no such id", "no mail-box*", "no inbox*",
        "no user by*", "no user at*", "no user here*", "no user named*", "no user called*",
        "no user with*", "no recipient by*", "no recipient with*", "no account by*",
        "no account with*", "no account for*", "no account here*", "no account at*",
        "handle mail for that user", "illegal user*", "illegal alias*", "illegal recipient",
        "unavailable mail user", "unavailable user", "incorrectly addressed", "bad mailbox",
        "bad destination email*", "bad recipient address", "destinatario errato", "indirizzo errato",
        "unavailable recipient", "don't exists that user", "not known at this address", "not a member of domain",
        "mailbox deleted", "account deleted", "mailbox removed", "account removed",
        "no longer an employee", "no such person*", "no such user*",
        "not in my validrcptto*", "no mailbox*", "no mail box*", "have no mailbox*",
        "has no mailbox*", "no such mailbox*", "no such recipient*", "no such account*",
        "no such email*", "no such address*", "no such local user*",
        "unknown or illegal user*", "unknown or illegal alias*", "mailbox not found*",
        "user unknown*", "unknown user*", "user not found*", "destin. sconosciuto",
        "user doesn't exist", "recipient not ok", "not a registered user", "unknown addressee",
        "email address could not be found", "user not known*",
        "there is no such*", "recipient not found", "no active mailbox*", "no user with this name",
        "unrouteable address", "unroutable address", "not a valid user*", "not a user here",
        "no longer on server", "no mailbox by that name is currently available",
    ]),
    rule("unknown-mailbox-unavailable", Sign::MailboxUnavailable, "Outlook.com: RFC 5321 §4.2.3 words with 5.5.0", &[
        "mailbox unavailable", "mailbox is unavailable",
        "requested action not taken: mailbox unavailable",
        "requested action not taken, mailbox unavailable",
    ]),
    rule("cisco-address-rejected", Sign::AddressRejected, "Cisco Secure Email user guide: LDAP accept, RAT", &[
        "address rejected*", "recipient rejected",
    ]),
    rule("recipient-access-denied", Sign::AccessDenied, "Exchange Online, Postfix access(5)", &[
        "recipient address rejected: access denied",
        "recipient address rejected: access denied. as(2018*",
    ]),
    rule("no-such-domain", Sign::NoSuchDomain, "RFC 7504, RFC 7505, Sendmail, Postfix", &[
        "domain does not accept mail*", "domain does not accept email*",
        "host unknown (name server*", "recipient domain not found",
        "recipient domain does not exist", "recipient domain must exist",
        "recipient address has null mx", "does not accept mail (nullmx*", "unrouteable mail domain",
        "address rejected: domain not found", "no such domain at this location",
    ]),
    rule("moved", Sign::Moved, "RFC 5321 §3.4, RFC 3463 X.1.6, iCloud", &[
        "please try <", "has moved", "update your address book", "address book", "user has moved",
        "mailbox has moved", "address has changed", "address changed", "has a new address",
        "recipient has moved",
    ]),
    rule("closed-phrase", Sign::Closed, "Gmail, Yahoo, QQ, 163, Domino, chkuser", &[
        "administratively disabled", "administratively locked", "administratively closed",
        "blocked due to inactivity", "blocked due to long*", "blocked for inactivity",
        "blocked because of inactivity", "locked due to long*", "locked for inactivity",
        "bloccato per inutilizzo", "bloccata per inutilizzo",
        "disabled, not accepting messages", "mail receiving disabled", "account locked",
        "user locked", "account closed", "account suspended", "account expired",
        "account deactivated", "account not activated", "user deactivated",
        "mailbox suspended", "mailbox deactivated", "mailbox expired", "mailbox closed",
        "suspended user", "suspended account", "suspended mailbox", "suspended recipient",
        "disabled user", "disabled account", "disabled recipient", "disabled address",
        "inactive account", "inactive mailbox", "inactive recipient", "inactive address",
        "expired account", "expired mailbox", "expired user", "closed account", "closed mailbox",
        "locked account", "locked user", "deactivated user", "deactivated account",
        "terminated user", "terminated account", "archived recipient",
        "recipient suspend the service", "disableduser", "inactiveuser",
        "mailbox disabled", "account disabled", "user disabled", "user suspended",
        "mailbox is disabled", "account inactive", "user inactive", "inactive user",
        "user is terminated", "deactivated mailbox", "disabled mailbox",
        "account that you tried to reach is disabled",
        "account that you tried to reach is inactive", "mailbox is frozen",
        "disabled or discontinued", "locked due to inactivity",
        "this address no longer accepts mail", "invalid/inactive user",
        "due to extended inactivity*", "no recipient activity*",
    ]),
    rule("mailbox-full", Sign::Full, "RFC 3463 X.2.2, Gmail, Exchange, Dovecot, Orange", &[
        "quota*", "overquota*", "over-quota*", "mailbox full", "mailbox is full", "full mailbox",
        "inbox full", "inbox is full", "mailfolder is full", "is full", "box full", "account full",
        "storage allocation", "out of storage*", "storage space", "disk space limit",
        "not enough space", "enough space", "exhausted*", "speichervolumen*", "mailbox size limit*", "mailbox exceeded*", "exceeded its*",
        "exceeds its*", "over the limit", "too much mail data", "would exceed maximum allowed*",
        "pleine", "voll", "speicherplatz*", "llena", "lleno", "cheia", "cheio", "piena", "pieno",
        "pełn*", "przepełn*", "переполнен*", "已满*", "dolu", "vol",
        "too many messages on the server", "space has been used up",
    ]),
    rule("greylisted", Sign::Greylisted, "postgrey, milter-greylist, SQLgrey, rspamd, Exim greylistd", &[
        "greylist*", "graylist*", "grey list*", "gray list*", "grey-list*", "gray-list*",
        "greypass*", "early retry", "delayed by policy", "first time sender*", "come back in*",
        "come back later",
    ]),
    rule("try-later", Sign::Later, "OpenBSD spamd, cPanel, and others", &[
        "try again later", "try later", "again later", "retry later", "please retry",
        "try again in*", "retry in*", "try again after*", "at a later time", "later again",
        "retry after*", "later bitte", "später erneut*", "réessayer*", "reintente*",
        "tente novamente*", "riprova*",
    ]),
    rule("temporary", Sign::Temporary, "RFC 5321 §4.2.3, many", &[
        "at this time", "being moved", "being migrated", "dns error*", "dns fail*", "dns lookup*",
        "dns problem*", "maintenance*", "right now",
        "temporar*", "temporär*", "tempor\u{fffd}r*", "not available right now", "currently*",
        "busy", "system storage", "disk full", "disk is full", "overload*", "not ready",
        "shutting down", "transient*", "in progress", "timed out", "timeout", "lookup failure",
        "lookup failed", "lookup error", "local error*", "local problem*", "internal error*",
        "configuration error*", "server configuration problem", "system error", "momentan*",
        "vorübergehend*", "временно*", "temporaire*", "provisoirement", "service unavailable",
        "service not available",
    ]),
    rule("blocklist", Sign::Reputation, "Spamhaus, SpamCop, Barracuda, Proofpoint, Cloudmark, Trend Micro, Exchange Online", &[
        "blocklist*", "block list*", "blacklist*", "black list*", "black-list*", "block-list*",
        "spamhaus*", "spamcop*", "sorbs*", "barracudacentral*", "dnsbl*", "rbl", "rbls", "rbl-*",
        "uceprotect*", "abusix*", "invaluement*", "cloudmark*", "abuseat*", "mailspike*",
        "senderscore*", "senderbase*", "talosintelligence*", "reputation*", "listed by*",
        "possible forger*", "is listed*", "listed in zen*", "listed at*", "blocked using*", "spam", "spammer*",
        "spamming*", "spammy", "antispam*", "anti-spam*", "unsolicited*", "poor rep*", "bad rep*",
        "user complaints", "botnet*", "banned*", "dynamic ip*", "dynamic address*", "dial-up*",
        "dialup*", "suspicious*", "malicious*", "virus*", "phish*", "abuse", "abusive*", "bloquee*",
        "bloqué*", "bloqueado*", "ipcheck*", "sender.office*", "delist*", "open proxy*",
        "open relay", "blocked", "block", "tss0*", "ts03", "заблокирован*", "спам*",
        "backscatter*", "batv*", "spf1", "attack*", "harvest*", "bogus and forged", "bogus*",
        "forged*", "trap",
    ]),
    rule("rate-limited", Sign::RateLimited, "Gmail, QQ, Yahoo, Exchange Online, Exim ratelimit", &[
        "rate limit*", "ratelimit*", "rate-limit*", "too many connections*", "too many concurrent*",
        "too many messages", "too many errors", "too many invalid*", "too many unknown*",
        "too many bad*", "too many failed*", "too many commands*", "too many wrong*",
        "too many non*", "too many user*", "too many mails", "too many emails", "too fast",
        "too quickly", "too frequent*", "throttl*", "slow down", "frequency limited",
        "exceeded the maximum number*", "connection limit*", "unusual rate*", "at a rate*",
        "high rate", "hourly*", "daily*", "receiving limits", "concurrent*", "excessive*",
        "exceeded the max*", "limit exceeded", "maximum connections",
    ]),
    rule("too-many-recipients", Sign::TooManyRecipients, "RFC 5321 §4.5.3.1.10, RFC 3463 X.5.3, Postfix, Exim", &[
        "too many recipients*", "too many rcpt*", "recipients limit*", "recipient limit*",
        "max recipients*", "maximum number of recipients*", "maximum recipients*",
        "one recipient at a time", "number of recipients*", "only one recipient*",
        "multiple recipients*", "recipients per*",
    ]),
    rule("authentication", Sign::Authentication, "RFC 4954, RFC 7208, RFC 7372, Gmail, Exchange Online", &[
        "authenticat*", "unauthenticat*", "spf", "dkim", "dmarc", "not logged in", "log in to*",
        "pop before smtp", "pop3 first", "via pop3", "sender policy framework", "authoriz*",
        "authoris*", "unauthor*", "smtp auth", "pop-before-smtp", "auth required", "please login",
        "check your mail first", "credentials", "password*",
    ]),
    rule("no-ptr", Sign::NoPtr, "RFC 7372 X.7.25, Postfix reject_unknown_client_hostname, Comcast, Mail.ru", &[
        "reverse dns*", "rdns", "ptr", "ptr record*", "ptr-record*", "ptr-*", "reverse hostname*",
        "reverse lookup*", "reverse host*", "reverse name*", "cannot find your hostname",
        "cannot find your reverse hostname", "fcrdns*", "forward confirmed*", "name lookup failed",
        "cannot resolve your*", "reverse mapping*", "reverse address*", "unresolvable*",
        "no hostname*", "generic hostname*",
    ]),
    rule("tls-required", Sign::Tls, "RFC 3207 §4, RFC 5248 X.7.10, Exchange", &[
        "must issue a starttls*", "must issue starttls*", "starttls required", "starttls first",
        "use starttls*", "tls required", "tls is required", "require tls", "requires tls",
        "requires starttls", "encryption required", "encryption needed", "must use tls",
        "session encryption is required", "starttls is required", "require starttls",
        "encrypted connection*", "must be encrypted", "tls mandatory",
    ]),
    rule("smtputf8", Sign::Smtputf8, "RFC 6531 §3.5, RFC 5248 X.6.7, Postfix", &[
        "smtputf8*", "non-ascii*", "internationali*", "utf8 not*", "utf-8 not*", "eai not*",
        "eai is not*",
    ]),
    rule("sender", Sign::Sender, "Postfix reject_unknown_sender_domain, Exim sender verify, Sendmail, Cisco", &[
        "bounce address*", "bounce", "outgoing*", "outbound*", "your account*",
        "your mailbox*", "your settings*", "your configuration*", "main account*", "from your*",
        "mail command", "from command", "in from", "in your from",
        "in the from", "from header*",
        "sender", "senders", "sender's", "sending*", "mail from", "mail from:", "mailfrom",
        "from address", "from:", "from domain", "return path", "return-path", "return address",
        "reverse path", "reverse-path", "envelope from", "originat*", "callback*", "callout*",
        "verification failed*", "verify failed*", "unable to verify", "could not verify",
        "cannot verify", "can't verify", "couldn't verify", "emetteur*", "expéditeur*",
        "expediteur*", "absender*", "remitente*", "remetente*", "mittente*", "nadawc*", "afzender*",
        "odesílatel*", "отправител*", "发件人*", "寄件者*", "gönder*", "送信*", "your domain", "your host",
        "your server", "your ip", "your mail server*", "your mailserver*", "your mailer*",
        "your mail host*", "your network*", "your address",
        "your email address", "your e-mail address", "your system", "your isp", "you have been",
        "you are not", "you are blocked", "you are on", "null recipient", "bounce messages",
        "bounces", "invalid dns*",
    ]),
    rule("client", Sign::Policy, "Postfix smtpd restrictions, Exim ACLs, Sendmail access_db, Exchange connectors", &[
        "not accepting messages from*", "accepts mail only*", "only accept*", "message content*",
        "attachment*", "doesn't want*", "does not want*", "not wish*", "in contacts",
        "contact list*", "contacts", "not local address*",
        "not a local address*", "not local domain*", "not a local domain*", "not a gateway*",
        "not local host*", "not our domain*", "not our mx*", "not configured to*", "bypass list*",
        "client host*", "client address", "client ip*", "helo", "ehlo", "policy", "policies",
        "policyd*", "relay access*", "relay denied", "relaying*", "not relay*", "to relay*",
        "relay not*", "relay mail*", "relay is*", "relay of*", "relay for*", "relay prohibited*",
        "relay through*", "relay to*", "open-relay*", "relays", "relay from*", "cannot relay",
        "no relay*", "non-relay*", "allowed rcpthosts", "rcpthosts", "access deny*",
        "isn't allowed", "not permit*", "prohibit*", "forbidden", "unwanted*", "not welcome",
        "go away", "no thank*", "not accepted from*", "not accept mail from*",
        "not accepting mail from*", "does not accept mail from*", "don't accept mail*",
        "do not accept mail*", "reject list*", "administrator prohibited", "tenantattribution*",
        "badrcptto*", "badrecipientto*", "badmailfrom*", "content filter*", "whitelist*",
        "white list*", "allowlist*", "allow list*", "violat*", "5.7.*", "4.7.*", "bad reverse*",
        "postmaster only", "geo*", "non autoris*", "не принимает*", "challenge*", "interdit*",
        "unauthori*", "as(2*", "not accept bounces", "intrus*", "custom*rule*", "spoof*",
        "members only", "internal only", "internal use*",
    ]),
    rule("refused-words", Sign::Refused, "servers that refuse without a reason: Sendmail, Exim, Exchange", &[
        "will not accept*", "won't accept*", "does not accept*", "delivery of this message",
        "access to*", "not allowed*", "not permitted*", "restrict*",
        "security*", "filter*", "external*", "protected by*",
        "verwei*", "abgelehnt*", "forbids*", "approved*", "preferences", "country*",
        "access denied",
    ]),
    rule("denied-words", Sign::Denied, "servers that refuse, with a reason or without one", &[
        "refus*", "denied", "rejected by*",
    ]),
    rule("reason-words", Sign::Reason, "servers that refuse for a reason: Sendmail, Exim, Exchange", &[
        "due to*", "because of*", "by administrator", "by the administrator", "administrative*",
        "contact your*",
    ]),
    rule("doubt", Sign::Doubt, "wordings that leave it open: RFC 5321 §4.2.3 (550), QQ, Symantec, Mimecast", &[
        "no valid recipient*", "all recipients are*", "all recipients were*", "all recipients have*",
        "all recipients failed*", "all recipients rejected*", "all recipient addresses*",
        "none of the recipients*", "placeholder*", "default recipient*", "or not local*",
        "or is not local*", "recipient domain*", "recipient's domain", "bad address syntax",
        "or not allowed*", "or not authori*", "or unauthori*", "or relay*", "or rejected*",
        "o non abilitat*", "oder gesperrt*", "oder blockiert*", "ou bloqu*", "o bloquead*",
        "may be full", "might be full", "might be disabled", "may be disabled",
        "header*", "message-id*", "missing date*", "rfc compliant*", "rfc 5322*",
        "rfc 2822*", "fully qualified*", "fully-qualified*", "loop", "looping", "routing loop*",
        "or access denied", "or blocked", "or mailbox full", "or mailbox is full", "or policy*",
        "or not accepting*", "may not exist", "might not exist", "may be invalid", "or is full",
        "or refuse*", "or disallow*", "or your*", "or over*", "or restricted*", "loops back*",
        "mail loop*", "too many hops*", "unverified address*", "could not be verified",
        "cannot be verified", "not verified", "bounced address*", "for explanation visit",
        "mailbox name not allowed",
    ]),
    rule("not-understood", Sign::NotUnderstood, "RFC 5321 §4.2.2", &[
        "not implemented", "unrecognized command*", "command unrecognized",
        "command not recognized*", "unknown command*", "bad sequence*", "command unknown",
        "command rejected", "invalid command*", "syntax error*", "out of order", "need mail*",
        "must have sender first", "command not*", "protocol error*",
    ]),
];

/// The rules that read a sentence.
pub(super) const UNKNOWN_SENTENCE: &str = "unknown-sentence";
pub(super) const CLOSED_SENTENCE: &str = "closed-sentence";

/// The rules that look at codes, and at how words stand to each other.
const CODE_RULES: &[(&str, &str)] = &[
    ("positive", "RFC 5321 §4.2.1: 2yz"),
    ("code-busy", "RFC 5321 §4.2.1: 421 and 4yz"),
    ("code-not-understood", "RFC 5321 §4.2.2: 500 to 504"),
    ("code-authentication", "RFC 4954 §6: 530, 534, 535, 538"),
    ("no-rule", "RFC 5321 §4.2.1: a code alone says too little"),
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

//! Mail servers on this machine, each with a way of its own.

use std::io;
use std::time::Duration;

use genesy_core::verification::Policy;
use genesy_providers::mail::{Builder, Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, Mailbox, Script, Stage, Trick};

use crate::Failure;
use crate::input::Target;

/// How long a server greylists.
const GREYLISTED: Duration = Duration::from_millis(500);
/// How long a server that drips waits before each byte.
const DRIP: Duration = Duration::from_millis(150);

/// The addresses that are verified where none is given, with what their servers do.
const TARGETS: [(&str, &str); 23] = [
    ("ada@engines.example", "knows it"),
    ("charles@engines.example", "knows no such mailbox"),
    ("full@engines.example", "its mailbox is full"),
    ("gone@engines.example", "its mailbox is disabled"),
    ("moved@engines.example", "it moved elsewhere"),
    ("info@engines.example", "knows it; it is a function's"),
    ("someone@mailinator.com", "knows it; it is to be thrown away"),
    ("ada@bücher.example", "knows it; the domain is not ASCII"),
    ("anyone@catch-all.example", "takes anyone"),
    ("ada@refuses-anyone.example", "refuses anyone with the same words"),
    ("ada@a-only.example", "has an address and no MX"),
    ("ada@ipv6.example", "has IPv6 alone"),
    ("ada@dead-first.example", "is the second MX; nobody listens at the first"),
    ("ada@greylisted.example", "wants to be asked again"),
    ("ada@blocked.example", "refuses this client, not the mailbox"),
    ("ada@listed.example", "has this client on a blocklist"),
    ("ada@silent.example", "connects, and says nothing"),
    ("ada@drip.example", "greets byte by byte"),
    ("ada@hangs-up.example", "hangs up at the recipient"),
    ("ada@null-mx.example", "the domain takes no mail"),
    ("ada@no-host.example", "the domain has no mail host"),
    ("ada@nowhere.example", "there is no such domain"),
    ("ada@@engines.example", "it is no address"),
];

/// The addresses, with what their servers do.
pub(crate) fn targets() -> Vec<Target> {
    let target = |(address, about): (&str, &str)| Target {
        address: address.to_owned(),
        about: about.to_owned(),
    };
    TARGETS.map(target).into()
}

/// Whether the laboratory is who to ask for the domain of an address. Names that end so are set aside
/// for examples (RFC 2606 §2); a text without a domain is asked of nobody.
pub(crate) fn has_domain_of(address: &str) -> bool {
    let Some((_, domain)) = address.rsplit_once('@') else { return true };
    domain.to_ascii_lowercase().ends_with(".example")
        || TARGETS.iter().any(|(target, _)| target.ends_with(&format!("@{domain}")))
}

/// Starts the servers.
///
/// # Errors
///
/// When there is no port to listen on.
pub(crate) fn start() -> io::Result<Laboratory> {
    let laboratory = Laboratory::start()?;
    let knows_ada = |domain: &str| Script::with_mailboxes([format!("ada@{domain}")]);
    let with_mx = |domain: &str, script: Script| -> io::Result<()> {
        let host = format!("mx1.{domain}");
        laboratory.host(&host, script)?;
        laboratory.domain(domain).mx(10, &host);
        Ok(())
    };

    let engines = Script::with_mailboxes(["ada@engines.example", "info@engines.example"])
        .mailbox("full@engines.example", Mailbox::Full)
        .mailbox("gone@engines.example", Mailbox::Disabled)
        .mailbox("moved@engines.example", Mailbox::Moved("elsewhere@engines.example".to_owned()));
    with_mx("engines.example", engines.starttls())?;
    with_mx("mailinator.com", Script::with_mailboxes(["someone@mailinator.com"]))?;
    // As the DNS and the servers know bücher.example.
    with_mx("xn--bcher-kva.example", knows_ada("xn--bcher-kva.example"))?;
    with_mx("catch-all.example", Script::default())?;
    let nobody = Script::with_mailboxes([""; 0]).no_postmaster();
    with_mx("refuses-anyone.example", nobody)?;
    laboratory.host("a-only.example", knows_ada("a-only.example"))?;
    // Where the machine has no IPv6, the domain has no mail host.
    let _ = laboratory.host_v6("mx1.ipv6.example", knows_ada("ipv6.example"));
    laboratory.domain("ipv6.example").mx(10, "mx1.ipv6.example");
    laboratory.refusing_host("mx1.dead-first.example")?;
    laboratory.host("mx2.dead-first.example", knows_ada("dead-first.example"))?;
    let dead_first = laboratory.domain("dead-first.example");
    dead_first.mx(10, "mx1.dead-first.example").mx(20, "mx2.dead-first.example");
    let greylisted = "450 4.2.0 <{}>: Recipient address rejected: Greylisted";
    let greylisting = knows_ada("greylisted.example").greylisting_says(GREYLISTED, greylisted);
    with_mx("greylisted.example", greylisting)?;
    let policy = "550 5.7.1 Service refused: you are not welcome here";
    with_mx("blocked.example", Script::default().refuse(Stage::RcptTo, policy))?;
    let listed = "554 5.7.1 Service unavailable; Client host blocked using a blocklist";
    with_mx("listed.example", Script::default().refuse(Stage::RcptTo, listed))?;
    with_mx("silent.example", Script::default().trick(Stage::Greeting, Trick::Silence))?;
    let drip = Trick::Drip { interval: DRIP };
    with_mx("drip.example", Script::default().trick(Stage::Greeting, drip))?;
    with_mx("hangs-up.example", Script::default().trick(Stage::RcptTo, Trick::Disconnect))?;
    laboratory.domain("null-mx.example").null_mx();
    laboratory.domain("no-host.example");
    Ok(laboratory)
}

/// A verifier that asks these servers and no others.
pub(crate) fn verifier(laboratory: &Laboratory, policy: Policy) -> Result<Builder, Failure> {
    let resolver =
        ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
    let egress = Egress::default().allow("127.0.0.0/8".parse()?).allow("::1".parse()?);
    let builder = Verifier::builder(policy).resolver(resolver).egress(egress);
    Ok(builder.port(laboratory.smtp_port()))
}

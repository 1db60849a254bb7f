//! The e-mail addresses of the leads are verified before a provider is given one.

use std::collections::BTreeSet;
use std::time::Duration;

use genesy_core::verification::{Identity, Limits, Policy, Report};
use genesy_core::waterfall::EmailState;
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, Mailbox, Script, Stage};

use crate::Failure;
use crate::input::{Fingerprint, Survey};
use crate::options::Arguments;

/// Who the simulated mail servers are asked by.
const SIMULATED_HELO: &str = "verifier.enrich.example";

/// A run is not held up by servers that want to be asked again in minutes.
const LIMITS: Limits = Limits { greylist_ms_max: 0, ..Limits::DEFAULT };

/// Verifies addresses, if that is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Addresses(Option<Verifier>);

/// What was found out about an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verified {
    pub(crate) state: EmailState,
    pub(crate) verdict: &'static str,
    pub(crate) reason: &'static str,
}

impl Addresses {
    /// The mail servers of the world; nothing where nobody says who asks.
    pub(crate) fn live(arguments: &Arguments) -> Result<Self, Failure> {
        let Some(helo) = &arguments.helo else { return Ok(Self(None)) };
        let mail_from = arguments.mail_from.as_deref().unwrap_or_default();
        let policy = Policy::new(Identity::new(helo, mail_from)?).within(LIMITS)?;
        Ok(Self(Some(Verifier::builder(policy).build()?)))
    }

    /// The mail servers within this program.
    pub(crate) fn simulated(servers: &Servers) -> Result<Self, Failure> {
        let policy = Policy::new(Identity::new(SIMULATED_HELO, "")?).within(LIMITS)?;
        let laboratory = &servers.0;
        let resolver =
            ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
        let verifier = Verifier::builder(policy)
            .resolver(resolver)
            .port(laboratory.smtp_port())
            .egress(Egress::default().allow("127.0.0.0/8".parse()?))
            .connect_pause(Duration::ZERO)
            .build()?;
        Ok(Self(Some(verifier)))
    }

    pub(crate) async fn verify(&self, address: Option<&str>) -> Option<Verified> {
        // On a task of its own: who waits for it may stand still for as long as the driver is full, and its
        // deadlines do not.
        let report = self.0.as_ref()?.start(address?).await.ok()?;
        Some(Verified::of(&report))
    }
}

impl Verified {
    fn of(report: &Report) -> Self {
        let verdict = report.conclusion.verdict();
        Self { state: verdict.into(), verdict: verdict.name(), reason: report.conclusion.reason() }
    }
}

/// Mail servers within this program, for the domains of a leads file.
///
/// Which domain and which mailbox is how comes of their names, so that a file has the same answers each
/// time.
#[derive(Debug)]
pub(crate) struct Servers(Laboratory);

impl Servers {
    pub(crate) fn new(survey: &Survey, seed: u64) -> Result<Self, Failure> {
        let laboratory = Laboratory::start()?;
        let (mut mailboxes, mut domains) = (Vec::new(), BTreeSet::new());
        for address in &survey.addresses {
            match percentile(address, seed) {
                0..85 => mailboxes.push((address, Mailbox::Exists)),
                85..92 => mailboxes.push((address, Mailbox::Unknown)),
                92..97 => mailboxes.push((address, Mailbox::Full)),
                _ => mailboxes.push((address, Mailbox::Disabled)),
            }
            domains.extend(address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase()));
        }
        let nobody = Script::with_mailboxes([""; 0]);
        let people = mailboxes
            .into_iter()
            .fold(nobody, |script, (address, mailbox)| script.mailbox(address, mailbox));
        let hour = Duration::from_secs(3600);
        let guarded = "550 5.7.1 Service refused: the client is on a blocklist";
        laboratory.host("mx.people.example", people)?;
        laboratory.host("mx.anyone.example", Script::default())?;
        laboratory.host("mx.later.example", Script::default().greylisting(hour))?;
        laboratory
            .host("mx.guarded.example", Script::default().refuse(Stage::MailFrom, guarded))?;
        for domain in domains {
            let zone = laboratory.domain(&domain);
            match percentile(&domain, seed) {
                0..76 => zone.mx(10, "mx.people.example"),
                76..84 => zone.mx(10, "mx.anyone.example"),
                84..89 => zone.mx(10, "mx.later.example"),
                89..94 => zone.mx(10, "mx.guarded.example"),
                94..97 => zone.null_mx(),
                _ => zone.absent(),
            };
        }
        Ok(Self(laboratory))
    }
}

/// A number below 100 that comes of a text.
fn percentile(text: &str, seed: u64) -> u64 {
    let mut hash = Fingerprint::default();
    hash.add(&seed.to_le_bytes());
    hash.add(text.as_bytes());
    hash.mixed() % 100
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use futures_util::FutureExt;
    use genesy_providers::simulated::mail::{Laboratory, Script};

    use super::{Addresses, Servers};

    /// How long something that happens in the background may take.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_verification_goes_on_while_nobody_looks_at_it() {
        let laboratory = Laboratory::start().expect("a port");
        let knows_ada = Script::with_mailboxes(["ada@engines.example"]);
        let host = laboratory.host("mx.engines.example", knows_ada).expect("an address");
        laboratory.domain("engines.example").mx(10, "mx.engines.example");
        let servers = Servers(laboratory);
        let addresses = Addresses::simulated(&servers).expect("a verifier");
        let mut verifying = pin!(addresses.verify(Some("ada@engines.example")));
        assert!(verifying.as_mut().now_or_never().is_none(), "it takes a while");
        let quitting = async {
            while host.stats().quits == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, quitting).await.expect("it stands still");
        assert_eq!(verifying.await.expect("it is verified").reason, "accepted");
    }
}

//! The world outside within this program: `serve --demo`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use genesy_core::verification::{Identity, Limits, Policy};
use genesy_core::waterfall::default_phone_plan;
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, MailHost, Mailbox, Script, Stage};
use genesy_providers::simulated::{Options, Simulation, example_costs, scaled};

use crate::outside::{Mail, Outside};

/// What the providers' times are multiplied by: slow enough to be watched.
const TIME_SCALE: f64 = 0.3;
/// Hosts that know people. Each has its share of the domains, so that none knows too many.
const PEOPLE_HOSTS: u64 = 16;
/// Mailboxes that a host knows at a time at most; then it forgets all of them.
const MAILBOXES_MAX: usize = 2048;
/// Domains that there are at most; those behind them do not exist.
const DOMAINS_MAX: usize = 100_000;
/// How long a server greylists: short enough to be watched.
const GREYLISTED: Duration = Duration::from_secs(8);
/// What a server that greylists says. It names no time, so that the policy's counts.
const GREYLISTS: &str = "450 4.2.0 <{}>: Recipient address rejected: Greylisted";
/// How long is waited for such a server: a little longer than it wants.
const GREYLIST_MS: u32 = 9_000;
/// How long servers take for each answer.
const ANSWER_TIME: Duration = Duration::from_millis(60);
/// Who the simulated mail servers are asked by.
const HELO: &str = "verifier.demo.example";

/// Simulated providers and mail servers, until it is dropped.
#[derive(Debug)]
pub(crate) struct Demo {
    _providers: Simulation,
    outside: Outside,
}

impl Demo {
    /// Starts them on the Tokio runtime that this is called on.
    pub(crate) async fn start() -> io::Result<Self> {
        let options = Options { time_scale: TIME_SCALE, ..Options::default() };
        let providers = Simulation::start(options).await?;
        let outside = Outside {
            plan: scaled(&example_costs(&default_phone_plan()), TIME_SCALE),
            providers: providers.providers(None),
            mail: Some(mail()?),
            ..Outside::default()
        };
        Ok(Self { _providers: providers, outside })
    }

    pub(crate) fn outside(&self) -> Outside {
        self.outside.clone()
    }
}

fn mail() -> io::Result<Mail> {
    let laboratory = Laboratory::start()?;
    let identity = Identity::new(HELO, "").map_err(io::Error::other)?;
    let resolver =
        ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
    let loopback = "127.0.0.0/8".parse().map_err(io::Error::other)?;
    let limits = Limits { greylist_ms: GREYLIST_MS, ..Limits::DEFAULT };
    let policy = Policy::new(identity).within(limits).map_err(io::Error::other)?;
    let verifier = Verifier::builder(policy)
        .resolver(resolver)
        .port(laboratory.smtp_port())
        .egress(Egress::default().allow(loopback))
        .connect_pause(Duration::ZERO)
        .build()
        .map_err(io::Error::other)?;
    let servers = Servers::start(laboratory)?;
    Ok(Mail::prepared_by(verifier, move |address| servers.learn(address)))
}

/// Mail servers for every domain that is asked for. Which domain and which mailbox is how comes of their
/// names, so that a file has the same answers each time.
struct Servers {
    laboratory: Laboratory,
    people: Vec<MailHost>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The domains, with the number of their host if that knows people.
    domains: BTreeMap<String, Option<usize>>,
    mailboxes: BTreeMap<usize, BTreeMap<String, Mailbox>>,
}

impl Servers {
    fn start(laboratory: Laboratory) -> io::Result<Self> {
        let slow = |script: Script| script.delay(ANSWER_TIME);
        let people = (0..PEOPLE_HOSTS).map(|number| {
            laboratory.host(&host_of_people(number), slow(Script::with_mailboxes([""; 0])))
        });
        let people = people.collect::<io::Result<_>>()?;
        laboratory.host("mx.anyone.example", slow(Script::default()))?;
        let later = Script::default().greylisting_says(GREYLISTED, GREYLISTS);
        laboratory.host("mx.later.example", slow(later))?;
        let guarded = "550 5.7.1 Service refused: the client is on a blocklist";
        let guarded = Script::default().refuse(Stage::MailFrom, guarded);
        laboratory.host("mx.guarded.example", slow(guarded))?;
        Ok(Self { laboratory, people, known: Mutex::default() })
    }

    /// Makes the domain and the mailbox of an address.
    fn learn(&self, address: &str) {
        let address = address.to_lowercase();
        let Some((_, domain)) = address.rsplit_once('@') else { return };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let host = match known.domains.get(domain) {
            Some(host) => *host,
            None if known.domains.len() == DOMAINS_MAX => return,
            None => {
                let host = self.make_domain(domain);
                known.domains.insert(domain.to_owned(), host);
                host
            }
        };
        let Some(host) = host else { return };
        let mailboxes = known.mailboxes.entry(host).or_default();
        if mailboxes.contains_key(&address) {
            return;
        }
        if mailboxes.len() == MAILBOXES_MAX {
            mailboxes.clear();
        }
        let mailbox = match percentile(&address) {
            0..85 => Mailbox::Exists,
            85..92 => Mailbox::Unknown,
            92..97 => Mailbox::Full,
            _ => Mailbox::Disabled,
        };
        mailboxes.insert(address, mailbox);
        let nobody = Script::with_mailboxes([""; 0]).delay(ANSWER_TIME);
        let script = mailboxes
            .iter()
            .fold(nobody, |script, (address, mailbox)| script.mailbox(address, mailbox.clone()));
        if let Some(host) = self.people.get(host) {
            host.set_script(script);
        }
    }

    /// Makes a domain, and gives the number of its host if that knows people.
    fn make_domain(&self, domain: &str) -> Option<usize> {
        let zone = self.laboratory.domain(domain);
        match percentile(domain) {
            0..76 => {
                let number = hash(domain) % PEOPLE_HOSTS;
                zone.mx(10, &host_of_people(number));
                return usize::try_from(number).ok();
            }
            76..84 => zone.mx(10, "mx.anyone.example"),
            84..89 => zone.mx(10, "mx.later.example"),
            89..94 => zone.mx(10, "mx.guarded.example"),
            94..97 => zone.null_mx(),
            _ => zone.absent(),
        };
        None
    }
}

fn host_of_people(number: u64) -> String {
    format!("mx{number}.people.example")
}

fn percentile(text: &str) -> u64 {
    hash(text) / PEOPLE_HOSTS % 100
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

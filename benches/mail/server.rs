//! The mail hosts in a process of their own, and a verifier that asks them.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use genesy_benches::harness::{ServerProcess, stay};
use genesy_core::verification::{Identity, Limits, Policy};
use genesy_providers::mail::{Builder, Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, Script, Stage, Trick};

/// Domains, each with one mail host at an address of its own.
pub(crate) const DOMAINS: u32 = 64;
/// People of the first domain.
pub(crate) const PEOPLE_OF_FIRST: u32 = 20_000;
/// People of every other domain.
pub(crate) const PEOPLE: u32 = 400;
/// Longer than a bench takes.
const TTL_SECONDS: u32 = 3600;

/// The address of somebody, who is known there if the number is even.
pub(crate) fn address(domain: u32, person: u32) -> String {
    format!("person{person}@{}", domain_name(domain))
}

fn domain_name(domain: u32) -> String {
    format!("company{domain}.example")
}

fn host_name(domain: u32) -> String {
    format!("mx{domain}.hosting.example")
}

/// How the hosts behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hosts {
    /// They answer at once.
    Quick,
    /// They say nothing at all.
    Silent,
}

/// Hosts that end with this.
pub(crate) struct Server {
    _process: ServerProcess,
    pub(crate) place: Place,
}

/// Where they are.
pub(crate) struct Place {
    dns: SocketAddr,
    smtp_port: u16,
    hosts: Vec<IpAddr>,
}

impl Server {
    pub(crate) fn start(hosts: Hosts) -> Self {
        let hosts = if hosts == Hosts::Quick { "quick" } else { "silent" };
        let (process, line) = ServerProcess::start(&["serve", hosts]);
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Self { _process: process, place: Place::read(&words) }
    }
}

impl Place {
    pub(crate) fn read(words: &[String]) -> Self {
        let [dns, smtp_port, hosts @ ..] = words else { panic!("a place") };
        Self {
            dns: dns.parse().expect("an address"),
            smtp_port: smtp_port.parse().expect("a port"),
            hosts: hosts.iter().map(|host| host.parse().expect("an address")).collect(),
        }
    }

    pub(crate) fn words(&self) -> Vec<String> {
        let hosts = self.hosts.iter().map(ToString::to_string);
        [self.dns.to_string(), self.smtp_port.to_string()].into_iter().chain(hosts).collect()
    }

    pub(crate) fn host(&self, domain: u32) -> SocketAddr {
        SocketAddr::new(self.hosts[domain as usize], self.smtp_port)
    }

    /// A verifier of these hosts, without limits that would be what is measured.
    pub(crate) fn verifier(&self, limits: Limits) -> Builder {
        let identity = Identity::new("verifier.engines.example", "probe@engines.example");
        let policy = Policy::new(identity.expect("names")).within(limits).expect("limits");
        Verifier::builder(policy)
            .resolver(ResolverOptions {
                name_servers: vec![self.dns],
                ..ResolverOptions::default()
            })
            .port(self.smtp_port)
            .egress(Egress::default().allow("127.0.0.0/8".parse().expect("a network")))
            .connect_pause(Duration::ZERO)
            .seed(7)
    }
}

/// Serves until standard input ends, as it does when the parent goes.
pub(crate) fn serve(arguments: &[String]) -> ExitCode {
    let is_silent = arguments.first().is_some_and(|hosts| hosts == "silent");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let laboratory = Laboratory::start().expect("a port");
        let host = |domain: u32| {
            let people = if domain == 0 { PEOPLE_OF_FIRST } else { PEOPLE };
            let known = (0..people).step_by(2).map(|person| address(domain, person));
            let script = match is_silent {
                true => Script::default().trick(Stage::Greeting, Trick::Silence),
                false => Script::with_mailboxes(known).sink(),
            };
            let name = host_name(domain);
            let host = laboratory.host(&name, script).expect("an address");
            laboratory.domain(&name).ttl_seconds(TTL_SECONDS);
            laboratory.domain(&domain_name(domain)).mx(10, &name).ttl_seconds(TTL_SECONDS);
            host.ip()
        };
        let hosts = (0..DOMAINS).map(host).collect();
        let place = Place { dns: laboratory.dns(), smtp_port: laboratory.smtp_port(), hosts };
        let _ = tokio::task::spawn_blocking(move || stay(&place.words().join(" "))).await;
    });
    ExitCode::SUCCESS
}

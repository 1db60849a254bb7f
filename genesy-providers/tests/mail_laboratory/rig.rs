//! A domain with one mail host, and what is expected of a verification there.

use std::time::Duration;

use genesy_core::verification::{Identity, Limits, Policy, Report, Stage, Verdict};
use genesy_providers::mail::{Builder, Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, MailHost, Script};

pub(crate) const DOMAIN: &str = "engines.example";
pub(crate) const ADA: &str = "ada@engines.example";
pub(crate) const BOB: &str = "bob@engines.example";
pub(crate) const MX: &str = "mx1.engines.example";

/// Limits that nothing reaches on a busy machine, but for those that a test lowers. Nobody sleeps.
pub(crate) const WIDE: Limits = Limits {
    total_ms: 60_000,
    dns_ms: 20_000,
    connect_ms: 20_000,
    greeting_ms: 20_000,
    hello_ms: 20_000,
    start_tls_ms: 20_000,
    mail_ms: 20_000,
    recipient_ms: 20_000,
    catch_all_ms: 20_000,
    quit_ms: 20_000,
    queue_ms_max: 60_000,
    greylist_ms_max: 0,
    greylist_ms: 1_000,
    ..Limits::DEFAULT
};

/// What a limit may be overrun by. It is there for busy machines; what hangs takes [`WIDE`] or for ever.
pub(crate) const OVERRUN_MAX: Duration = Duration::from_secs(2);

/// The script of a host that knows Ada and no one else.
pub(crate) fn knows_ada() -> Script {
    Script::with_mailboxes([ADA])
}

/// A laboratory with [`DOMAIN`], whose only mail host is [`MX`].
pub(crate) fn one_host(script: Script) -> (Laboratory, MailHost) {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host(MX, script).unwrap();
    laboratory.domain(DOMAIN).mx(10, MX);
    (laboratory, host)
}

pub(crate) fn policy(limits: Limits) -> Policy {
    let identity = Identity::new("verifier.engines.example", "probe@engines.example").unwrap();
    Policy::new(identity).within(limits).unwrap()
}

/// A verifier of the laboratory's hosts alone.
pub(crate) fn builder(laboratory: &Laboratory, policy: Policy) -> Builder {
    let resolver =
        ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
    let egress = Egress::default().allow("127.0.0.0/8".parse().unwrap());
    Verifier::builder(policy)
        .resolver(resolver)
        .port(laboratory.smtp_port())
        .egress(egress.allow("::1".parse().unwrap()))
        .connect_pause(Duration::ZERO)
        .seed(7)
}

pub(crate) async fn verify(laboratory: &Laboratory, limits: Limits, address: &str) -> Report {
    builder(laboratory, policy(limits)).build().unwrap().verify(address).await
}

/// Verifies Ada's address at a host of this script.
pub(crate) async fn judge(script: Script) -> Report {
    let (laboratory, _host) = one_host(script);
    verify(&laboratory, WIDE, ADA).await
}

/// Checks verdict, reason and, of an unknown one, the stage.
#[track_caller]
pub(crate) fn assert_ended(report: &Report, verdict: Verdict, reason: &str, stage: Option<Stage>) {
    let end = &report.conclusion;
    assert_eq!((end.verdict(), end.reason(), end.stage()), (verdict, reason, stage), "{report:#?}");
}

#[track_caller]
pub(crate) fn assert_deliverable(report: &Report) {
    assert_ended(report, Verdict::Deliverable, "accepted", None);
}

#[track_caller]
pub(crate) fn assert_undeliverable(report: &Report, reason: &str) {
    assert_ended(report, Verdict::Undeliverable, reason, None);
}

#[track_caller]
pub(crate) fn assert_unknown(report: &Report, reason: &str, stage: Stage) {
    assert_ended(report, Verdict::Unknown, reason, Some(stage));
}

/// The time of a stage, if it was reached.
pub(crate) fn stage_time(report: &Report, stage: Stage) -> Option<Duration> {
    let mut stages = report.evidence.stages_us.iter();
    stages.find(|(of, _)| *of == stage).map(|(_, us)| Duration::from_micros(*us))
}

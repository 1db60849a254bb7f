//! What the DNS and the network say.

use genesy_core::verification::{Report, Stage};

use super::Subject;
use super::bench::{Bench, Checked, DOMAIN, KNOWN, MX, WIDE, at, ensure, expect, knows_one, text};
use crate::simulated::mail::{DnsTrouble, RecordKind};

pub(super) async fn refusals(subject: &dyn Subject) -> Checked {
    let bench = Bench::new(subject, WIDE)?;
    bench.laboratory.refusing_host(MX).map_err(text)?;
    bench.laboratory.domain(DOMAIN).mx(10, MX);
    expect(&bench.verify(KNOWN).await?, "connect_refused", Some(Stage::Connect))
}

pub(super) async fn names(subject: &dyn Subject) -> Checked {
    let bench = Bench::new(subject, WIDE)?;
    let laboratory = &bench.laboratory;
    let host = laboratory.host(MX, knows_one()).map_err(text)?;
    let _exists = laboratory.domain("empty.example");
    laboratory.domain("null.example").null_mx();
    laboratory.domain("broken.example").trouble(DnsTrouble::ServFail);
    laboratory.domain("lost.example").mx(10, "mx.broken.example");
    laboratory.domain("mx.broken.example").trouble(DnsTrouble::ServFail);
    laboratory.domain("gone.example").mx(10, "mx.nowhere.invalid");
    let failed = ("dns_failure", Some(Stage::Dns));
    for (domain, (reason, stage)) in [
        ("absent.invalid", ("no_such_domain", None)),
        ("empty.example", ("no_mail_host", None)),
        ("null.example", ("null_mx", None)),
        ("gone.example", ("no_mail_host", None)),
        ("broken.example", failed),
        ("lost.example", failed),
    ] {
        let report = bench.verify(&format!("somebody@{domain}")).await.map_err(at(domain))?;
        expect(&report, reason, stage).map_err(at(domain))?;
    }
    // By preference, and without MX the domain itself; a kind of address that fails is not missed.
    laboratory.domain(DOMAIN).mx(30, "mx.nowhere.invalid").mx(5, MX);
    laboratory.domain(MX).trouble_with(RecordKind::Aaaa, DnsTrouble::ServFail);
    let report = bench.verify(KNOWN).await?;
    expect(&report, "accepted", None)?;
    ensure(report.evidence.hosts == [MX, "mx.nowhere.invalid"], || "not in order".to_owned())?;
    reached(&report, host.ip())
}

fn reached(report: &Report, ip: std::net::IpAddr) -> Checked {
    let tried = report.evidence.connections.last().map(|tried| tried.address);
    ensure(tried == Some(ip), || format!("it connected to {tried:?}"))
}

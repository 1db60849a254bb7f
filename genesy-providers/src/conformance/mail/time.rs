//! Deadlines, sleeping, and the time that is told.

use std::time::Duration;

use genesy_core::verification::{Limits, Report, Stage};
use tokio::time::Instant;

use super::Subject;
use super::bench::{
    Bench, Checked, DOMAIN, KNOWN, LIMIT, LIMIT_MS, MX, OVERRUN_MAX, WIDE, at, ensure, expect,
    knows_one, soon, stage_time, text,
};
use super::session::OPEN;
use crate::simulated::mail::{DnsTrouble, Stage as At, Trick};

/// The stage ended with its limit: not before it, and not long after.
async fn ends(bench: &Bench, stage: Stage) -> Checked {
    let report = bench.verify_within(KNOWN, LIMIT + OVERRUN_MAX).await?;
    expect(&report, "stage_timeout", Some(stage))?;
    lasted(&report, stage)
}

/// A stage took its limit, and not much more.
fn lasted(report: &Report, stage: Stage) -> Checked {
    let time = stage_time(report, stage).unwrap_or_default();
    ensure((LIMIT..LIMIT + OVERRUN_MAX).contains(&time), || format!("it took {time:?}"))
}

pub(super) async fn session_deadlines(subject: &dyn Subject) -> Checked {
    let limits = Limits {
        greeting_ms: LIMIT_MS,
        hello_ms: LIMIT_MS,
        mail_ms: LIMIT_MS,
        recipient_ms: LIMIT_MS,
        ..WIDE
    };
    for trick in [Trick::Silence, Trick::Drip { interval: LIMIT / 5 }] {
        for (place, stage) in OPEN {
            let script = knows_one().trick(place, trick.clone());
            let (bench, _host) = Bench::with_host(subject, limits, script)?;
            let place = format!("{trick:?} at {}", stage.name());
            ends(&bench, stage).await.map_err(at(place))?;
        }
    }
    Ok(())
}

pub(super) async fn handshake_deadline(subject: &dyn Subject) -> Checked {
    let limits = Limits { start_tls_ms: LIMIT_MS, ..WIDE };
    let script = knows_one().starttls().trick(At::TlsHandshake, Trick::Silence);
    let (bench, host) = Bench::with_host(subject, limits, script)?;
    let report = bench.verify_within(KNOWN, LIMIT + OVERRUN_MAX).await?;
    expect(&report, "accepted", None)?;
    lasted(&report, Stage::StartTls)?;
    let connections = host.stats().connections_total;
    ensure(connections == 2, || format!("{connections} connections"))
}

pub(super) async fn connect_deadline(subject: &dyn Subject) -> Checked {
    let bench = Bench::new(subject, Limits { connect_ms: LIMIT_MS, ..WIDE })?;
    bench.laboratory.black_hole(MX).map_err(text)?;
    bench.laboratory.domain(DOMAIN).mx(10, MX);
    ends(&bench, Stage::Connect).await
}

pub(super) async fn dns_deadline(subject: &dyn Subject) -> Checked {
    let bench = Bench::new(subject, Limits { dns_ms: LIMIT_MS, ..WIDE })?;
    bench.laboratory.domain(DOMAIN).trouble(DnsTrouble::Silent);
    ends(&bench, Stage::Dns).await?;
    bench.laboratory.domain(DOMAIN).no_trouble().mx(10, MX);
    bench.laboratory.domain(MX).trouble(DnsTrouble::Silent);
    let address = format!("other@{DOMAIN}");
    let report = bench.verify_within(&address, LIMIT + OVERRUN_MAX).await?;
    expect(&report, "stage_timeout", Some(Stage::Dns))
}

/// The machine sleeps a second; whoever comes back before the host's time is sent away once more.
pub(super) async fn sleeping(subject: &dyn Subject) -> Checked {
    let later = "450 4.2.0 <{}>: Greylisted, please try again in 1 seconds";
    let script = knows_one().greylisting_says(Duration::from_millis(900), later);
    let (bench, host) = Bench::with_host(subject, WIDE, script)?;
    let begun = Instant::now();
    let looking = async {
        soon("a first attempt", || host.stats().quits == 1).await?;
        soon("the end of the session", || host.stats().connections_now == 0).await?;
        let is_early = begun.elapsed() < Duration::from_millis(900);
        ensure(is_early, || "the connection was open while it slept".to_owned())
    };
    let (report, looked) = tokio::join!(bench.verify(KNOWN), looking);
    expect(&report?, "accepted", None)?;
    looked?;
    let time = begun.elapsed();
    ensure(time >= Duration::from_secs(1), || format!("it slept {time:?}, not a second"))?;
    let connections = host.stats().connections_total;
    ensure(connections == 2, || format!("{connections} connections"))
}

pub(super) async fn patience(subject: &dyn Subject) -> Checked {
    let (bench, host) = Bench::with_host(subject, WIDE, knows_one().delay(2 * LIMIT))?;
    expect(&bench.verify(KNOWN).await?, "accepted", None)?;
    let connections = host.stats().connections_total;
    ensure(connections == 1, || format!("{connections} connections"))
}

pub(super) async fn time(subject: &dyn Subject) -> Checked {
    let script = knows_one().delay_at(At::Greeting, 2 * LIMIT).delay_at(At::Ehlo, LIMIT);
    let (bench, _host) = Bench::with_host(subject, WIDE, script)?;
    let begun = Instant::now();
    let report = bench.verify(KNOWN).await?;
    let real = begun.elapsed();
    for (stage, least) in [(Stage::Greeting, 2 * LIMIT), (Stage::Hello, LIMIT)] {
        let time = stage_time(&report, stage).unwrap_or_default();
        // Clocks may differ by a little.
        let is_real = time + Duration::from_millis(5) >= least && time <= real;
        ensure(is_real, || format!("{} took {time:?}, it says", stage.name()))?;
    }
    let sum_us: u64 = report.evidence.stages_us.iter().map(|(_, us)| us).sum();
    let sum = Duration::from_micros(sum_us);
    ensure(sum <= real + Duration::from_millis(5), || format!("{sum:?} in {real:?}"))
}

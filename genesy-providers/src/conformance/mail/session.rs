//! What is said over connections.

use std::time::Duration;

use genesy_core::verification::{Limits, Stage};
use tokio::time::sleep;

use super::Subject;
use super::bench::{
    Bench, Checked, DOMAIN, HELO_NAME, KNOWN, LIMIT_MS, OVERRUN_MAX, UNKNOWN, WIDE, at, ensure,
    expect, knows_one, soon, text,
};
use crate::simulated::mail::{Script, Stage as At, Trick};

/// The stages where a verdict is still open.
pub(super) const OPEN: [(At, Stage); 4] = [
    (At::Greeting, Stage::Greeting),
    (At::Ehlo, Stage::Hello),
    (At::MailFrom, Stage::Mail),
    (At::RcptTo, Stage::Recipient),
];

pub(super) async fn verdicts(subject: &dyn Subject) -> Checked {
    let (bench, _host) = Bench::with_host(subject, WIDE, knows_one())?;
    expect(&bench.verify(KNOWN).await?, "accepted", None)?;
    expect(&bench.verify(UNKNOWN).await?, "no_such_mailbox", None)?;
    expect(&bench.verify("no address").await?, "syntax_invalid", None)
}

pub(super) async fn commands(subject: &dyn Subject) -> Checked {
    for script in [knows_one(), knows_one().no_pipelining()] {
        let (bench, host) = Bench::with_host(subject, WIDE, script)?;
        bench.verify(KNOWN).await?;
        soon("the end of the session", || host.stats().connections_now == 0).await?;
        let transcripts = host.transcripts();
        let [session] = &transcripts[..] else {
            return Err(format!("{} sessions", transcripts.len()));
        };
        let said = session.commands();
        let verbs: Vec<_> =
            said.iter().map(|line| line.split([' ', ':']).next().unwrap_or(line)).collect();
        ensure(verbs == ["EHLO", "MAIL", "RCPT", "RCPT", "QUIT"], || format!("{verbs:?}"))?;
        let whole = said[0] == format!("EHLO {HELO_NAME}")
            && said[1] == "MAIL FROM:<>"
            && said[2] == format!("RCPT TO:<{KNOWN}>");
        ensure(whole, || "a command is not as it was asked for".to_owned())?;
    }
    Ok(())
}

/// The second host is talked to while it is looked at the first.
pub(super) async fn closing(subject: &dyn Subject) -> Checked {
    const MX2: &str = "mx2.engines.example";
    let limits = Limits { greeting_ms: LIMIT_MS, ..WIDE };
    let silent = Script::default().trick(At::Greeting, Trick::Silence);
    let (bench, first) = Bench::with_host(subject, limits, silent)?;
    let slow = knows_one().delay_at(At::Ehlo, Duration::from_millis(800));
    let second = bench.laboratory.host(MX2, slow).map_err(text)?;
    bench.laboratory.domain(DOMAIN).mx(20, MX2);
    let looking = async {
        soon("a second connection", || second.stats().commands == 1).await?;
        sleep(Duration::from_millis(200)).await;
        ensure(first.stats().connections_now == 0, || "it was not closed".to_owned())
    };
    let (report, looked) = tokio::join!(bench.verify(KNOWN), looking);
    looked?;
    expect(&report?, "accepted", None)
}

pub(super) async fn start_tls(subject: &dyn Subject) -> Checked {
    let (bench, host) = Bench::with_host(subject, WIDE, knows_one().requires_tls())?;
    let report = bench.verify(KNOWN).await?;
    expect(&report, "accepted", None)?;
    let sessions = host.stats().tls_sessions;
    ensure(sessions == 1, || format!("{sessions} handshakes"))
}

pub(super) async fn bytes(subject: &dyn Subject) -> Checked {
    const SAID: &str = "550 5.1.1 <{}>: no such user here, and this text is one of a kind";
    for pieces in [1, 2, 7, 1_000] {
        let split = Trick::Split { pieces, pause: Duration::from_millis(1) };
        let script = knows_one().unknown(SAID);
        let script = [At::Greeting, At::Ehlo, At::MailFrom, At::RcptTo]
            .into_iter()
            .fold(script, |script, stage| script.trick(stage, split.clone()));
        let (bench, host) = Bench::with_host(subject, WIDE, script)?;
        let report = bench.verify(UNKNOWN).await?;
        let in_pieces = || at(format!("in {pieces} pieces"));
        expect(&report, "no_such_mailbox", None).map_err(in_pieces())?;
        let whole = SAID.replace("550 5.1.1 ", "").replace("{}", UNKNOWN);
        let kept = report.evidence.reply.is_some_and(|reply| reply.text.reveal().contains(&whole));
        ensure(kept, || "the text of a reply is not what was sent".to_owned())
            .map_err(in_pieces())?;
        let connections = host.stats().connections_total;
        ensure(connections == 1, || format!("{connections} connections")).map_err(in_pieces())?;
    }
    Ok(())
}

pub(super) async fn disconnects(subject: &dyn Subject) -> Checked {
    for trick in [Trick::Disconnect, Trick::Reset, Trick::HalfReply] {
        for (place, stage) in OPEN {
            let script = knows_one().trick(place, trick.clone());
            let (bench, _host) = Bench::with_host(subject, WIDE, script)?;
            let here = || at(format!("{trick:?} at {}", stage.name()));
            let report = bench.verify_within(KNOWN, OVERRUN_MAX).await;
            expect(&report.map_err(here())?, "disconnected", Some(stage)).map_err(here())?;
        }
    }
    Ok(())
}

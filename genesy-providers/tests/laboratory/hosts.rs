//! Mail hosts of the laboratory as they are when they play no tricks, seen by a plain client.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use genesy_providers::simulated::mail::{Laboratory, Mailbox, Script, Side, Stage};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{Client, until};

const HOST: &str = "mx1.engines.example";

#[tokio::test]
async fn knows_its_mailboxes_and_counts() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::with_mailboxes(["Ada@engines.example"]);
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    assert_eq!(client.recipient("ada@Engines.example").await, "250 2.1.5 Ok\r\n");
    assert_eq!(
        client.recipient("bob@engines.example").await,
        "550 5.1.1 <bob@engines.example>: Recipient address rejected: \
         User unknown in local recipient table\r\n"
    );
    assert_eq!(client.recipient("postmaster@engines.example").await, "250 2.1.5 Ok\r\n");
    assert_eq!(client.say("DATA").await, "554 5.3.0 Error: this host takes no mail\r\n");
    assert_eq!(client.say("QUIT").await, "221 2.0.0 Bye\r\n");
    assert_eq!(client.rest().await.unwrap(), b"");
    drop(client);

    until(|| host.stats().connections_now == 0).await;
    let stats = host.stats();
    assert_eq!((stats.connections_total, stats.connections_max), (1, 1));
    assert_eq!((stats.commands, stats.recipients, stats.data, stats.quits), (7, 3, 1, 1));
    let [transcript] = host.transcripts().try_into().unwrap();
    assert_eq!(transcript.commands()[2], "RCPT TO:<ada@Engines.example>");
    assert_eq!(transcript.lines[0].side, Side::Host);
    assert_eq!(transcript.lines[0].text, format!("220 {HOST} ESMTP"));
    assert!(!format!("{transcript:?}{host:?}").contains('@'));
}

#[tokio::test]
async fn says_how_mailboxes_are() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default()
        .mailbox("full@engines.example", Mailbox::Full)
        .mailbox("off@engines.example", Mailbox::Disabled)
        .mailbox("gone@engines.example", Mailbox::Unknown)
        .mailbox("moved@engines.example", Mailbox::Moved("new@looms.example".to_owned()))
        .mailbox("odd@engines.example", Mailbox::Says("550 go away, {}".to_owned()))
        .unknown("550 5.1.1 no {} here");
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    for (address, reply) in [
        ("anybody@engines.example", "250 2.1.5 Ok\r\n"),
        (
            "full@engines.example",
            "452 4.2.2 <full@engines.example>: Recipient address rejected: Mailbox is over quota\r\n",
        ),
        (
            "off@engines.example",
            "550 5.2.1 <off@engines.example>: The email account is disabled\r\n",
        ),
        ("gone@engines.example", "550 5.1.1 no gone@engines.example here\r\n"),
        ("moved@engines.example", "551 5.1.6 User not local; please try <new@looms.example>\r\n"),
        ("odd@engines.example", "550 go away, odd@engines.example\r\n"),
        ("\"a>b\"@engines.example", "250 2.1.5 Ok\r\n"),
    ] {
        assert_eq!(client.recipient(address).await, reply);
    }
}

#[tokio::test]
async fn a_postmaster_may_be_missing() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::with_mailboxes(["ada@engines.example"]).no_postmaster();
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    assert!(client.recipient("postmaster@engines.example").await.starts_with("550 5.1.1 "));
}

#[tokio::test]
async fn refuses_at_each_stage() {
    let laboratory = Laboratory::start().unwrap();
    let policy = "550 5.7.1 Client host blocked";
    let host = |script: Script| laboratory.host(HOST, script).unwrap();

    let greeting = host(Script::default().refuse(Stage::Greeting, "554 5.7.1 No SMTP service"));
    let mut client = Client::connect(&laboratory, &greeting).await;
    assert_eq!(client.reply().await, "554 5.7.1 No SMTP service\r\n");
    assert!(client.say("EHLO client.example").await.starts_with("503 "));
    assert!(client.say("QUIT").await.starts_with("221 "));

    let busy = host(Script::default().refuse(Stage::Greeting, "421 4.3.2 Not now"));
    let mut client = Client::connect(&laboratory, &busy).await;
    assert_eq!(client.rest().await.unwrap(), b"421 4.3.2 Not now\r\n");

    let ehlo = host(Script::default().refuse(Stage::Ehlo, policy));
    let mut client = Client::connect(&laboratory, &ehlo).await;
    client.reply().await;
    assert_eq!(client.say("EHLO client.example").await, format!("{policy}\r\n"));

    let sender = host(Script::default().refuse(Stage::MailFrom, policy));
    let mut client = Client::connect(&laboratory, &sender).await;
    client.reply().await;
    client.say("EHLO client.example").await;
    assert_eq!(client.say("MAIL FROM:<>").await, format!("{policy}\r\n"));

    let everybody = host(Script::default().refuse(Stage::RcptTo, "550 No"));
    let mut client = Client::with_sender(&laboratory, &everybody).await;
    assert_eq!(client.recipient("ada@engines.example").await, "550 No\r\n");
    assert_eq!(client.recipient("postmaster@engines.example").await, "550 No\r\n");
}

#[tokio::test]
async fn greylists_for_some_time() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default().greylisting(Duration::from_millis(100));
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    let first = client.recipient("ada@engines.example").await;
    assert!(first.starts_with("450 4.2.0 ") && first.contains("in 300 seconds"), "{first}");
    assert!(client.recipient("ada@engines.example").await.starts_with("450 "));
    tokio::time::sleep(Duration::from_millis(110)).await;
    // Another session, the same sender and recipient.
    let mut client = Client::with_sender(&laboratory, &host).await;
    assert!(client.recipient("ADA@engines.example").await.starts_with("250 "));
    assert!(client.recipient("bob@engines.example").await.starts_with("450 "));
}

#[tokio::test]
async fn offers_what_it_is_told_to() {
    let laboratory = Laboratory::start().unwrap();
    let old = laboratory.host(HOST, Script::default().helo_only()).unwrap();
    let mut client = Client::connect(&laboratory, &old).await;
    client.reply().await;
    assert!(client.say("EHLO client.example").await.starts_with("502 "));
    assert_eq!(client.say("HELO client.example").await, format!("250 {HOST}\r\n"));
    assert!(client.say("MAIL FROM:<>").await.starts_with("250 "));

    let extensions = async |script: Script| {
        let host = laboratory.host(HOST, script).unwrap();
        let mut client = Client::connect(&laboratory, &host).await;
        client.reply().await;
        client.say("EHLO client.example").await
    };
    let usual = extensions(Script::default()).await;
    assert!(usual.contains("250-PIPELINING\r\n") && usual.ends_with("250 8BITMIME\r\n"));
    assert!(!usual.contains("SMTPUTF8") && !usual.contains("STARTTLS"));
    assert!(!extensions(Script::default().no_pipelining()).await.contains("PIPELINING"));
    assert!(extensions(Script::default().smtputf8()).await.contains("250-SMTPUTF8\r\n"));
    assert!(extensions(Script::default().starttls()).await.contains("250-STARTTLS\r\n"));
}

#[tokio::test]
async fn addresses_beyond_ascii_need_smtputf8() {
    let laboratory = Laboratory::start().unwrap();
    let plain = laboratory.host(HOST, Script::default()).unwrap();
    let mut client = Client::with_sender(&laboratory, &plain).await;
    assert!(client.recipient("ä@engines.example").await.starts_with("553 5.6.7 "));
    let able = laboratory.host(HOST, Script::default().smtputf8()).unwrap();
    let mut client = Client::with_sender(&laboratory, &able).await;
    assert!(client.recipient("ä@engines.example").await.starts_with("250 "));
}

#[tokio::test]
async fn has_limits() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default()
        .recipients_per_transaction_max(2)
        .recipients_per_session_max(5)
        .connections_max(1);
    let host = laboratory.host(HOST, script).unwrap();
    let mut client = Client::with_sender(&laboratory, &host).await;
    let mut other = Client::connect(&laboratory, &host).await;
    assert!(other.rest().await.unwrap().starts_with(b"421 4.7.0 "));

    for code in ["250 ", "250 ", "452 4.5.3 "] {
        assert!(client.recipient("ada@engines.example").await.starts_with(code));
    }
    client.say("RSET").await;
    client.say("MAIL FROM:<>").await;
    for code in ["250 ", "250 ", "421 "] {
        assert!(client.recipient("ada@engines.example").await.starts_with(code));
    }
    assert_eq!(client.rest().await.unwrap(), b"");
}

#[tokio::test]
async fn delays_are_kept() {
    let laboratory = Laboratory::start().unwrap();
    let script = Script::default()
        .delay(Duration::from_millis(30))
        .delay_at(Stage::RcptTo, Duration::from_millis(120));
    let host = laboratory.host(HOST, script).unwrap();
    let begun = Instant::now();
    let mut client = Client::with_sender(&laboratory, &host).await;
    let before = begun.elapsed();
    assert!(before >= Duration::from_millis(90), "{before:?}");
    client.recipient("ada@engines.example").await;
    assert!(begun.elapsed() - before >= Duration::from_millis(120));
}

#[tokio::test]
async fn answers_pipelined_commands_in_one_go() {
    let laboratory = Laboratory::start().unwrap();
    for script in [Script::default(), Script::default().sink()] {
        let script = script.mailbox("no@engines.example", Mailbox::Unknown);
        let host = laboratory.host(HOST, script).unwrap();
        let mut client = Client::connect(&laboratory, &host).await;
        client.reply().await;
        client.say("EHLO client.example").await;
        let batch = b"MAIL FROM:<>\r\nRCPT TO:<a@engines.example>\r\n\
            RCPT TO:<no@engines.example>\r\nRSET\r\nQUIT\r\n";
        client.send(batch).await;
        let replies = String::from_utf8(client.rest().await.unwrap()).unwrap();
        let codes: Vec<_> = replies.lines().map(|line| &line[..9]).collect();
        assert_eq!(codes, ["250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.0.0", "221 2.0.0"]);
        let stats = host.stats();
        assert_eq!((stats.commands, stats.recipients, stats.quits), (6, 2, 1));
    }
}

#[tokio::test]
async fn takes_any_bytes() {
    let laboratory = Laboratory::start().unwrap();
    for script in [Script::default(), Script::default().sink()] {
        let host = laboratory.host(HOST, script).unwrap();
        let mut stream = TcpStream::connect((host.ip(), laboratory.smtp_port())).await.unwrap();
        let mut bytes = vec![0xFF; 100_000];
        bytes.extend_from_slice(b"\n\0\r\r\n<\n>\nRCPT\nRCPT TO:<\nMAIL FROM:>\n");
        // A host may have closed by then.
        let _ = timeout(Duration::from_secs(5), stream.write_all(&bytes)).await.unwrap();
        drop(stream);
        until(|| host.stats().connections_now == 0).await;
    }
}

#[tokio::test]
async fn a_script_can_change() {
    let laboratory = Laboratory::start().unwrap();
    let host = laboratory.host(HOST, Script::default()).unwrap();
    host.set_script(Script::default().refuse(Stage::Greeting, "421 Closed"));
    let mut client = Client::connect(&laboratory, &host).await;
    assert_eq!(client.reply().await, "421 Closed\r\n");
}

#[tokio::test]
async fn some_hosts_cannot_be_reached() {
    let laboratory = Laboratory::start().unwrap();
    let connect = async |ip| {
        let place = SocketAddr::new(ip, laboratory.smtp_port());
        timeout(Duration::from_millis(1500), TcpStream::connect(place)).await
    };
    let refusing = laboratory.refusing_host("mx1.engines.example").unwrap();
    let refused = connect(refusing).await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    // It is longer than the first repetition of what asks for a connection, which comes after a second.
    let hole = laboratory.black_hole("mx2.engines.example").unwrap();
    assert!(connect(hole).await.is_err());
}

#[tokio::test]
async fn a_host_can_have_ipv6_alone() {
    let laboratory = Laboratory::start().unwrap();
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return; // This machine has no IPv6.
    }
    let host = laboratory.host_v6("mx6.engines.example", Script::default()).unwrap();
    assert!(host.ip().is_ipv6());
    Client::with_sender(&laboratory, &host).await;
}

#[tokio::test]
async fn laboratories_run_beside_each_other_and_end() {
    let laboratories: Vec<_> = (0..10).map(|_| Laboratory::start().unwrap()).collect();
    let mut ends = Vec::new();
    for laboratory in laboratories {
        for _ in 0..20 {
            laboratory.host(HOST, Script::default()).unwrap();
        }
        let host = laboratory.host(HOST, Script::default()).unwrap();
        let client = Client::with_sender(&laboratory, &host).await;
        ends.push((client, (host.ip(), laboratory.smtp_port())));
    }
    for (mut client, place) in ends {
        assert!(client.rest().await.is_ok_and(|rest| rest.is_empty()));
        assert!(TcpStream::connect(place).await.is_err());
    }
}

#[test]
fn runs_on_a_thread_of_its_own() {
    let laboratory = Laboratory::start_on_thread().unwrap();
    // It is set up without a runtime.
    let host = laboratory.host(HOST, Script::default().sink()).unwrap();
    laboratory.black_hole("mx2.engines.example").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut client = Client::with_sender(&laboratory, &host).await;
        assert_eq!(client.recipient("ada@engines.example").await, "250 2.1.5 Ok\r\n");
    });
    drop(laboratory);
    assert!(std::net::TcpStream::connect((host.ip(), 1)).is_err());
}

//! A real Postfix on loopback, as Debian has it. It needs root, since its master process does:
//! `apt-get install postfix`, then
//! `GENESY_POSTFIX=1 cargo test -p genesy-providers --test mail_postfix -- --ignored`.
#![cfg(all(feature = "simulated", feature = "mail"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use genesy_core::verification::{Identity, Limits, Policy, Stage, Verdict};
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::Laboratory;

const DOMAIN: &str = "engines.example";
const KNOWN: usize = 40;
/// Recipients of one transaction that it takes.
const TRANSACTION_MAX: usize = 15;

/// Services that a server needs that takes no mail in the end.
const MASTER: &str = "\
smtpd_port inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
postlog unix-dgram n - n - 1 postlogd
";

/// A Postfix with its own configuration and queue, until it is dropped.
struct Postfix {
    directory: PathBuf,
    port: u16,
    master: Child,
}

impl Postfix {
    fn start() -> Self {
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let directory = std::env::temp_dir().join(format!("genesy-postfix-{port}"));
        for part in ["etc", "queue", "data"] {
            fs::create_dir_all(directory.join(part)).unwrap();
        }
        let data = directory.join("data");
        assert!(
            run("chown", &["postfix", data.to_str().unwrap()]),
            "is Postfix installed, as root?"
        );
        let known: Vec<_> = (0..KNOWN).map(|number| format!("{{ known{number} = x }}")).collect();
        let main = format!(
            "compatibility_level = 3.6\n\
             queue_directory = {directory}/queue\n\
             data_directory = {directory}/data\n\
             maillog_file = /dev/stdout\n\
             myhostname = mx.{DOMAIN}\n\
             mydestination = {DOMAIN}\n\
             mynetworks =\n\
             inet_interfaces = 127.0.0.1\n\
             inet_protocols = ipv4\n\
             alias_maps =\n\
             smtpd_tls_security_level = none\n\
             smtpd_recipient_limit = {TRANSACTION_MAX}\n\
             smtpd_error_sleep_time = 0\n\
             smtpd_recipient_restrictions = check_recipient_access inline:{{\
                {{ full@{DOMAIN} = 452 4.2.2 Mailbox is over quota }}, \
                {{ grey@{DOMAIN} = 450 4.2.0 Greylisted, please try again in 300 seconds }}, \
                {{ blocked@{DOMAIN} = 550 5.7.1 Client host is not allowed }}, \
                {{ disabled@{DOMAIN} = 550 5.2.1 The account is disabled }}\
             }}, reject_unauth_destination\n\
             local_recipient_maps = inline:{{ {known}, {{ full = x }}, {{ grey = x }}, \
                {{ blocked = x }}, {{ disabled = x }} }}\n",
            directory = directory.display(),
            known = known.join(", "),
        );
        fs::write(directory.join("etc/main.cf"), main).unwrap();
        let master = MASTER.replace("smtpd_port", &format!("127.0.0.1:{port}"));
        fs::write(directory.join("etc/master.cf"), master).unwrap();
        let log = fs::File::create(directory.join("log")).unwrap();
        let master = Command::new("postfix")
            .args(["-c", directory.join("etc").to_str().unwrap(), "start-fg"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("Postfix is installed: apt-get install postfix");
        let postfix = Self { directory, port, master };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", postfix.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        postfix
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let etc = self.directory.join("etc");
        let stopped = run("postfix", &["-c", etc.to_str().unwrap_or_default(), "stop"]);
        if !stopped {
            // The handle is that of its master process.
            let _ = self.master.kill();
        }
        let _ = self.master.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    let quiet = || Stdio::null();
    let mut command = Command::new(program);
    let command = command.args(arguments).stdin(quiet()).stdout(quiet()).stderr(quiet());
    command.status().is_ok_and(|status| status.success())
}

fn verifier(laboratory: &Laboratory, port: u16) -> Verifier {
    let identity = Identity::new("verifier.elsewhere.example", "").unwrap();
    let limits = Limits { greylist_ms_max: 0, ..Limits::DEFAULT };
    let policy = Policy::new(identity).within(limits).unwrap();
    let resolver =
        ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
    Verifier::builder(policy)
        .resolver(resolver)
        .port(port)
        .egress(Egress::default().allow("127.0.0.1".parse().unwrap()))
        .build()
        .unwrap()
}

#[tokio::test]
#[ignore = "needs root and Postfix from Debian: GENESY_POSTFIX=1 cargo test ... -- --ignored"]
async fn postfix_is_understood() {
    let is_wanted = std::env::var("GENESY_POSTFIX").is_ok_and(|value| value == "1");
    assert!(is_wanted, "set GENESY_POSTFIX=1 to have a Postfix started");
    let postfix = Postfix::start();
    let laboratory = Laboratory::start().unwrap();
    laboratory.domain(DOMAIN).mx(10, "mx.engines.example");
    laboratory.domain("mx.engines.example").address(Ipv4Addr::LOCALHOST);
    let verifier = verifier(&laboratory, postfix.port);

    for (name, verdict, reason, stage) in [
        ("known1", Verdict::Deliverable, "accepted", None),
        ("unknown", Verdict::Undeliverable, "no_such_mailbox", None),
        ("disabled", Verdict::Undeliverable, "mailbox_disabled", None),
        ("full", Verdict::Risky, "mailbox_full", None),
        ("grey", Verdict::Unknown, "greylisted", Some(Stage::Recipient)),
        ("blocked", Verdict::Unknown, "sender_refused_policy", Some(Stage::Recipient)),
    ] {
        let report = verifier.verify(&format!("{name}@{DOMAIN}")).await;
        let end = report.conclusion;
        let got = (end.verdict(), end.reason(), end.stage());
        println!("{name}: {got:?} {:?}", report.evidence.stages_us);
        assert_eq!(got, (verdict, reason, stage), "{name}: {report:#?}\n{}", postfix.log());
    }

    // Many: more than a transaction takes, and more unknown ones than it bears in a session.
    let addresses = (0..KNOWN)
        .flat_map(|number| [format!("known{number}@{DOMAIN}"), format!("nobody{number}@{DOMAIN}")]);
    let begun = Instant::now();
    let done: Vec<_> = verifier.verify_all(stream::iter(addresses)).collect().await;
    println!("{} addresses in {:?}", done.len(), begun.elapsed());
    assert_eq!(done.len(), 2 * KNOWN);
    for verified in done {
        let address = verified.address.into_inner();
        let right = if address.starts_with("known") { "accepted" } else { "no_such_mailbox" };
        assert_eq!(verified.report.conclusion.reason(), right, "{address}\n{}", postfix.log());
    }
    let log = postfix.log();
    println!("{} sessions", log.matches(": connect from").count());
    assert!(!log.contains("fatal") && !log.contains("panic"), "{log}");
}

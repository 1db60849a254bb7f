//! The program: what it prints, what it refuses, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to begin or to end, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genesy-http"));
    command.arg("serve").args(arguments).stdin(Stdio::null());
    for name in ["LISTEN", "DATA", "CONFIG", "TOKEN", "ALLOWED_HOSTS", "LOG"] {
        command.env_remove(format!("GENESY_{name}"));
    }
    command
}

/// A server that was started, until it is dropped.
struct Running {
    child: Child,
    /// What it printed, up to the address.
    text: String,
    address: String,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut text = String::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                let mut error = String::new();
                let _ = child.stderr.take().expect("a pipe").read_to_string(&mut error);
                panic!("it ended: {text}{error}");
            };
            text.push_str(&line);
            text.push('\n');
            if let Some(url) = line.strip_prefix("Open http://") {
                break url.trim_end_matches('/').to_owned();
            }
        };
        Self { child, text, address }
    }

    fn get(&self, path: &str, headers: &str) -> String {
        use std::io::Write;
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn signal(&self, name: &str) {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status()
            .expect("a shell");
        assert!(status.success());
    }

    /// Waits for its end.
    fn end(mut self) -> Output {
        let begun = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        let (mut stderr, mut pipe) = (Vec::new(), self.child.stderr.take().expect("a pipe"));
        pipe.read_to_end(&mut stderr).expect("text");
        let status = self.child.wait().expect("a child");
        Output { status, stdout: Vec::new(), stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refused(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn data_folder(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("data = ")).expect("a folder");
    line.trim_matches('"')
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let server = Running::start(&mut program(&["--demo", "--listen", "127.0.0.1:0"]));
    assert!(server.text.contains("simulated"), "{}", server.text);
    let folder = data_folder(&server.text).to_owned();
    assert!(Path::new(&folder).join("genesy.sqlite3").is_file());
    let answer = server.get("/v1/server", "");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"is_demo\":true"), "{answer}");
    assert!(server.get("/", "").starts_with("HTTP/1.1 200 "));
    server.signal("TERM");
    let output = server.end();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!Path::new(&folder).exists(), "{folder} is still there");
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let file = at("genesy.toml");
    let text = format!(
        "token = 'of-the-file-0123456789'\ndata = {:?}\n[limits]\nrequests_per_s = 77\n",
        at("of-the-file")
    );
    std::fs::write(&file, text).expect("it is written");
    let flags = ["--config", &file, "--listen", "127.0.0.1:0", "--data", &at("of-the-flag")];
    let token = "of-the-environment-0123456789";
    let server =
        Running::start(program(&flags).env("GENESY_TOKEN", token).env("GENESY_DATA", at("of-env")));
    assert_eq!(data_folder(&server.text), at("of-the-flag"));
    assert!(server.text.contains("limits.requests_per_s = 77"), "{}", server.text);
    assert!(
        server.text.contains("token = \"(set, not shown)\"") && !server.text.contains("0123456789")
    );
    assert!(server.get("/v1/server", "").starts_with("HTTP/1.1 401 "));
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    assert!(
        server.get("/v1/server", &bearer("of-the-file-0123456789")).starts_with("HTTP/1.1 401 ")
    );
    let answer = server.get("/v1/server", &bearer(token));
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"is_demo\":false"),
        "{answer}"
    );
    server.signal("INT");
    assert!(server.end().status.success());
    assert!(
        folder.path().join("of-the-flag/genesy.sqlite3").is_file(),
        "data that was named stays"
    );
}

#[test]
fn a_variable_that_is_set_to_nothing_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let file = at("genesy.toml");
    let text = "allowed_hosts = ['leads.example']\n[log]\nfilter = 'warn'\n";
    std::fs::write(&file, text).expect("it is written");
    let help = program(&["--help"]).output().expect("it runs").stdout;
    let help = String::from_utf8(help).expect("UTF-8");
    let variables = help.split("[env: ").skip(1);
    let variables: Vec<_> = variables.filter_map(|text| text.split(['=', ']']).next()).collect();
    assert!(variables.contains(&"GENESY_LISTEN") && variables.len() >= 10, "{variables:?}");
    let empty = |flags: &[&str]| {
        let mut command = program(flags);
        command.envs(variables.iter().map(|name| (name, "")));
        command
    };
    let flags = ["--config", &file, "--listen", "127.0.0.1:0", "--data", &at("data")];
    let server = Running::start(&mut empty(&flags));
    assert!(server.text.contains("leads.example"), "{}", server.text);
    assert!(server.text.contains("log.filter = \"warn\""), "{}", server.text);
    assert!(server.get("/v1/server", "").starts_with("HTTP/1.1 200 "));
    // A variable is not even looked at where a flag says the same.
    std::fs::write(&file, "listen = '127.0.0.1:0'").expect("it is written");
    drop(Running::start(&mut empty(&["--demo", "--config", &file])));
    drop(Running::start(&mut empty(&["--demo", "--listen", "127.0.0.1:0"])));
}

#[test]
fn what_cannot_be_is_refused_and_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data").to_str().expect("UTF-8").to_owned();
    let open = refused(&mut program(&["--listen", "0.0.0.0:0", "--data", &data]));
    assert!(open.contains("a token is required: set GENESY_TOKEN"), "{open}");
    let open = refused(&mut program(&["--listen", "[::]:0", "--demo"]));
    assert!(open.contains("a token is required"), "{open}");

    let cluster = ["--demo", "--temporal", "http://127.0.0.1:1"];
    let message = refused(&mut program(&cluster));
    assert!(message.contains("a demo leaves nothing to a Temporal cluster"), "{message}");

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let message = refused(&mut program(&["--listen", &address, "--data", &data]));
    assert!(message.contains(&address) && message.contains("--listen"), "{message}");

    let file = folder.path().join("genesy.toml");
    std::fs::write(&file, "[limits]\nrequests = 5\n").expect("it is written");
    let file = file.to_str().expect("UTF-8");
    let message = refused(&mut program(&["--config", file, "--data", &data]));
    assert!(message.contains("genesy.toml, line 2: unknown field `requests`"), "{message}");
    let message = refused(&mut program(&["--config", "nowhere.toml", "--data", &data]));
    assert!(message.contains("nowhere.toml"), "{message}");

    let flags = ["--listen", "127.0.0.1:0", "--data", &data];
    let server = Running::start(&mut program(&flags));
    let message = refused(&mut program(&flags));
    assert!(message.contains("another process has this data folder open"), "{message}");
    drop(server);
    let again = Running::start(&mut program(&flags));
    assert!(again.get("/readyz", "").starts_with("HTTP/1.1 200 "), "a kill leaves it usable");
}

#[test]
fn what_is_simulated_and_what_is_real_are_not_mixed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (real, simulated) = (at("real"), at("simulated"));
    let listen = ["--listen", "127.0.0.1:0"];
    let demo = |data: &str| {
        let mut command = program(&[&["--demo"][..], &listen].concat());
        command.env("GENESY_DATA", data);
        command
    };
    let real_one = || program(&[&["--data", &real][..], &listen].concat());
    drop(Running::start(&mut real_one()));
    drop(Running::start(&mut demo(&simulated)));
    let message = refused(&mut demo(&real));
    assert!(message.contains(&real) && message.contains("leave --demo out"), "{message}");
    let message = refused(&mut program(&[&["--data", &simulated][..], &listen].concat()));
    assert!(message.contains(&simulated) && message.contains("start with --demo"), "{message}");
    drop(Running::start(&mut real_one()));
    drop(Running::start(&mut demo(&simulated)));
}

/// More connections than files may be open at first, as most systems have it.
#[cfg(target_os = "linux")]
#[test]
fn it_takes_as_many_connections_as_the_system_allows_at_most() {
    const ALLOWED_AT_FIRST: usize = 128;
    let folder = tempfile::tempdir().expect("a folder");
    let script = format!("ulimit -Sn {ALLOWED_AT_FIRST} && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_genesy-http"), "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
    let server = Running::start(command.stdin(Stdio::null()));
    let connect = || TcpStream::connect(&server.address).expect("a connection");
    let held: Vec<TcpStream> = (0..2 * ALLOWED_AT_FIRST).map(|_| connect()).collect();
    assert!(server.get("/readyz", "").starts_with("HTTP/1.1 200 "));
    drop(held);
}

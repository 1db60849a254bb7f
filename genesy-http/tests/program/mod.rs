//! The program itself, which can be killed.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

pub(crate) struct Program {
    child: Child,
    address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        // SIGKILL: it can do nothing about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[], Stdio::null())
    }

    /// Starts it with further flags; its log goes there.
    pub(crate) fn start_with(folder: &Path, flags: &[&str], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_genesy-http"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let address = lines.find_map(|line| {
            let line = line.expect("a line");
            line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
        });
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("its address").trim_end_matches('/').to_owned() }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Lets it end by itself.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(told.success());
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{status}");
    }

    /// The memory that it has now.
    pub(crate) fn memory_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Sends a request, and gives the connection, from which the answer comes.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> TcpStream {
        ask(&self.address, method, path, content_type, body).expect("a connection")
    }

    /// Sends a request, and gives the status and the body of the answer.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = self.ask(method, path, "text/csv", body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.send("GET", path, "").1).expect("JSON")
    }
}

/// How often the program is killed: so often, or as often as `GENESY_HTTP_KILLS` says.
pub(crate) fn kills(otherwise: u64) -> u64 {
    let kills = std::env::var("GENESY_HTTP_KILLS").ok();
    kills.map_or(otherwise, |kills| kills.parse().expect("GENESY_HTTP_KILLS is a number"))
}

/// What SQLite says of the store that a program left.
pub(crate) fn integrity(folder: &Path) -> String {
    let store = rusqlite::Connection::open(folder.join("genesy.sqlite3")).expect("the store");
    store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check")
}

/// Sends a request to `http://host:port`, and gives the connection, from which the answer comes.
pub(crate) fn ask(
    address: &str,
    method: &str,
    path: &str,
    content_type: &str,
    body: &str,
) -> io::Result<TcpStream> {
    let address = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    Ok(stream)
}

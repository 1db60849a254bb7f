//! The program itself, which can be killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
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
        let mut child = Command::new(env!("CARGO_BIN_EXE_genesy-http"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
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

    /// Sends a request, and gives the connection, from which the answer comes.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> TcpStream {
        let address = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("a head");
        stream.write_all(body.as_bytes()).expect("a body");
        stream
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

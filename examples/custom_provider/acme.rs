//! Acme, as far as the example needs it: `GET /v2/people/ADDRESS?company=NAME` with a bearer's key.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The key that it takes.
pub(super) const KEY: &str = "acme-test-key";

/// The server, until it is dropped.
pub(super) struct Server {
    pub(super) base_url: String,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

pub(super) async fn start() -> io::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}/v2", listener.local_addr()?);
    let accepting = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer(connection));
        }
    });
    Ok(Server { base_url, accepting })
}

/// Answers one request, and closes.
async fn answer(connection: TcpStream) -> io::Result<()> {
    let mut connection = BufReader::new(connection);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await? == 0 || line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let is_known_caller = head.contains(&format!("authorization: Bearer {KEY}"));
    let ada = "GET /v2/people/ada%40engines.example?company=Analytical+%26+Sons HTTP/1.1";
    let (status, body) = if !is_known_caller {
        ("401 Unauthorized", "{}")
    } else if head.first().is_some_and(|request| request == ada) {
        ("200 OK", r#"{"person":{"phones":[{"number":"(415) 555-0132"}],"country":"US"}}"#)
    } else {
        ("404 Not Found", "{}")
    };
    let length = body.len();
    let response =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    connection.write_all(response.as_bytes()).await
}

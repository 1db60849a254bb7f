//! What must not be taken for something else: a connection that was never made for a call, a repeated call
//! for a wrong address, an address without a host for a wrong key.

#![cfg(feature = "http")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use genesy_core::waterfall::{LeadField, LeadInputs, Outcome, PhoneRule, Plan};
use genesy_providers::definition::{Definition, built_in};
use genesy_providers::driver::{Driver, Lead, LeadId};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key, Proxy};
use genesy_providers::{Ask, CallError, Provider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn astra() -> Definition {
    built_in()
        .into_iter()
        .find(|of| of.description.id.as_str() == "astra_dialer")
        .expect("built in")
}

fn inputs() -> LeadInputs {
    LeadInputs::default().with(LeadField::Email, "ada@example.com")
}

fn client(base: Option<&str>) -> HttpClient {
    let mut options = HttpOptions::default();
    options.proxy = Proxy::Direct;
    options.base_url = base.map(|base| base.parse().expect("an address"));
    HttpClient::new(options).expect("a client")
}

#[test]
fn debug_does_not_show_the_password_of_the_proxy() {
    let mut options = HttpOptions::default();
    options.proxy = Proxy::Through("http://user:hunter2@proxy.example:3128".parse().unwrap());
    let shown = format!("{options:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let shown = format!("{:?}", HttpClient::new(options).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn a_connection_that_is_never_made_costs_nothing() {
    // It takes the TCP connection and never answers the TLS handshake: no byte of HTTP is sent.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let mut astra = astra();
    astra.description.timeout_ms = 300;
    let provider = HttpProvider::new(astra, &client(Some(&base)), Some(Key::new("k"))).unwrap();
    let ask = Ask::new(provider.description(), &inputs(), "k".into(), Duration::from_millis(300));
    let error = provider.call(&ask).await.unwrap_err();
    drop(listener);
    assert!(matches!(error, CallError::Retryable { .. }), "{error:?}: maybe charged");
}

#[test]
fn a_base_url_without_host_is_named_before_anything_is_sent() {
    for base in ["localhost:8080", "ftp://example.com/", "data:text/plain,x"] {
        let mut options = HttpOptions::default();
        options.base_url = Some(base.parse().expect("it is an address, of a kind"));
        let error = HttpClient::new(options).expect_err(base).to_string();
        assert!(error.contains("http://") && !error.contains("key"), "{error}");
    }
}

#[tokio::test]
async fn a_409_for_a_repeated_idempotency_key_does_not_end_the_provider_for_all_leads() {
    // As the draft of Idempotency-Key demands: 409 while the first request with the key is worked on.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let nth = count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                let _ = connection.read(&mut buffer).await;
                if nth == 0 {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                }
                let body = r#"{"phoneNmbr":"+12025550143"}"#;
                let text = if nth == 1 {
                    "HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                        .to_owned()
                } else {
                    format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    )
                };
                let _ = connection.write_all(text.as_bytes()).await;
            });
        }
    });
    let provider = HttpProvider::new(astra(), &client(Some(&base)), Some(Key::new("k"))).unwrap();
    let mut step = provider.description().step(PhoneRule::Any);
    step.timeout_ms = 300;
    let driver = Driver::builder(Plan::new(vec![step]).unwrap())
        .provider(provider)
        .concurrency_max(1)
        .build()
        .unwrap();
    let leads: Vec<_> = (0..20).map(|row| Lead::for_phone(LeadId::of_row(row), inputs())).collect();
    let ends = driver.run_all(stream::iter(leads)).collect::<Vec<_>>().await;
    let found = ends
        .iter()
        .filter(|(_, end)| matches!(&end.as_ref().unwrap().outcome, Outcome::Found(_)))
        .count();
    assert!(found >= 19, "{found} of 20 found, {} requests", seen.load(Ordering::SeqCst));
}

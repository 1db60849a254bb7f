//! A provider written by hand on a TCP stream, which can be given a flaw.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{
    FoundPhone, LeadField, LeadFields, PhoneLookup, PhoneQuality, ProviderId,
};
use genesy_providers::conformance::{Canned, KeyPlace, Subject};
use genesy_providers::{Answer, Ask, CallError, Description, Provider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What it does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    Retries,
    ShowsKey,
    ShowsBody,
    TracesLead,
    EncodesNothing,
    MixesAnswers,
    SendsMore,
    SendsAnyway,
    PutsKeyTwice,
    FollowsRedirects,
    WaitsForever,
    ReadsOn,
    Retries401,
    IgnoresWait,
    FindsInRubbish,
    GoesOn,
    MissesOnClose,
}

/// The provider as a subject of the suite.
pub(crate) struct Wired(pub(crate) Flaw);

impl Subject<PhoneLookup> for Wired {
    fn provider(&self, base_url: &str, key: &str) -> Arc<dyn Provider<PhoneLookup>> {
        let id = ProviderId::new("wired").expect("a name");
        let requires = LeadFields::of(&[LeadField::Email]);
        Arc::new(WiredProvider {
            description: Description::new(id, requires, 2000),
            wire: Arc::new(Wire {
                authority: base_url.trim_start_matches("http://").to_owned(),
                key: key.to_owned(),
                flaw: self.0,
                latest: Mutex::default(),
            }),
        })
    }

    fn key_place(&self) -> KeyPlace {
        KeyPlace::Header("x-key".to_owned())
    }

    fn hit(&self) -> Canned {
        Canned::json(r#"{"phone":"+12025550143"}"#)
    }

    fn miss(&self) -> Canned {
        Canned::json(r#"{"phone":null}"#)
    }
}

struct WiredProvider {
    description: Description,
    wire: Arc<Wire>,
}

impl std::fmt::Debug for WiredProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WiredProvider").field("authority", &self.wire.authority).finish()
    }
}

struct Wire {
    authority: String,
    key: String,
    flaw: Flaw,
    latest: Mutex<Option<Answer<FoundPhone>>>,
}

struct Response {
    status: u16,
    head: String,
    body: Vec<u8>,
}

#[async_trait]
impl Provider<PhoneLookup> for WiredProvider {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let time = match self.wire.flaw {
            Flaw::WaitsForever => Duration::from_secs(3600),
            _ => ask.timeout,
        };
        let (wire, asked) = (Arc::clone(&self.wire), ask.clone());
        let call = async move { wire.call(&asked).await };
        let result = if self.wire.flaw == Flaw::GoesOn {
            let task = tokio::spawn(call);
            tokio::time::timeout(time, async { task.await.expect("no panic") }).await
        } else {
            tokio::time::timeout(time, call).await
        };
        result.unwrap_or(Err(CallError::TimedOut { retry_after: None }))
    }
}

impl Wire {
    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let email = match ask.inputs.get(LeadField::Email) {
            Some(email) => email,
            None if self.flaw == Flaw::SendsAnyway => "nobody",
            None => {
                return Err(CallError::Rejected { reason: "there is no e-mail address".into() });
            }
        };
        if self.flaw == Flaw::TracesLead {
            tracing::debug!(email, "asked");
        }
        let email = match self.flaw {
            Flaw::EncodesNothing => email.to_owned(),
            _ => email.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        };
        let mut path = format!("/phones?email={email}");
        if self.flaw == Flaw::SendsMore {
            let name = ask.inputs.get(LeadField::LastName).unwrap_or_default();
            path.push_str(&format!("&name={name}"));
        }
        if self.flaw == Flaw::PutsKeyTwice {
            path.push_str(&format!("&key={}", self.key.replace('+', "%2b")));
        }
        let mut response = self.exchange(&self.authority, &path).await?;
        if self.flaw == Flaw::Retries && response.status == 503 {
            response = self.exchange(&self.authority, &path).await?;
        }
        if let (Flaw::FollowsRedirects, Some(location)) = (self.flaw, response.header("location")) {
            let authority = location.trim_start_matches("http://").trim_end_matches("/elsewhere");
            response = self.exchange(authority, &path).await?;
        }
        let result = self.read(&response);
        if let (Flaw::MixesAnswers, Ok(answer)) = (self.flaw, &result) {
            // It keeps one answer for all calls that are under way.
            *self.latest.lock().expect("no panic") = Some(answer.clone());
            tokio::time::sleep(Duration::from_millis(5)).await;
            return Ok(self.latest.lock().expect("no panic").clone().expect("one"));
        }
        result
    }

    async fn exchange(&self, authority: &str, path: &str) -> Result<Response, CallError> {
        let lost = |reason: &'static str| CallError::Retryable {
            reason: reason.into(),
            retry_after: None,
        };
        let stream = TcpStream::connect(authority).await;
        let mut stream = stream.map_err(|_| lost("nobody listens"))?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nX-Key: {}\r\nConnection: close\r\n\r\n",
            self.key
        );
        stream.write_all(request.as_bytes()).await.map_err(|_| lost("the connection broke"))?;
        let mut bytes = Vec::new();
        while stream.read_buf(&mut bytes).await.map_err(|_| lost("the connection broke"))? > 0 {
            if bytes.len() > ANSWER_BYTES_MAX && self.flaw != Flaw::ReadsOn {
                return Err(unreadable("it is too long"));
            }
        }
        if bytes.is_empty() && self.flaw == Flaw::MissesOnClose {
            bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec();
        }
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.ok_or_else(|| unreadable("it has no head"))?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| unreadable("it has no status"))?;
        Ok(Response { status, head, body: bytes.split_off(end + 4) })
    }

    fn read(&self, response: &Response) -> Result<Answer<FoundPhone>, CallError> {
        let retry_after = response.header("retry-after").and_then(wait);
        let retry_after = retry_after.filter(|_| self.flaw != Flaw::IgnoresWait);
        match response.status {
            200 => self.found(response).map(Answer::new),
            401 if self.flaw == Flaw::Retries401 => {
                Err(CallError::Retryable { reason: "try again".into(), retry_after })
            }
            401 if self.flaw == Flaw::ShowsKey => {
                Err(CallError::Misconfigured { reason: format!("{} is wrong", self.key).into() })
            }
            400 if self.flaw == Flaw::ShowsBody => {
                let text = String::from_utf8_lossy(&response.body).into_owned();
                Err(CallError::Rejected { reason: text.into() })
            }
            401 | 403 => Err(CallError::Misconfigured { reason: "check the key".into() }),
            429 => Err(CallError::Throttled { retry_after }),
            400..500 => Err(CallError::Rejected { reason: "it rejects the lead".into() }),
            300..400 => Err(CallError::Misconfigured { reason: "it is elsewhere".into() }),
            _ => Err(CallError::Retryable { reason: "it failed".into(), retry_after }),
        }
    }

    fn found(&self, response: &Response) -> Result<Option<FoundPhone>, CallError> {
        let length = response.header("content-length").and_then(|length| length.parse().ok());
        if length != Some(response.body.len()) {
            return Err(unreadable("it is cut"));
        }
        let phone = match serde_json::from_slice::<serde_json::Value>(&response.body) {
            Ok(json) => json.get("phone").and_then(|phone| phone.as_str()).map(str::to_owned),
            Err(_) if self.flaw == Flaw::FindsInRubbish => Some("+12025550143".to_owned()),
            Err(_) => return Err(unreadable("it is no JSON")),
        };
        Ok(phone.map(|phone| FoundPhone {
            raw: Pii::new(phone.clone()),
            e164: Some(Pii::new(phone)),
            quality: PhoneQuality::Valid,
            read_in: None,
        }))
    }
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.split("\r\n").filter_map(|line| line.split_once(':'));
        let header = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.trim())
    }
}

fn wait(text: &str) -> Option<Duration> {
    let until = |date: SystemTime| date.duration_since(SystemTime::now()).unwrap_or_default();
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds.or_else(|| httpdate::parse_http_date(text).ok().map(until))
}

fn unreadable(reason: &'static str) -> CallError {
    CallError::Unreadable { reason: reason.into() }
}

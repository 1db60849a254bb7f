//! What is sent: once, with the key in its place, and of the lead what is due.

use genesy_core::waterfall::{LeadField, LeadFields, Lookup};

use super::bench::{Bench, Finding, KEY, TIME, answer, expect, said, start};
use super::request::{Received, base64_decoded, views};
use super::server::Script;
use super::{Canned, KeyPlace};
use crate::provider::CallError;

impl<K: Lookup> Bench<'_, K> {
    pub(super) async fn one_request(&self) -> Finding {
        let bad = |status: u16| answer(Canned::new(status, b"").with("retry-after", "0"));
        for (what, script) in [
            ("a find", answer(self.subject.hit())),
            ("a miss", answer(self.subject.miss())),
            ("a 500", bad(500)),
            ("a 503", bad(503)),
            ("a 429", bad(429)),
            ("a 401", bad(401)),
            ("a closed connection", Script::Bytes(Vec::new())),
            (
                "half an answer",
                Script::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".into()),
            ),
        ] {
            let made = self.call(script).await?;
            let requests = made.server.received().len();
            expect(requests == 1, || {
                format!("expected one request, and on {what} came {requests}")
            })?;
        }
        // A connection that was kept, and is closed on the second request: it must not be made again.
        let server = start(vec![answer(self.subject.hit()), Script::Bytes(Vec::new())])?;
        let provider = self.provider(&server.url());
        for _ in 0..2 {
            self.run(&*provider, &self.ask(&*provider, TIME)).await;
        }
        let requests = server.received().len();
        expect(requests == 2, || {
            format!("expected one request a call, and of two, the second cut, came {requests}")
        })
    }

    pub(super) async fn key(&self) -> Finding {
        let received = self.received().await?;
        let place = self.subject.key_place();
        let (values, expected, rest) = match &place {
            KeyPlace::None => (Vec::new(), Vec::new(), received),
            KeyPlace::Header(name) => {
                (values(&received, name), vec![KEY.to_owned()], received.without(Some(name), None))
            }
            KeyPlace::Query(name) => {
                (received.query(name), vec![KEY.to_owned()], received.without(None, Some(name)))
            }
            KeyPlace::Bearer => {
                let values = credentials(&received, "bearer ");
                (values, vec![KEY.to_owned()], received.without(Some(AUTHORIZATION), None))
            }
            KeyPlace::Basic { user } => {
                let values = credentials(&received, "basic ");
                let values = values.iter().map(|value| base64_decoded(value.as_bytes())).collect();
                let expected = vec![format!("{user}:{KEY}")];
                (values, expected, received.without(Some(AUTHORIZATION), None))
            }
        };
        // The key is the suite's own, and no secret.
        expect(values == expected, || {
            format!("expected the key {expected:?} in {place:?}, and there was {values:?}")
        })?;
        let elsewhere = places_of(&rest, &|text| text.contains(KEY));
        expect(elsewhere.is_empty(), || {
            format!("expected the key in {place:?} only, and it is in {} too", elsewhere.join(", "))
        })
    }

    pub(super) async fn inputs(&self) -> Finding {
        let received = self.received().await?;
        let provider = self.provider("http://127.0.0.1:9");
        let description = provider.description();
        let sent = self.fields_in(&received.text());
        let too_much = sent.without(description.uses);
        expect(too_much.is_empty(), || {
            format!("expected only what it uses, {}; it sent {too_much} as well", description.uses)
        })?;
        let mut due = description.requires;
        for field in LeadField::ALL.iter().copied().filter(|field| !self.is_marked(*field)) {
            due = due.without(LeadFields::of(&[field]));
        }
        let lacking = due.without(sent);
        expect(lacking.is_empty(), || format!("it requires {lacking}, and does not send it"))
    }

    pub(super) async fn lacking_inputs(&self) -> Finding {
        let server = start(vec![answer(self.subject.hit())])?;
        let provider = self.provider(&server.url());
        for field in provider.description().requires.iter() {
            let mut ask = self.ask(&*provider, TIME);
            ask.inputs.set(field, "");
            let result = self.run(&*provider, &ask).await;
            let result = result.as_ref();
            expect(matches!(result, Some(Err(CallError::Rejected { .. }))), || {
                format!("expected Rejected without {field}, and there was {}", said::<K>(result))
            })?;
            expect(server.connections() == 0, || {
                format!("expected no request without {field}, and there was a connection")
            })?;
        }
        Ok(())
    }

    /// The request of a call that is handed the whole lead, what the provider does not use included.
    pub(super) async fn received(&self) -> Result<Received, String> {
        let server = start(vec![answer(self.subject.hit())])?;
        let provider = self.provider(&server.url());
        let mut ask = self.ask(&*provider, TIME);
        ask.inputs = self.lead.clone();
        let result = self.run(&*provider, &ask).await;
        server.received().pop().ok_or_else(|| {
            format!("expected a request, and none came; there was {}", said::<K>(result.as_ref()))
        })
    }
}

const AUTHORIZATION: &str = "authorization";

/// What the headers of a name say.
fn values(received: &Received, name: &str) -> Vec<String> {
    let headers = received.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
    headers.map(|(_, value)| value.clone()).collect()
}

/// What stands behind a scheme of authorization, which is written in either case.
fn credentials(received: &Received, scheme: &str) -> Vec<String> {
    let behind = |value: String| match value.split_at_checked(scheme.len()) {
        Some((start, credentials)) if start.eq_ignore_ascii_case(scheme) => credentials.to_owned(),
        _ => value,
    };
    values(received, AUTHORIZATION).into_iter().map(behind).collect()
}

/// The places of a request where something is found, in any encoding.
fn places_of(received: &Received, is_in: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    let mut look = |place: &str, text: &str| {
        if is_in(&views(text)) {
            places.push(place.to_owned());
        }
    };
    look("the request line", &received.line);
    for (name, value) in &received.headers {
        look(&format!("the header {name}"), &format!("{name}: {value}"));
    }
    look("the body", &String::from_utf8_lossy(&received.body));
    places
}

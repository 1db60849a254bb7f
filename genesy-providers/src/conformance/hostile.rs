//! Leads that try to say more than their fields.

use genesy_core::waterfall::Lookup;
use serde_json::Value;

use super::bench::{Bench, Finding, TIME, answer, expect, said, start};
use super::request::{Received, form_names};
use crate::provider::CallError;

/// What ends a header, a parameter, a text of JSON, a segment of a path, or a text.
const HOSTILE: [&str; 6] = [
    "zq\r\nx-smuggled: 1\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    "zq&smuggled=1;smuggled=2#smuggled",
    "zq?smuggled=%26smuggled",
    "zq\",\"smuggled\":\"1",
    "zq/../../smuggled",
    "zq\0\u{7f}\u{202e}ü",
];

impl<K: Lookup> Bench<'_, K> {
    pub(super) async fn hostile_inputs(&self) -> Finding {
        let plain = self.received().await?.shape();
        let server = start(vec![answer(self.subject.hit())])?;
        let provider = self.provider(&server.url());
        let mut before = 0;
        for field in provider.description().uses.iter() {
            for text in HOSTILE {
                let mut ask = self.ask(&*provider, TIME);
                ask.inputs.set(field, text);
                let result = self.run(&*provider, &ask).await;
                let requests = server.received().split_off(before);
                before += requests.len();
                expect(requests.iter().all(|request| request.shape() == plain), || {
                    format!("expected {field} to stay in its place, and {text:?} in it did not")
                })?;
                let is_rejected = matches!(result, Some(Err(CallError::Rejected { .. })));
                let holds = match requests.len() {
                    0 => is_rejected,
                    1 => is_rejected || matches!(result, Some(Ok(_))),
                    _ => false,
                };
                expect(holds, || {
                    let (count, said) = (requests.len(), said::<K>(result.as_ref()));
                    format!(
                        "expected one request and its answer, or Rejected, with {text:?} as {field}; \
                         there were {count} and {said}"
                    )
                })?;
            }
        }
        Ok(())
    }
}

impl Received {
    /// All of a request but for the values in it.
    fn shape(&self) -> Vec<String> {
        let (method, target) = self.line.split_once(' ').unwrap_or_default();
        let target = target.split_once(' ').map_or(target, |(target, _)| target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut shape = vec![method.to_owned(), path.split('/').count().to_string()];
        shape.extend(form_names(query));
        shape.extend(self.headers.iter().map(|(name, _)| name.clone()));
        match serde_json::from_slice(&self.body) {
            Ok(json) => names(&json, &mut shape),
            Err(_) => shape.extend(form_names(&String::from_utf8_lossy(&self.body))),
        }
        shape
    }
}

/// The names of all members of a JSON document.
fn names(json: &Value, all: &mut Vec<String>) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                all.push(name.clone());
                names(value, all);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| names(element, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

//! Answers: finds, misses, rubbish, and too much.

use futures_util::future::join_all;
use genesy_core::waterfall::{Lookup, TIMEOUT_MS_MAX};

use super::Canned;
use super::bench::{Bench, Finding, TIME, answer, expect, said, start};
use super::server::Script;
use crate::provider::{Answer, CallError};

/// Bytes of a body that nobody should read to its end.
const LONG_BODY_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of a body that may be taken, those in buffers among them.
const TAKEN_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Calls at a time.
const CONCURRENCY: usize = 50;

impl<K: Lookup> Bench<'_, K> {
    pub(super) fn description(&self) -> Finding {
        let provider = self.provider("http://127.0.0.1:9");
        let description = provider.description();
        let timeout_ms = description.timeout_ms;
        expect((1..=TIMEOUT_MS_MAX).contains(&timeout_ms), || {
            format!("a timeout is 1 to {TIMEOUT_MS_MAX} ms, not {timeout_ms}")
        })?;
        let unused = description.requires.without(description.uses);
        expect(unused.is_empty(), || format!("it requires what it does not use: {unused}"))?;
        let other = self.provider("http://127.0.0.1:9");
        expect(description == other.description(), || {
            format!("it is described as {description:?} and as {:?}", other.description())
        })
    }

    pub(super) async fn hit(&self) -> Finding {
        let made = self.call(answer(self.subject.hit())).await?;
        let result = made.result.as_ref();
        let is_hit = matches!(result, Some(Ok(Answer { value: Some(_), .. })));
        expect(is_hit, || format!("expected a find, and there was {}", said::<K>(result)))
    }

    pub(super) async fn miss(&self) -> Finding {
        let made = self.call(answer(self.subject.miss())).await?;
        let result = made.result.as_ref();
        let is_miss = matches!(result, Some(Ok(Answer { value: None, .. })));
        expect(is_miss, || format!("expected a miss, and there was {}", said::<K>(result)))
    }

    /// JSON that is well-formed and says nothing may be a miss; all else is an error.
    pub(super) async fn rubbish(&self) -> Finding {
        let hit = self.subject.hit();
        let half = hit.body.len() / 2;
        let with = |body: &[u8]| Canned { body: body.to_vec(), ..hit.clone() };
        let html =
            b"<!DOCTYPE html><html><body>Down for maintenance, call +1 202 555 0143</body></html>";
        let mut no_utf8 = hit.body.clone();
        no_utf8.splice(half..half, *b"\xff\xfe");
        let errors: [(&str, Canned); 6] = [
            ("an empty body", with(b"")),
            ("a body that is no JSON", with(b"OK +12025550143")),
            ("a page of HTML", with(html)),
            ("a body that ends in the middle", with(&hit.body[..half])),
            ("an unfinished object", with(b"{\"a\":")),
            ("a body that is no UTF-8", with(&no_utf8)),
        ];
        for (what, canned) in errors {
            self.rubbish_is_error(what, answer(canned)).await?;
        }
        let cut = |head: Vec<u8>, body: &[u8]| Script::Bytes([&head, body].concat());
        let length = hit.body.len().to_string();
        let announced = cut(hit.head("content-length", &length), &hit.body[..half]);
        self.rubbish_is_error("half of the body that was announced", announced).await?;
        let size = format!("{:x}\r\n", hit.body.len());
        let chunk = [size.as_bytes(), &hit.body, b"\r\n"].concat();
        let chunked = cut(hit.head("transfer-encoding", "chunked"), &chunk);
        self.rubbish_is_error("chunks without an end", chunked).await?;
        self.rubbish_is_error("no HTTP", Script::Bytes(b"SSH-2.0-OpenSSH_9.6\r\n".into())).await?;
        for text in ["[]", "{}", "\"+12025550143\"", "12025550143", "true", "null"] {
            let made = self.call(answer(with(text.as_bytes()))).await?;
            let found = matches!(made.result, Some(Ok(Answer { value: Some(_), .. })) | None);
            expect(!found, || {
                format!(
                    "expected no find in {text}, and there was {}",
                    said::<K>(made.result.as_ref())
                )
            })?;
        }
        Ok(())
    }

    async fn rubbish_is_error(&self, what: &str, script: Script) -> Finding {
        let made = self.call(script).await?;
        let result = made.result.as_ref();
        expect(is_broken::<K>(result), || {
            format!(
                "expected Unreadable, Retryable or Misconfigured from {what}, and there was {}",
                said::<K>(result)
            )
        })
    }

    pub(super) async fn long_answers(&self) -> Finding {
        let hit = self.subject.hit();
        let mut body = vec![b' '; LONG_BODY_BYTES];
        body.extend_from_slice(&hit.body);
        let long = Script::Bytes(Canned { body, ..hit.clone() }.bytes());
        for (what, script) in [("10 MiB before a find", long), ("an endless body", Script::Endless)]
        {
            let made = self.call(script).await?;
            let result = made.result.as_ref();
            expect(is_broken::<K>(result), || {
                format!("expected an error from {what}, and there was {}", said::<K>(result))
            })?;
            let taken = made.server.body_bytes_sent();
            expect(taken < TAKEN_BYTES_MAX, || {
                format!("of {what}, it took {taken} bytes, not less than {TAKEN_BYTES_MAX}")
            })?;
        }
        Ok(())
    }

    /// Every other call is about another lead, and only those are answered with a find.
    pub(super) async fn concurrency(&self) -> Finding {
        let (other_lead, words) = self.other_lead();
        let choose = Script::Choose(words, self.subject.hit(), self.subject.miss());
        let server = start(vec![choose])?;
        let provider = self.provider(&server.url());
        let uses = provider.description().uses;
        let is_told_apart = uses.iter().any(|field| self.is_marked(field));
        let ask = |index: usize| {
            let mut ask = self.ask(&*provider, TIME);
            if index % 2 == 1 {
                ask.inputs = other_lead.only(uses);
            }
            ask
        };
        let asks: Vec<_> = (0..CONCURRENCY).map(ask).collect();
        let results = join_all(asks.iter().map(|ask| self.run(&*provider, ask))).await;
        for (index, result) in results.iter().enumerate() {
            let Some(Ok(answer)) = result else {
                let said = said::<K>(result.as_ref());
                return Err(format!("expected {CONCURRENCY} answers, and there was {said}"));
            };
            let expected = is_told_apart && index % 2 == 1;
            expect(answer.value.is_some() == expected, || {
                format!(
                    "expected each of {CONCURRENCY} calls to get its own answer; one got another's"
                )
            })?;
        }
        let requests = server.received().len();
        expect(requests == CONCURRENCY, || {
            format!("expected {CONCURRENCY} requests of as many calls, and there were {requests}")
        })
    }
}

/// Whether it is an error that says that the provider is at fault, and not the lead.
fn is_broken<K: Lookup>(result: Option<&super::bench::CallResult<K>>) -> bool {
    let Some(Err(error)) = result else { return false };
    matches!(
        error,
        CallError::Unreadable { .. }
            | CallError::Retryable { .. }
            | CallError::Misconfigured { .. }
    )
}

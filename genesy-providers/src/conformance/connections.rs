//! Connections that are slow, lost, sent elsewhere or given up.

use std::time::Duration;

use futures_util::future::try_join_all;
use genesy_core::waterfall::Lookup;
use tokio::time::timeout;

use super::Canned;
use super::bench::{Bench, Finding, SHORT_TIME, TIME, answer, expect, said, start};
use super::server::{Script, Server};
use crate::provider::CallError;

/// How soon a connection is closed when its call is dropped.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(1);

impl<K: Lookup> Bench<'_, K> {
    pub(super) async fn timeouts(&self) -> Finding {
        let ends = [
            ("a server that says nothing", Script::Hang),
            ("a server that sends a head and nothing behind it", Script::HangAfterHead),
            ("a server that sends a byte now and then", Script::Drip),
        ]
        .map(|(what, script)| self.ends_in_time(what, script));
        try_join_all(ends).await.map(|_| ())
    }

    async fn ends_in_time(&self, what: &str, script: Script) -> Finding {
        let is_silent = matches!(script, Script::Hang);
        let made = self.call_within(script, SHORT_TIME).await?;
        let result = made.result.as_ref();
        let holds = match result {
            Some(Err(CallError::TimedOut { .. })) => true,
            Some(Err(CallError::Unreadable { .. })) => !is_silent,
            _ => false,
        };
        expect(holds, || {
            let said = said::<K>(result);
            format!("expected TimedOut after {SHORT_TIME:?} from {what}, and there was {said}")
        })
    }

    pub(super) async fn lost_connections(&self) -> Finding {
        let made = self.call(Script::Bytes(Vec::new())).await?;
        let result = made.result.as_ref();
        let holds =
            matches!(result, Some(Err(CallError::Retryable { .. } | CallError::Unreadable { .. })));
        expect(holds, || {
            let said = said::<K>(result);
            format!(
                "expected Retryable or Unreadable from a closed connection, and there was {said}"
            )
        })?;
        let nowhere = Server::nowhere().map_err(|error| format!("there is no port: {error}"))?;
        let provider = self.provider(&nowhere);
        let result = self.run(&*provider, &self.ask(&*provider, TIME)).await;
        expect(matches!(result, Some(Err(CallError::Retryable { .. }))), || {
            let said = said::<K>(result.as_ref());
            format!("expected Retryable where nobody listens, and there was {said}")
        })
    }

    pub(super) async fn redirects(&self) -> Finding {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = start(vec![answer(self.subject.hit())])?;
            let location = format!("{}/elsewhere", elsewhere.url());
            let redirect = Canned::new(status, b"").with("location", &location);
            let made = self.call(answer(redirect)).await?;
            let connections = elsewhere.connections();
            expect(connections == 0, || {
                format!("expected a {status} to another host not to be followed, and it was")
            })?;
            let result = made.result.as_ref();
            expect(matches!(result, Some(Err(_))), || {
                let said = said::<K>(result);
                format!("expected an error from a {status} to another host, and there was {said}")
            })?;
        }
        Ok(())
    }

    pub(super) async fn cancellation(&self) -> Finding {
        let server = start(vec![Script::Hang])?;
        let provider = self.provider(&server.url());
        let ask = self.ask(&*provider, TIME);
        tokio::select! {
            result = provider.call(&ask) => {
                let said = said::<K>(Some(&result));
                return Err(format!("expected a call that hangs, and there was {said}"));
            }
            () = server.got_request() => {}
        }
        let closed = timeout(CLOSE_TIME_MAX, server.saw_close()).await;
        expect(closed.is_ok(), || {
            format!("expected a dropped call to close its connection within {CLOSE_TIME_MAX:?}")
        })
    }
}

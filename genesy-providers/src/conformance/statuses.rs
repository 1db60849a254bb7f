//! What HTTP statuses mean, and how long they say to wait.

use std::time::{Duration, SystemTime};

use genesy_core::waterfall::Lookup;

use super::Canned;
use super::bench::{Bench, Finding, answer, expect, said};
use crate::provider::CallError;

/// A wait in seconds.
const WAIT: Duration = Duration::from_secs(7);
/// A wait up to a date.
const WAIT_OF_DATE: Duration = Duration::from_secs(30);
/// Dates have whole seconds, and time goes on.
const DATE_SLACK: Duration = Duration::from_secs(2);

impl<K: Lookup> Bench<'_, K> {
    pub(super) async fn statuses(&self) -> Finding {
        let own = self.subject.own_statuses();
        for (status, class) in [
            (500, "Retryable"),
            (502, "Retryable"),
            (503, "Retryable"),
            (401, "Misconfigured"),
            (403, "Misconfigured"),
            (400, "Rejected"),
            (422, "Rejected"),
            (429, "Throttled"),
        ] {
            if class == "Rejected" && own.contains(&status) {
                continue;
            }
            // An error whose body has a find is an error all the same.
            let made = self.call(answer(Canned { status, ..self.subject.hit() })).await?;
            let result = made.result.as_ref();
            let is_it = result.and_then(|result| result.as_ref().err()).map(class_of);
            expect(is_it == Some(class), || {
                format!("expected {class} from {status}, and there was {}", said::<K>(result))
            })?;
        }
        Ok(())
    }

    pub(super) async fn retry_after(&self) -> Finding {
        for status in [429, 503] {
            let until = httpdate::fmt_http_date(SystemTime::now() + WAIT_OF_DATE);
            for (header, wait, slack) in
                [("7", WAIT, Duration::ZERO), (until.as_str(), WAIT_OF_DATE, DATE_SLACK)]
            {
                let canned = Canned::new(status, b"{}").with("retry-after", header);
                let made = self.call(answer(canned)).await?;
                let result = made.result.as_ref();
                let carried = match result {
                    Some(Err(
                        CallError::Throttled { retry_after }
                        | CallError::Retryable { retry_after, .. },
                    )) => *retry_after,
                    _ => None,
                };
                expect(carried.is_some_and(|carried| carried.abs_diff(wait) <= slack), || {
                    let said = said::<K>(result);
                    format!("expected a wait of {wait:?} from {status} with {header}, not {said}")
                })?;
            }
        }
        Ok(())
    }
}

const fn class_of(error: &CallError) -> &'static str {
    match error {
        CallError::Retryable { .. } => "Retryable",
        CallError::Throttled { .. } => "Throttled",
        CallError::TimedOut { .. } => "TimedOut",
        CallError::Unreadable { .. } => "Unreadable",
        CallError::Rejected { .. } => "Rejected",
        CallError::Misconfigured { .. } => "Misconfigured",
    }
}

//! That nothing is shown of leads and keys.

use std::collections::BTreeSet;

use genesy_core::waterfall::Lookup;

use super::bench::{Bench, Finding, KEY, expect};
use super::request::views;
use super::server::Script;
use super::trace::Traced;

impl<K: Lookup> Bench<'_, K> {
    /// Looks at the errors and trace events of all checks before, and at those of a server that says
    /// what it was asked.
    pub(super) async fn nothing_shown(&self, traced: &Traced) -> Finding {
        for status in [200, 302, 400, 401, 403, 422, 429, 500, 503] {
            let made = self.call(Script::Echo(status)).await?;
            let provider = self.provider(&made.server.url());
            self.show(format!("Debug of the provider, {provider:?}"));
        }
        // Most events come again and again.
        let events = BTreeSet::from_iter(traced.texts());
        let events = events.iter().map(|event| format!("the trace event {event}"));
        for text in self.shown().into_iter().chain(events) {
            expect(!views(&text).contains(KEY), || {
                format!("expected no key to be shown, and it is in {text}")
            })?;
            let fields = self.fields_in(&text);
            expect(fields.is_empty(), || {
                format!("expected nothing of the lead to be shown, and {fields} is in {text}")
            })?;
        }
        Ok(())
    }
}

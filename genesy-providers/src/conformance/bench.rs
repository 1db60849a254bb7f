//! What the checks stand on: a provider, its lead, a server, and a call with a limit to its time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use genesy_core::waterfall::{LeadField, LeadFields, LeadInputs, Lookup};
use tokio::time::timeout;

use super::request::{text_views, views};
use super::server::{Script, Server};
use super::{Canned, Subject, marked_lead};
use crate::provider::{Answer, Ask, CallError, Provider};

/// The key. Some of its characters change in every encoding there is.
pub(super) const KEY: &str = "zqSecret+Key/7f3A==";
/// How long a call may take that gets its answer.
pub(super) const TIME: Duration = Duration::from_secs(2);
/// How long a call may take that gets none.
pub(super) const SHORT_TIME: Duration = Duration::from_millis(300);
/// How much longer than allowed a call may take, for the machine's sake.
const SLACK: Duration = Duration::from_millis(300);
/// A word that is long enough to be told from what is there by chance.
const WORD_CHARACTERS_MIN: usize = 6;

/// What a check found: nothing, or what was expected and what came.
pub(super) type Finding = Result<(), String>;
/// What a call gave.
pub(super) type CallResult<K> = Result<Answer<<K as Lookup>::Value>, CallError>;

/// A subject on which checks are run.
pub(super) struct Bench<'s, K: Lookup> {
    pub(super) subject: &'s dyn Subject<K>,
    pub(super) lead: LeadInputs,
    words: Vec<Vec<String>>,
    calls: AtomicUsize,
    shown: Mutex<Vec<String>>,
}

/// A call that was made, and the server that it was made to.
pub(super) struct Made<K: Lookup> {
    /// Nothing if it went on for longer than it may.
    pub(super) result: Option<CallResult<K>>,
    pub(super) server: Server,
}

impl<'s, K: Lookup> Bench<'s, K> {
    pub(super) fn new(subject: &'s dyn Subject<K>) -> Self {
        let mut lead = marked_lead();
        let own = subject.lead();
        for field in own.fields().iter() {
            lead.set(field, own.get(field).unwrap_or_default());
        }
        let words = LeadField::ALL.iter().map(|field| words_of(&lead, *field)).collect();
        Self { subject, lead, words, calls: AtomicUsize::new(0), shown: Mutex::default() }
    }

    pub(super) fn provider(&self, base_url: &str) -> Arc<dyn Provider<K>> {
        self.subject.provider(base_url, KEY)
    }

    pub(super) fn ask(&self, provider: &dyn Provider<K>, time: Duration) -> Ask {
        let nth = self.calls.fetch_add(1, Ordering::Relaxed);
        Ask::new(provider.description(), &self.lead, format!("conformance-{nth}"), time)
    }

    /// One call about the lead, to a server that follows this script.
    pub(super) async fn call(&self, script: Script) -> Result<Made<K>, String> {
        self.call_within(script, TIME).await
    }

    pub(super) async fn call_within(
        &self,
        script: Script,
        time: Duration,
    ) -> Result<Made<K>, String> {
        let server = start(vec![script])?;
        let provider = self.provider(&server.url());
        let ask = self.ask(&*provider, time);
        let result = self.run(&*provider, &ask).await;
        Ok(Made { result, server })
    }

    /// Makes a call, for as long as it may take, and keeps what its error shows.
    pub(super) async fn run(&self, provider: &dyn Provider<K>, ask: &Ask) -> Option<CallResult<K>> {
        let result = timeout(ask.timeout + SLACK, provider.call(ask)).await.ok();
        if let Some(Err(error)) = &result {
            self.show(format!("the error {error:?}, shown as \"{error}\""));
        }
        result
    }

    /// Keeps a text that somebody may see.
    pub(super) fn show(&self, text: String) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    pub(super) fn shown(&self) -> Vec<String> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fields of the lead that a text says something of, in any encoding: they are known by their
    /// long words that no other field has, the country by its code.
    pub(super) fn fields_in(&self, text: &str) -> LeadFields {
        let all = views(text).to_lowercase();
        let mut fields = LeadFields::NONE;
        for &field in LeadField::ALL {
            let is_there = match self.words_of(field) {
                [] => field == LeadField::Country && self.has_country(&text_views(text)),
                words => words.iter().any(|word| all.contains(word)),
            };
            if is_there {
                fields.insert(field);
            }
        }
        fields
    }

    /// Whether a field can be found in a text whatever the provider makes of it: a country may be sent
    /// as its name.
    pub(super) fn is_marked(&self, field: LeadField) -> bool {
        !self.words_of(field).is_empty()
    }

    /// A lead whose fields have other words where they can be told, and these words.
    pub(super) fn other_lead(&self) -> (LeadInputs, Vec<String>) {
        let mut lead = self.lead.clone();
        let mut words = Vec::new();
        for &field in LeadField::ALL {
            let text = self.lead.get(field).unwrap_or_default().to_lowercase();
            if let Some(word) = self.words_of(field).first() {
                let other = format!("{word}other");
                lead.set(field, &text.replacen(word, &other, 1));
                words.push(other);
            }
        }
        (lead, words)
    }

    fn has_country(&self, text: &str) -> bool {
        let country = self.lead.get(LeadField::Country).unwrap_or_default();
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        !country.is_empty() && words.any(|word| word == country)
    }

    fn words_of(&self, field: LeadField) -> &[String] {
        &self.words[field as usize]
    }
}

/// The long words of a field that no other field has.
fn words_of(lead: &LeadInputs, field: LeadField) -> Vec<String> {
    let words = |field| {
        let text = lead.get(field).unwrap_or_default().to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric());
        let long = words.filter(|word| word.chars().count() >= WORD_CHARACTERS_MIN);
        long.map(str::to_owned).collect::<Vec<_>>()
    };
    let others = LeadField::ALL.iter().copied().filter(|other| *other != field);
    let others: Vec<_> = others.flat_map(words).collect();
    let mut own = words(field);
    own.retain(|word| !others.contains(word) && !COMMON_WORDS.contains(&word.as_str()));
    own
}

/// Words that requests may have with no lead's doing.
const COMMON_WORDS: [&str; 2] = ["linkedin", "example"];

pub(super) fn start(scripts: Vec<Script>) -> Result<Server, String> {
    Server::start(scripts).map_err(|error| format!("the server of the test did not start: {error}"))
}

pub(super) fn answer(canned: Canned) -> Script {
    Script::Answer(canned)
}

/// What a call gave, in words without what it found.
pub(super) fn said<K: Lookup>(result: Option<&CallResult<K>>) -> String {
    match result {
        None => "no end of the call in its time".to_owned(),
        Some(Ok(Answer { value: Some(_), .. })) => "a find".to_owned(),
        Some(Ok(Answer { value: None, .. })) => "a miss".to_owned(),
        Some(Err(error)) => format!("{error:?}"),
    }
}

/// That something holds, or what was expected and what came.
pub(super) fn expect(holds: bool, text: impl FnOnce() -> String) -> Finding {
    if holds { Ok(()) } else { Err(text()) }
}

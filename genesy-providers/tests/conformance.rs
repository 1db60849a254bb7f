//! Every kind of provider passes the suite, and each flaw fails at its check and at no other.

#![cfg(all(feature = "http", feature = "conformance"))]

mod tried;
mod wired;

use std::sync::Arc;

use genesy_core::waterfall::PhoneLookup;
use genesy_providers::Provider;
use genesy_providers::conformance::{Canned, KeyPlace, Subject, check};
use genesy_providers::definition::{AuthPlace, Definition, built_in};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key, Proxy};
use tokio::runtime::Builder;

use self::tried::tried;
use self::wired::{Flaw, Wired};

/// A definition with an answer that has a number and one that has none.
struct Defined {
    definition: Definition,
    client: HttpClient,
    hit: &'static str,
    miss: &'static str,
}

impl Defined {
    fn new(definition: Definition, hit: &'static str, miss: &'static str) -> Self {
        let mut options = HttpOptions::default();
        options.proxy = Proxy::Direct;
        let client = HttpClient::new(options).expect("a client");
        Self { definition, client, hit, miss }
    }
}

impl Subject<PhoneLookup> for Defined {
    fn provider(&self, base_url: &str, key: &str) -> Arc<dyn Provider<PhoneLookup>> {
        let client = self.client.with_base_url(base_url.parse().expect("an address"));
        let client = client.expect("a host over HTTP");
        let key = (self.definition.auth.place != AuthPlace::None).then(|| Key::new(key));
        let provider = HttpProvider::new(self.definition.clone(), &client, key);
        Arc::new(provider.expect("a provider"))
    }

    fn key_place(&self) -> KeyPlace {
        match self.definition.auth.place.clone() {
            AuthPlace::None => KeyPlace::None,
            AuthPlace::Header { name } => KeyPlace::Header(name),
            AuthPlace::Query { name } => KeyPlace::Query(name),
            AuthPlace::Bearer => KeyPlace::Bearer,
            AuthPlace::Basic { user } => KeyPlace::Basic { user },
            other => panic!("the suite does not know {other:?}"),
        }
    }

    fn hit(&self) -> Canned {
        Canned::json(self.hit)
    }

    fn miss(&self) -> Canned {
        Canned::json(self.miss)
    }
}

async fn passes(subject: &impl Subject<PhoneLookup>) {
    tried(&[], async || check(subject).await).await.assert_passed();
}

async fn built_in_passes(id: &str, hit: &'static str, miss: &'static str) {
    let mut definitions = built_in().into_iter();
    let definition = definitions.find(|definition| definition.description.id.as_str() == id);
    let definition = definition.expect("it is built in");
    passes(&Defined::new(definition, hit, miss)).await;
}

async fn definition_passes(text: &str) {
    let definition = Definition::parse(text, "other.toml").expect("a definition");
    let (hit, miss) =
        (r#"{"found":[{"phone":"+1 202-555-0143","for":"somebody"}]}"#, r#"{"found":[]}"#);
    passes(&Defined::new(definition, hit, miss)).await;
}

#[tokio::test]
async fn orion_connect_passes() {
    built_in_passes("orion_connect", r#"{"phone":"+12025550143"}"#, r#"{"phone":null}"#).await;
}

#[tokio::test]
async fn astra_dialer_passes() {
    built_in_passes("astra_dialer", r#"{"phoneNmbr":"+12025550143"}"#, r#"{"phoneNmbr":""}"#).await;
}

#[tokio::test]
async fn nimbus_lookup_passes() {
    built_in_passes("nimbus_lookup", r#"{"number":2025550143,"countryCode":"US"}"#, "{}").await;
}

#[tokio::test]
async fn a_definition_with_bearer_and_path_passes() {
    definition_passes(
        r#"
        id = "by_path"
        timeout_ms = 1000
        [request]
        method = "GET"
        base_url = "https://api.example.com/v1"
        path = "people/{email}/phones"
        [request.query]
        title = "{job_title?}"
        at = "{company_name} ({country})"
        [request.headers]
        x-profile = "{linkedin_url?}"
        [auth]
        place = "bearer"
        key_env = "BY_PATH_KEY"
        [response]
        phone = ["/found/0/phone"]
        "#,
    )
    .await;
}

#[tokio::test]
async fn a_definition_with_basic_and_form_passes() {
    definition_passes(
        r#"
        id = "by_form"
        timeout_ms = 1000
        [request]
        method = "PUT"
        base_url = "https://api.example.com"
        path = "phones"
        [request.body.form]
        name = "{first_name} {last_name}"
        website = "{company_website}"
        title = "{job_title?}"
        [auth]
        place = "basic"
        user = "genesy"
        key_env = "BY_FORM_KEY"
        [response]
        phone = ["/found/0/phone"]
        "#,
    )
    .await;
}

#[tokio::test]
async fn a_definition_without_a_key_passes() {
    definition_passes(
        r#"
        id = "for_all"
        timeout_ms = 1000
        [request]
        method = "PATCH"
        base_url = "https://api.example.com"
        [request.body.json]
        who = { names = ["{full_name}", "{first_name?}"], site = "{company_website?}" }
        [auth]
        place = "none"
        [response]
        phone = ["/found/0/phone"]
        "#,
    )
    .await;
}

#[tokio::test]
async fn a_provider_written_by_hand_passes() {
    passes(&Wired(Flaw::None)).await;
}

/// That each flaw is found by its check and by no other. They mostly wait, and so do it together.
fn fail_at(flaws: &[(Flaw, &str)]) {
    std::thread::scope(|scope| {
        for (flaw, name) in flaws {
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build();
                let names = [*name];
                let checking = tried(&names, async || check(&Wired(*flaw)).await);
                let report = runtime.expect("a runtime").block_on(checking);
                assert_eq!(report.failed(), names, "{flaw:?}:\n{report}");
            });
        }
    });
}

#[test]
fn wrong_requests_are_found() {
    fail_at(&[
        (Flaw::Retries, "one request"),
        (Flaw::PutsKeyTwice, "key"),
        (Flaw::SendsMore, "inputs"),
        (Flaw::SendsAnyway, "lacking inputs"),
        (Flaw::EncodesNothing, "hostile inputs"),
    ]);
}

#[test]
fn wrong_readings_are_found() {
    fail_at(&[
        (Flaw::Retries401, "statuses"),
        (Flaw::IgnoresWait, "retry after"),
        (Flaw::FindsInRubbish, "rubbish"),
        (Flaw::ReadsOn, "long answers"),
    ]);
}

#[test]
fn wrong_connections_are_found() {
    fail_at(&[
        (Flaw::WaitsForever, "timeouts"),
        (Flaw::FollowsRedirects, "redirects"),
        (Flaw::GoesOn, "cancellation"),
        (Flaw::MissesOnClose, "lost connections"),
        (Flaw::MixesAnswers, "concurrency"),
    ]);
}

#[test]
fn what_is_shown_is_found() {
    fail_at(&[
        (Flaw::ShowsKey, "nothing shown"),
        (Flaw::ShowsBody, "nothing shown"),
        (Flaw::TracesLead, "nothing shown"),
    ]);
}

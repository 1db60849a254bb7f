//! A provider that is a definition.

use async_trait::async_trait;
use genesy_core::waterfall::{FoundPhone, PhoneLookup};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request};
use url::Url;

use super::client::HttpClient;
use super::error::call_error;
use super::key::{Key, KeyError};
use super::response::Reader;
use crate::definition::{self, AuthPlace, Body, Definition};
use crate::provider::{Answer, Ask, CallError, Description, Provider};

/// The header that lets a provider know a request again (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A provider of phone numbers that is asked over HTTP, as its definition says.
#[derive(Debug)]
pub struct HttpProvider {
    definition: Definition,
    client: HttpClient,
    base_url: Url,
    key: PlacedKey,
}

/// A key where it goes.
#[derive(Debug)]
enum PlacedKey {
    None,
    Header(HeaderName, HeaderValue),
    Query(String, Key),
    Bearer(Key),
    Basic(String, Key),
}

impl HttpProvider {
    /// A provider whose key comes from the environment: [`Key::from_env`].
    ///
    /// # Errors
    ///
    /// When there is no key and the provider wants one, or it cannot be sent.
    pub fn from_env(definition: Definition, client: &HttpClient) -> Result<Self, KeyError> {
        let key = Key::from_env(&definition)?;
        Self::new(definition, client, key)
    }

    /// A provider with this key, or none if it wants none.
    ///
    /// # Errors
    ///
    /// When there is a key and no place for it, or the other way round, or it cannot be sent.
    pub fn new(
        definition: Definition,
        client: &HttpClient,
        key: Option<Key>,
    ) -> Result<Self, KeyError> {
        let provider = || definition.description.id.clone();
        let base_url = client.options.base_url.as_ref().unwrap_or(&definition.request.base_url);
        let base_url = base_url.clone();
        let key = match (&definition.auth.place, key) {
            (AuthPlace::None, None) => PlacedKey::None,
            (AuthPlace::Header { name }, Some(key)) => {
                let value = HeaderValue::from_str(key.reveal());
                let name = HeaderName::from_bytes(name.as_bytes());
                let (Ok(mut value), Ok(name)) = (value, name) else {
                    return Err(KeyError::Characters { provider: provider() });
                };
                value.set_sensitive(true);
                PlacedKey::Header(name, value)
            }
            (AuthPlace::Query { name }, Some(key)) => PlacedKey::Query(name.clone(), key),
            (AuthPlace::Bearer, Some(key)) if HeaderValue::from_str(key.reveal()).is_ok() => {
                PlacedKey::Bearer(key)
            }
            (AuthPlace::Bearer, Some(_)) => {
                return Err(KeyError::Characters { provider: provider() });
            }
            (AuthPlace::Basic { user }, Some(key)) => PlacedKey::Basic(user.clone(), key),
            (AuthPlace::None, Some(_)) | (_, None) => {
                return Err(KeyError::Unplaced { provider: provider() });
            }
        };
        Ok(Self { definition, client: client.clone(), base_url, key })
    }

    /// Its definition.
    pub const fn definition(&self) -> &Definition {
        &self.definition
    }

    fn request(&self, ask: &Ask) -> Result<Request, CallError> {
        let of = &self.definition.request;
        let lacking = || CallError::Rejected { reason: "the lead lacks what is sent".into() };
        if !self.definition.description.requires.without(ask.inputs.fields()).is_empty() {
            return Err(lacking());
        }
        let mut url = of.url(&self.base_url, &ask.inputs).ok_or_else(lacking)?;
        if let PlacedKey::Query(name, key) = &self.key {
            url.query_pairs_mut().append_pair(name, key.reveal());
        }
        let key = format!("\"{}\"", ask.idempotency_key);
        let mut request = self
            .client
            .client
            .request(method(of.method), url)
            .timeout(ask.timeout)
            .header(IDEMPOTENCY_KEY, key);
        for (name, template) in &of.headers {
            if let Some(value) = template.render(&ask.inputs) {
                request = request.header(name, value);
            }
        }
        request = match &self.key {
            PlacedKey::None | PlacedKey::Query(..) => request,
            PlacedKey::Header(name, value) => request.header(name, value),
            PlacedKey::Bearer(key) => request.bearer_auth(key.reveal()),
            PlacedKey::Basic(user, key) => request.basic_auth(user, Some(key.reveal())),
        };
        request = match &of.body {
            Body::None => request,
            Body::Json(json) => request
                .header(CONTENT_TYPE, "application/json")
                .body(json.render(&ask.inputs).to_string()),
            Body::Form(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, template) in fields {
                    if let Some(value) = template.render(&ask.inputs) {
                        form.append_pair(name, &value);
                    }
                }
                request
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(form.finish())
            }
        };
        request.build().map_err(|error| call_error(&error))
    }
}

#[async_trait]
impl Provider<PhoneLookup> for HttpProvider {
    fn description(&self) -> &Description {
        &self.definition.description
    }

    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let request = self.request(ask)?;
        let response = self.client.client.execute(request).await;
        let response = response.map_err(|error| call_error(&error))?;
        let reader = Reader {
            definition: &self.definition,
            body_bytes_max: self.client.options.body_bytes_max,
            of_lead: ask.country,
            default_country: self.client.options.default_country,
        };
        reader.read(response).await
    }
}

const fn method(of: definition::Method) -> Method {
    match of {
        definition::Method::Get => Method::GET,
        definition::Method::Post => Method::POST,
        definition::Method::Put => Method::PUT,
        definition::Method::Patch => Method::PATCH,
    }
}

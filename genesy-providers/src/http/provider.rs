//! A provider that is a definition.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::waterfall::{FoundPhone, LeadInputs, PhoneLookup};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request};
use url::Url;

use super::client::{HttpClient, HttpOptions};
use super::error::call_error;
use super::key::{Key, KeyError};
use super::response::Reader;
use crate::definition::{self, AuthPlace, Body, Definition, Template};
use crate::provider::{Answer, Ask, CallError, Description, Provider};

/// The header that lets a provider know a request again (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A provider of phone numbers that is asked over HTTP, as its definition says.
pub struct HttpProvider {
    definition: Definition,
    client: Client,
    options: Arc<HttpOptions>,
    base_url: Url,
    /// All of a request that is the same for all leads, its key among it.
    prepared: Request,
    /// The address does not depend on the lead.
    is_same_url: bool,
    /// The key, if it goes into the query.
    query_key: Option<(String, Key)>,
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
        let of = &definition.request;
        let base_url = client.options.base_url.as_ref().unwrap_or(&of.base_url).clone();
        let timeout = Duration::from_millis(definition.description.timeout_ms.into());
        // The options were found good when they came.
        let http = client
            .for_timeout(timeout)
            .map_err(|_| KeyError::Characters { provider: provider() })?;
        let mut request = http.request(method(of.method), base_url.clone());
        request = match &of.body {
            Body::None => request,
            Body::Json(_) => request.header(CONTENT_TYPE, JSON),
            Body::Form(_) => request.header(CONTENT_TYPE, FORM),
        };
        let mut query_key = None;
        request = match (&definition.auth.place, key) {
            (AuthPlace::None, None) => request,
            (AuthPlace::Header { name }, Some(key)) => request.header(name, key.reveal()),
            (AuthPlace::Query { name }, Some(key)) => {
                query_key = Some((name.clone(), key));
                request
            }
            (AuthPlace::Bearer, Some(key)) => request.bearer_auth(key.reveal()),
            (AuthPlace::Basic { user }, Some(key)) => request.basic_auth(user, Some(key.reveal())),
            (AuthPlace::None, Some(_)) | (_, None) => {
                return Err(KeyError::Unplaced { provider: provider() });
            }
        };
        let mut prepared =
            request.build().map_err(|_| KeyError::Characters { provider: provider() })?;
        if let Some(key) = prepared.headers_mut().get_mut(auth_header(&definition.auth.place)) {
            key.set_sensitive(true);
        }
        let is_same_url = of.path.fields().is_empty()
            && of.query.iter().all(|(_, template)| template.fields().is_empty());
        let mut this = Self {
            definition,
            client: http,
            options: Arc::clone(&client.options),
            base_url,
            prepared,
            is_same_url,
            query_key,
        };
        if let Some(url) = this.is_same_url.then(|| this.url(&LeadInputs::default())).flatten() {
            *this.prepared.url_mut() = url;
        }
        Ok(this)
    }

    /// Its definition.
    pub const fn definition(&self) -> &Definition {
        &self.definition
    }

    fn url(&self, inputs: &LeadInputs) -> Option<Url> {
        let mut url = self.definition.request.url(&self.base_url, inputs)?;
        if let Some((name, key)) = &self.query_key {
            url.query_pairs_mut().append_pair(name, key.reveal());
        }
        Some(url)
    }

    fn request(&self, ask: &Ask) -> Result<Request, CallError> {
        let rejected = |reason: &'static str| CallError::Rejected { reason: reason.into() };
        let lacking = || rejected("the lead lacks what is sent");
        if !self.definition.description.requires.without(ask.inputs.fields()).is_empty() {
            return Err(lacking());
        }
        // Bodies are set below, so there is none that cannot be cloned.
        let mut request = self.prepared.try_clone().ok_or_else(lacking)?;
        if !self.is_same_url {
            *request.url_mut() = self.url(&ask.inputs).ok_or_else(lacking)?;
        }
        *request.timeout_mut() = ask.own_timeout();
        let header = |text: String| {
            HeaderValue::try_from(text).map_err(|_| rejected("the lead's data make no HTTP header"))
        };
        let key = header(["\"", &ask.idempotency_key, "\""].concat())?;
        request.headers_mut().insert(IDEMPOTENCY_KEY, key);
        for (name, template) in &self.definition.request.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Some(value)) = (name, template.render(&ask.inputs)) {
                request.headers_mut().insert(name, header(value)?);
            }
        }
        *request.body_mut() = match &self.definition.request.body {
            Body::None => None,
            Body::Json(json) => {
                let json = serde_json::to_vec(&json.filled(&ask.inputs));
                Some(json.map_err(|_| rejected("the lead's data make no JSON"))?.into())
            }
            Body::Form(fields) => Some(form(fields, &ask.inputs).into()),
        };
        Ok(request)
    }
}

impl fmt::Debug for HttpProvider {
    /// Without what is prepared: the key may stand in its address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProvider").field("definition", &self.definition).finish_non_exhaustive()
    }
}

/// The header of its own that a key goes into.
fn auth_header(place: &AuthPlace) -> &str {
    match place {
        AuthPlace::Header { name } => name,
        _ => AUTHORIZATION.as_str(),
    }
}

/// A form; a field that the lead lacks is left out.
fn form(fields: &[(String, Template)], inputs: &LeadInputs) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, template) in fields {
        if let Some(value) = template.render(inputs) {
            form.append_pair(name, &value);
        }
    }
    form.finish()
}

#[async_trait]
impl Provider<PhoneLookup> for HttpProvider {
    fn description(&self) -> &Description {
        &self.definition.description
    }

    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let request = self.request(ask)?;
        let response = self.client.execute(request).await;
        let response = response.map_err(|error| call_error(&error))?;
        let reader = Reader {
            definition: &self.definition,
            body_bytes_max: self.options.body_bytes_max,
            of_lead: ask.country,
            default_country: self.options.default_country,
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

//! The HTTP client that all providers share.

use std::sync::Arc;
use std::time::Duration;

use genesy_core::waterfall::CountryCode;
use reqwest::{Client, redirect, retry};
use rustls_platform_verifier::BuilderVerifierExt;
use url::Url;

/// How long making a connection may take, where nobody says otherwise.
pub const CONNECT_TIME_MAX_DEFAULT: Duration = Duration::from_secs(5);
/// Bytes of a response's body at most, where nobody says otherwise.
pub const BODY_BYTES_MAX_DEFAULT: usize = 256 * 1024;
/// Redirects that are followed at most.
pub const REDIRECTS_MAX: usize = 3;

/// How providers are reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Takes the place of the base URL of each definition: another host with the same paths.
    pub base_url: Option<Url>,
    /// How long making a connection may take.
    pub connect_time_max: Duration,
    /// Bytes of a response's body at most.
    pub body_bytes_max: usize,
    /// What stands between.
    pub proxy: Proxy,
    /// What the client calls itself.
    pub user_agent: String,
    /// The country that reads a number where neither the provider nor the lead names one.
    pub default_country: Option<CountryCode>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            connect_time_max: CONNECT_TIME_MAX_DEFAULT,
            body_bytes_max: BODY_BYTES_MAX_DEFAULT,
            proxy: Proxy::default(),
            user_agent: concat!("genesy/", env!("CARGO_PKG_VERSION")).to_owned(),
            default_country: None,
        }
    }
}

/// The proxy between client and providers.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// The one that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`), if it does.
    #[default]
    FromEnvironment,
    /// None.
    Direct,
    /// This one: `http://`, `https://` or `socks5h://`.
    Through(Url),
}

/// A client with its connections. Clones share them.
#[derive(Debug, Clone)]
pub struct HttpClient {
    pub(super) client: Client,
    pub(super) options: Arc<HttpOptions>,
}

impl HttpClient {
    /// A client. It makes no connection yet.
    ///
    /// # Errors
    ///
    /// When the proxy or the user agent cannot be used.
    pub fn new(options: HttpOptions) -> Result<Self, HttpClientError> {
        let builder = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_time_max)
            .redirect(redirect::Policy::custom(follow))
            .retry(retry::never());
        let builder = match &options.proxy {
            Proxy::FromEnvironment => builder,
            Proxy::Direct => builder.no_proxy(),
            Proxy::Through(url) => {
                let proxy = reqwest::Proxy::all(url.clone());
                builder.proxy(proxy.map_err(HttpClientError::client)?)
            }
        };
        let client = builder.build().map_err(HttpClientError::client)?;
        Ok(Self { client, options: Arc::new(options) })
    }

    /// The same client for another [`HttpOptions::base_url`]: making a client reads the system's
    /// certificates, which takes a while.
    #[must_use]
    pub fn with_base_url(&self, base_url: Url) -> Self {
        let options = HttpOptions { base_url: Some(base_url), ..HttpOptions::clone(&self.options) };
        Self { client: self.client.clone(), options: Arc::new(options) }
    }
}

/// TLS by rustls, with the certificates that the system trusts. On a system without any, no certificate
/// is trusted, and plain HTTP goes on working.
fn tls() -> Result<rustls::ClientConfig, HttpClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider));
        builder.with_safe_default_protocol_versions().map_err(HttpClientError::tls)
    };
    let mut config = match builder()?.with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        Err(error) => {
            tracing::warn!(%error, "no trusted certificates: HTTPS will not work");
            builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Follows what keeps the method and stays with the host: keys and data go nowhere else.
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let keeps_method = matches!(attempt.status().as_u16(), 307 | 308);
    let is_same = attempt
        .previous()
        .first()
        .is_some_and(|first| first.origin().is_tuple() && first.origin() == attempt.url().origin());
    if keeps_method && is_same && attempt.previous().len() <= REDIRECTS_MAX {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpClientError {
    /// The proxy or the user agent cannot be used.
    #[error("the HTTP client cannot be made: check the proxy and the user agent")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HttpClientError {
    fn client(error: reqwest::Error) -> Self {
        // The address of a proxy may hold a password.
        Self::Client(error.without_url().into())
    }

    fn tls(error: rustls::Error) -> Self {
        Self::Tls(error.into())
    }
}

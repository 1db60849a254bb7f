//! The HTTP client that all providers share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use genesy_core::waterfall::CountryCode;
use reqwest::{Client, redirect, retry};
use rustls_platform_verifier::BuilderVerifierExt;
use url::Url;

/// How long making a connection may take, where nobody says otherwise. It is never longer than four
/// fifths of a provider's timeout, so that a call that was never sent is not taken for one that was.
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
#[derive(Clone, Default)]
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

impl fmt::Debug for Proxy {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromEnvironment => f.write_str("FromEnvironment"),
            Self::Direct => f.write_str("Direct"),
            Self::Through(url) => write!(f, "Through({:?})", url.host_str().unwrap_or_default()),
        }
    }
}

/// What the connections of all providers have in common.
#[derive(Debug, Clone)]
pub struct HttpClient {
    tls: rustls::ClientConfig,
    pub(super) options: Arc<HttpOptions>,
}

impl HttpClient {
    /// A client. It makes no connection yet.
    ///
    /// # Errors
    ///
    /// When the base URL, the proxy or the user agent cannot be used.
    pub fn new(options: HttpOptions) -> Result<Self, HttpClientError> {
        options.base_url.as_ref().map_or(Ok(()), check_base_url)?;
        let this = Self { tls: tls()?, options: Arc::new(options) };
        this.for_timeout(this.options.connect_time_max)?;
        Ok(this)
    }

    /// A client for calls that take so long at most.
    pub(super) fn for_timeout(&self, timeout: Duration) -> Result<Client, HttpClientError> {
        let options = &self.options;
        let builder = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_time_max.min(timeout * 4 / 5))
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
        builder.build().map_err(HttpClientError::client)
    }

    /// The same client for another [`HttpOptions::base_url`]: making a client reads the system's
    /// certificates, which takes a while.
    ///
    /// # Errors
    ///
    /// When the base URL cannot be used.
    pub fn with_base_url(&self, base_url: Url) -> Result<Self, HttpClientError> {
        check_base_url(&base_url)?;
        let options = HttpOptions { base_url: Some(base_url), ..HttpOptions::clone(&self.options) };
        Ok(Self { tls: self.tls.clone(), options: Arc::new(options) })
    }
}

fn check_base_url(url: &Url) -> Result<(), HttpClientError> {
    let is_fine = matches!(url.scheme(), "http" | "https") && url.has_host();
    if is_fine { Ok(()) } else { Err(HttpClientError::BaseUrl { scheme: url.scheme().to_owned() }) }
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
    /// The base URL names no host over HTTP.
    #[error(
        "a base URL begins with http:// or https:// and a host, and this one with {scheme}:. Write it as \
         http://localhost:8080/path"
    )]
    BaseUrl {
        /// What it begins with.
        scheme: String,
    },
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

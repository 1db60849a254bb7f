//! TLS, and who the client is: certificates and API keys.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use temporalio_client::{ClientTlsOptions, TlsOptions};

/// Bytes of a file of certificates or a key at most.
pub const PEM_BYTES_MAX: usize = 1024 * 1024;

/// How a server is talked to by TLS. By default it is whom the operating system trusts by the name in its
/// address, and the client shows no certificate.
#[derive(Clone, Default)]
pub struct Tls {
    server_ca: Option<Vec<u8>>,
    domain: Option<String>,
    client: Option<(Vec<u8>, SecretSlice<u8>)>,
}

/// The files for TLS, as settings name them: see [`Tls::of_files`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TlsFiles {
    /// The certificates that issue the server's; those that the operating system trusts if nothing is said.
    pub server_ca: Option<PathBuf>,
    /// The server's name in its certificate, where it is another one than in the address.
    pub domain: Option<String>,
    /// The client's certificate (mTLS).
    pub certificate: Option<PathBuf>,
    /// The client's private key.
    pub key: Option<PathBuf>,
}

impl Tls {
    /// As by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// As the files say that settings name; nothing if they name none.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or is another one, or there is a certificate without its key.
    pub fn of_files(files: &TlsFiles) -> Result<Option<Self>, TlsError> {
        if *files == TlsFiles::default() {
            return Ok(None);
        }
        let mut tls = Self { domain: files.domain.clone(), ..Self::default() };
        if let Some(path) = &files.server_ca {
            tls = tls.server_ca(path.as_path())?;
        }
        match (&files.certificate, &files.key) {
            (Some(certificate), Some(key)) => {
                tls.client_certificate(certificate.as_path(), key.as_path()).map(Some)
            }
            (None, None) => Ok(Some(tls)),
            (Some(_), None) => Err(TlsError::Alone { has: "certificate", lacks: "key" }),
            (None, Some(_)) => Err(TlsError::Alone { has: "key", lacks: "certificate" }),
        }
    }

    /// Trusts servers whose certificates are issued by these, given in PEM, and no others.
    ///
    /// # Errors
    ///
    /// When there is no certificate in it.
    pub fn server_ca(self, pem: impl Into<Pem>) -> Result<Self, TlsError> {
        let (place, bytes) = pem.into().read("the server's CA")?;
        certificates(&place, &bytes)?;
        Ok(Self { server_ca: Some(bytes), ..self })
    }

    /// The server's name in its certificate, where it is another one than in the address.
    #[must_use]
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// The client's certificate, with those that issued it if need be, and its private key, both in PEM
    /// (mTLS).
    ///
    /// # Errors
    ///
    /// When there is no certificate or no key.
    pub fn client_certificate(
        self,
        certificate: impl Into<Pem>,
        key: impl Into<Pem>,
    ) -> Result<Self, TlsError> {
        let (place, certificate) = certificate.into().read("the client's certificate")?;
        certificates(&place, &certificate)?;
        let (place, key) = key.into().read("the client's private key")?;
        let key = SecretSlice::from(key);
        if PrivateKeyDer::from_pem_slice(key.expose_secret()).is_err() {
            return Err(TlsError::NoKey { place });
        }
        Ok(Self { client: Some((certificate, key)), ..self })
    }

    pub(super) fn options(&self) -> TlsOptions {
        let client = self.client.as_ref().map(|(certificate, key)| {
            ClientTlsOptions::builder()
                .client_cert(certificate.clone())
                .client_private_key(key.expose_secret().to_vec())
                .build()
        });
        TlsOptions::builder()
            .maybe_server_root_ca_cert(self.server_ca.clone())
            .maybe_domain(self.domain.clone())
            .maybe_client_tls_options(client)
            .build()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("has_server_ca", &self.server_ca.is_some())
            .field("domain", &self.domain)
            .field("has_client_certificate", &self.client.is_some())
            .finish()
    }
}

fn certificates(place: &str, pem: &[u8]) -> Result<(), TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(()),
        _ => Err(TlsError::NoCertificate { place: place.to_owned() }),
    }
}

/// Something in PEM: the bytes, or the file where they are.
#[derive(Clone)]
#[non_exhaustive]
pub enum Pem {
    /// The bytes.
    Bytes(Vec<u8>),
    /// The file.
    File(PathBuf),
}

impl Pem {
    /// The bytes, and what messages call them.
    fn read(self, what: &str) -> Result<(String, Vec<u8>), TlsError> {
        let path = match self {
            Self::Bytes(bytes) => return Ok((what.to_owned(), bytes)),
            Self::File(path) => path,
        };
        let place = format!("{what} in {}", path.display());
        match read_bytes(&path) {
            Ok(bytes) => Ok((place, bytes)),
            Err(error) => Err(TlsError::File { place, why: error.to_string() }),
        }
    }
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(PEM_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > PEM_BYTES_MAX {
        return Err(io::Error::other(format!("it has more than {PEM_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(_) => f.write_str("Bytes(..)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl From<Vec<u8>> for Pem {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&Path> for Pem {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

/// What is wrong with certificates. It quotes nothing of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{place} cannot be read ({why}): see that it is there and may be read")]
    File {
        /// What is wanted of which file.
        place: String,
        /// What the operating system says.
        why: String,
    },
    /// A client has a certificate and a key, or neither.
    #[error("tls.{has} wants tls.{lacks}")]
    Alone {
        /// What there is.
        has: &'static str,
        /// What there is not.
        lacks: &'static str,
    },
    /// There is no certificate.
    #[error(
        "{place} has no certificate: give one in PEM, which begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate {
        /// What is wanted of which file.
        place: String,
    },
    /// There is no private key.
    #[error(
        "{place} has no private key: give one in PEM, without a password, which begins with -----BEGIN PRIVATE KEY-----"
    )]
    NoKey {
        /// What is wanted of which file.
        place: String,
    },
}

/// A key that tells a hosted server who the client is. It is never shown, and only sent by TLS, or to this
/// machine.
#[derive(Debug, Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// A key, without the white space around it, which files and shells add.
    ///
    /// # Errors
    ///
    /// When it is empty, or has characters that no header can hold.
    pub fn new(key: &str) -> Result<Self, ApiKeyError> {
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiKeyError);
        }
        Ok(Self(SecretString::from(key)))
    }

    pub(super) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

/// An API key is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the API key is empty, or has characters that no header can hold: check it for stray ones")]
#[non_exhaustive]
pub struct ApiKeyError;

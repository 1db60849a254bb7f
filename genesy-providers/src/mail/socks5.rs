//! The client's side of SOCKS 5 (RFC 1928), with user name and password (RFC 1929).
//!
//! Own lines, since the crates for it take the password as plain text and hold a buffer of half a KiB per
//! handshake. A mail host speaks first, so no byte may be read behind the proxy's reply.

use std::io;
use std::net::{IpAddr, SocketAddr};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::dial::DialError;

/// Version of the protocol (RFC 1928, section 3).
const VERSION: u8 = 5;
/// Methods of authentication (RFC 1928, section 3).
const NO_AUTHENTICATION: u8 = 0;
const USER_NAME_AND_PASSWORD: u8 = 2;
const NO_ACCEPTABLE_METHOD: u8 = 0xff;
/// Version of the negotiation of user name and password (RFC 1929, section 2).
const NEGOTIATION_VERSION: u8 = 1;
/// The command that connects (RFC 1928, section 4).
const CONNECT: u8 = 1;
/// Types of addresses (RFC 1928, section 5).
const IPV4: u8 = 1;
const DOMAIN_NAME: u8 = 3;
const IPV6: u8 = 4;
/// Bytes of a user name or password at most (RFC 1929, section 2).
const CREDENTIAL_BYTES_MAX: usize = u8::MAX as usize;

/// A SOCKS 5 proxy to connect by. It is given addresses, never names.
#[derive(Debug, Clone)]
pub struct Socks5 {
    address: SocketAddr,
    credentials: Option<Credentials>,
}

/// The user name is kept secret too: some proxies have a key there.
#[derive(Debug, Clone)]
struct Credentials {
    user_name: SecretString,
    password: SecretString,
}

impl Socks5 {
    /// A proxy that asks for no password.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, credentials: None }
    }

    /// Gives the user name and password to show to the proxy when it asks for them.
    ///
    /// # Errors
    ///
    /// When one of them is empty or longer than 255 bytes.
    pub fn with_credentials(
        mut self,
        user_name: &str,
        password: &str,
    ) -> Result<Self, CredentialsError> {
        for credential in [user_name, password] {
            if credential.is_empty() || credential.len() > CREDENTIAL_BYTES_MAX {
                return Err(CredentialsError);
            }
        }
        self.credentials =
            Some(Credentials { user_name: user_name.into(), password: password.into() });
        Ok(self)
    }

    /// Where the proxy listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has the proxy connect to an address, over a new connection to it. Behind that, the connection is
    /// one to that address.
    pub(super) async fn ask_for(
        &self,
        target: SocketAddr,
        proxy: &mut TcpStream,
    ) -> Result<(), DialError> {
        self.authenticate(proxy).await.map_err(DialError::Proxy)?;
        proxy.write_all(&request(target)).await.map_err(disconnected)?;
        let [version, reply, _reserved, address_type] = read(proxy).await?;
        if version != VERSION {
            return Err(DialError::Proxy(ProxyError::Protocol));
        }
        reply_class(reply)?;
        skip_bound_address(address_type, proxy).await.map_err(DialError::Proxy)
    }

    async fn authenticate(&self, proxy: &mut TcpStream) -> Result<(), ProxyError> {
        let methods: &[u8] = match &self.credentials {
            None => &[VERSION, 1, NO_AUTHENTICATION],
            Some(_) => &[VERSION, 2, NO_AUTHENTICATION, USER_NAME_AND_PASSWORD],
        };
        proxy.write_all(methods).await.map_err(disconnected)?;
        match (read(proxy).await?, &self.credentials) {
            ([VERSION, NO_AUTHENTICATION], _) => Ok(()),
            ([VERSION, USER_NAME_AND_PASSWORD], Some(credentials)) => {
                proxy.write_all(&credentials.message()).await.map_err(disconnected)?;
                match read(proxy).await? {
                    [NEGOTIATION_VERSION, 0] => Ok(()),
                    [NEGOTIATION_VERSION, _] => Err(ProxyError::CredentialsRefused),
                    [_, _] => Err(ProxyError::Protocol),
                }
            }
            ([VERSION, NO_ACCEPTABLE_METHOD], _) => Err(ProxyError::NoAcceptableMethod),
            ([_, _], _) => Err(ProxyError::Protocol),
        }
    }
}

impl Credentials {
    /// The message that shows them (RFC 1929, section 2). Their lengths were checked.
    fn message(&self) -> Zeroizing<Vec<u8>> {
        let mut message = Vec::with_capacity(3 + 2 * CREDENTIAL_BYTES_MAX);
        message.push(NEGOTIATION_VERSION);
        for credential in [&self.user_name, &self.password] {
            let bytes = credential.expose_secret().as_bytes();
            message.push(bytes.len() as u8);
            message.extend_from_slice(bytes);
        }
        Zeroizing::new(message)
    }
}

/// A user name or password is empty or too long for the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user name and a password for a SOCKS 5 proxy have 1 to 255 bytes each")]
#[non_exhaustive]
pub struct CredentialsError;

/// What the proxy did, where that tells nothing about the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyError {
    /// No connection to the proxy was made.
    #[error("the proxy is not reachable")]
    Unreachable,
    /// The proxy closed the connection before it was done.
    #[error("the proxy closed the connection")]
    Disconnected,
    /// What it said is not SOCKS 5.
    #[error("what answers there is no SOCKS 5 proxy")]
    Protocol,
    /// It wants an authentication that was not offered.
    #[error("the proxy wants another authentication")]
    NoAcceptableMethod,
    /// It does not accept the user name and password.
    #[error("the proxy does not accept the credentials")]
    CredentialsRefused,
    /// Its rules do not allow the connection (reply 2).
    #[error("the proxy's rules do not allow the connection")]
    NotAllowed,
    /// It failed, and does not say why (reply 1, or one that no standard knows).
    #[error("the proxy failed")]
    Failed,
    /// It does not connect at all (reply 7).
    #[error("the proxy does not make connections")]
    CommandNotSupported,
    /// It does not connect to such addresses, as IPv6 ones (reply 8).
    #[error("the proxy does not connect to such addresses")]
    AddressTypeNotSupported,
}

impl From<ProxyError> for DialError {
    fn from(error: ProxyError) -> Self {
        Self::Proxy(error)
    }
}

/// The request to connect (RFC 1928, section 4).
fn request(target: SocketAddr) -> Vec<u8> {
    let mut request = Vec::with_capacity(4 + 16 + 2);
    request.extend_from_slice(&[VERSION, CONNECT, 0]);
    match target.ip() {
        IpAddr::V4(ip) => {
            request.push(IPV4);
            request.extend_from_slice(&ip.octets());
        }
        IpAddr::V6(ip) => {
            request.push(IPV6);
            request.extend_from_slice(&ip.octets());
        }
    }
    request.extend_from_slice(&target.port().to_be_bytes());
    request
}

/// What a reply says (RFC 1928, section 6).
fn reply_class(reply: u8) -> Result<(), DialError> {
    Err(match reply {
        0 => return Ok(()),
        2 => ProxyError::NotAllowed.into(),
        3 | 4 => DialError::Unreachable,
        5 => DialError::Refused,
        // "TTL expired", which proxies say when they gave up waiting.
        6 => DialError::TimedOut,
        7 => ProxyError::CommandNotSupported.into(),
        8 => ProxyError::AddressTypeNotSupported.into(),
        _ => ProxyError::Failed.into(),
    })
}

/// Reads over the address that the proxy connects from, to the last byte of its reply.
async fn skip_bound_address(address_type: u8, proxy: &mut TcpStream) -> Result<(), ProxyError> {
    const PORT_BYTES: usize = 2;
    let address_bytes = match address_type {
        IPV4 => 4,
        IPV6 => 16,
        DOMAIN_NAME => {
            let [bytes] = read(proxy).await?;
            usize::from(bytes)
        }
        _ => return Err(ProxyError::Protocol),
    };
    let mut skipped = [0; u8::MAX as usize + PORT_BYTES];
    proxy.read_exact(&mut skipped[..address_bytes + PORT_BYTES]).await.map_err(disconnected)?;
    Ok(())
}

async fn read<const BYTES: usize>(proxy: &mut TcpStream) -> Result<[u8; BYTES], ProxyError> {
    let mut bytes = [0; BYTES];
    proxy.read_exact(&mut bytes).await.map_err(disconnected)?;
    Ok(bytes)
}

fn disconnected(_: io::Error) -> ProxyError {
    ProxyError::Disconnected
}

#[cfg(test)]
mod tests;

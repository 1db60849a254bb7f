//! How the DNS is asked.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;

/// Questions that wait at once on one TCP connection to a name server.
const TCP_QUESTIONS_MAX: usize = 1024;

/// How the DNS is asked, and for how long answers are remembered.
#[derive(Debug, Clone)]
pub struct ResolverOptions {
    /// Name servers to ask by UDP, and by TCP when an answer is too long for that. Empty: those of the
    /// system, of which nothing else is taken over.
    pub name_servers: Vec<SocketAddr>,
    /// How long one try waits for an answer.
    pub try_timeout: Duration,
    /// Tries per question, at least one.
    pub tries: u32,
    /// Whether the case of letters in questions is varied, so that answers are harder to forge
    /// (draft-vixie-dnsext-dns0x20). A server that does not keep the case is asked by TCP.
    pub case_randomization: bool,
    /// Answers that are remembered at most, of each kind (mail hosts, addresses). 0 for none.
    pub cache_entries_max: usize,
    /// How long every answer is remembered at least, so that one burst asks once.
    pub lifetime_min: Duration,
    /// How long records are remembered at most, if they say longer.
    pub positive_lifetime_max: Duration,
    /// How long it is remembered at most that there are none (RFC 2308, section 5, knows up to three
    /// hours; a mistake of a domain's owner should not be held against it for so long).
    pub negative_lifetime_max: Duration,
    /// How long a failure is remembered (RFC 9520, section 3.2: one second to five minutes), and an
    /// absence that says no time.
    pub failure_lifetime: Duration,
}

impl Default for ResolverOptions {
    /// The system's name servers, 2 tries of 2 s; 16,384 answers of each kind, for 1 s to 1 h, absences
    /// for up to 5 min, failures for 5 s.
    fn default() -> Self {
        Self {
            name_servers: Vec::new(),
            try_timeout: Duration::from_secs(2),
            tries: 2,
            case_randomization: true,
            cache_entries_max: 16_384,
            lifetime_min: Duration::from_secs(1),
            positive_lifetime_max: Duration::from_secs(60 * 60),
            negative_lifetime_max: Duration::from_secs(5 * 60),
            failure_lifetime: Duration::from_secs(5),
        }
    }
}

impl ResolverOptions {
    pub(super) fn build(&self) -> Result<TokioResolver, ResolverError> {
        let name_servers = if self.name_servers.is_empty() {
            let (config, _) = read_system_conf().map_err(ResolverError::system)?;
            config.name_servers
        } else {
            self.name_servers.iter().copied().map(name_server).collect()
        };
        if name_servers.is_empty() {
            return Err(ResolverError::NoNameServer);
        }
        let config = ResolverConfig::from_name_servers(name_servers);
        let provider = TokioRuntimeProvider::default();
        TokioResolver::builder_with_config(config, provider)
            .with_options(self.library_options())
            .build()
            .map_err(ResolverError::system)
    }

    fn library_options(&self) -> ResolverOpts {
        let mut options = ResolverOpts::default();
        options.timeout = self.try_timeout;
        // The library counts what comes after the first try.
        options.attempts = self.tries.saturating_sub(1) as usize;
        options.case_randomization = self.case_randomization;
        options.use_hosts_file = ResolveHosts::Never;
        // The cache is this module's own.
        options.cache_size = 0;
        options.max_active_requests = TCP_QUESTIONS_MAX;
        options
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

/// The DNS cannot be asked with the options.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolverError {
    /// The system's configuration cannot be read.
    #[error("the system's DNS configuration cannot be used")]
    System(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Neither the options nor the system name a server.
    #[error("no name server is configured")]
    NoNameServer,
}

impl ResolverError {
    fn system(error: NetError) -> Self {
        Self::System(Box::new(error))
    }
}

//! Connecting.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use gethostname::gethostname;
use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::{Code, IntoRequest};
use temporalio_client::{ClientOptions as SdkClientOptions, Connection, ConnectionOptions, Url};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use super::error::{causes, is_tls};
use super::{ApiKey, Client, ClientError, Tls};
use crate::codec::{self, Codec};
use crate::queues::Queues;
use crate::visibility;

/// How long the server may take for one answer, where nobody says otherwise.
pub const RPC_TIME_MAX_DEFAULT: Duration = Duration::from_secs(10);

/// How long a server that is not ready is left alone.
const NOT_READY_REST: Duration = Duration::from_millis(100);

/// Where the server is, and how it is talked to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The server, as `http://127.0.0.1:7233`; `https` for TLS.
    pub address: String,
    /// The namespace, `default` by default.
    pub namespace: String,
    /// The task queues.
    pub queues: Queues,
    /// How long the server may take for one answer.
    pub rpc_time_max: Duration,
    /// How TLS is done, for an address that begins with `https`; as by default if nothing is said.
    pub tls: Option<Tls>,
    /// Tells a hosted server who this is.
    pub api_key: Option<ApiKey>,
    /// What the server shows of who did something; the process and the machine if nothing is said.
    pub identity: Option<String>,
    /// Encrypts what the server stores.
    pub codec: Option<Codec>,
}

impl ClientOptions {
    /// A server at `address`, with everything else as by default.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            namespace: "default".to_owned(),
            queues: Queues::default(),
            rpc_time_max: RPC_TIME_MAX_DEFAULT,
            tls: None,
            api_key: None,
            identity: None,
            codec: None,
        }
    }

    /// How the server is reached, as the SDK takes it.
    fn connection(&self) -> Result<ConnectionOptions, ClientError> {
        let wrong =
            |why: &str| ClientError::Address { address: self.address.clone(), why: why.to_owned() };
        let url = Url::parse(&self.address).map_err(|error| wrong(&error.to_string()))?;
        let tls = match url.scheme() {
            "https" => Some(self.tls.clone().unwrap_or_default().options()),
            "http" if self.tls.is_some() => {
                return Err(wrong("it is without TLS, which is set up"));
            }
            "http" if self.api_key.is_some() && !is_this_machine(&url) => {
                return Err(wrong("an API key is only sent by TLS"));
            }
            "http" => None,
            _ => return Err(wrong("it begins with neither http:// nor https://")),
        };
        Ok(ConnectionOptions::new(url)
            .connect_timeout(self.rpc_time_max)
            .identity(self.identity.clone().unwrap_or_else(identity))
            .maybe_tls_options(tls)
            .maybe_api_key(self.api_key.as_ref().map(|key| key.reveal().to_owned()))
            .build())
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

/// This process on this machine.
fn identity() -> String {
    format!("{}@{}", std::process::id(), gethostname().to_string_lossy())
}

/// Connects. A server that answers that it is not ready yet, as while it starts, is asked again.
async fn connect_when_ready(options: ConnectionOptions) -> Result<Connection, ClientConnectError> {
    loop {
        match Connection::connect(options.clone()).await {
            Err(ClientConnectError::SystemInfoCallError(status))
                if status.code() == Code::Unavailable && status.source().is_none() =>
            {
                tokio::time::sleep(NOT_READY_REST).await;
            }
            other => return other,
        }
    }
}

/// Why there is no connection.
fn connect_error(address: String, error: &ClientConnectError) -> ClientError {
    let (why, code) = match error {
        ClientConnectError::SystemInfoCallError(status) => (causes(status), Some(status.code())),
        other => (causes(other), None),
    };
    // Who wants a client's certificate and gets none, or another one, hangs up once TLS is there. Of that
    // only a text is left.
    let hung_up = ["fatal alert", "connection closed", "connection reset", "broken pipe"];
    let is_hung_up = hung_up.iter().any(|text| why.to_lowercase().contains(text));
    if is_tls(error) || (is_hung_up && address.starts_with("https:")) {
        return ClientError::Tls { address, why };
    }
    match code {
        Some(Code::Unauthenticated | Code::PermissionDenied) => ClientError::Unauthorized { why },
        _ => ClientError::Unreachable { address, why },
    }
}

impl Client {
    /// Connects to a server, and looks whether the namespace is there, and has the search attributes of
    /// this crate ([`Self::add_search_attributes`]): runs are shown by them if it has.
    ///
    /// # Errors
    ///
    /// When there is no server, or no such namespace.
    pub async fn connect(options: ClientOptions) -> Result<Self, ClientError> {
        let connection = options.connection()?;
        let ClientOptions { address, namespace, queues, rpc_time_max, codec, .. } = options;
        let connecting = tokio::time::timeout(rpc_time_max, connect_when_ready(connection));
        let connection = match connecting.await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(connect_error(address, &error)),
            Err(_) => {
                let why = format!("no answer within {rpc_time_max:?}");
                return Err(ClientError::Unreachable { address, why });
            }
        };
        let client_with = |converter| {
            let options =
                SdkClientOptions::new(namespace.clone()).data_converter(converter).build();
            temporalio_client::Client::new(connection.clone(), options)
                .map_err(|error| ClientError::Refused { why: error.to_string() })
        };
        let inner = client_with(codec::converter(codec.as_ref()))?;
        let looker = client_with(codec::lenient_converter(codec.as_ref()))?;
        let mut client =
            Self { inner, looker, queues, address, rpc_time_max, is_searchable: false };
        client.check_namespace().await?;
        client.is_searchable = client.has_search_attributes().await;
        Ok(client)
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.inner.options().namespace
    }

    async fn check_namespace(&self) -> Result<(), ClientError> {
        let request = DescribeNamespaceRequest {
            namespace: self.namespace().to_owned(),
            ..DescribeNamespaceRequest::default()
        };
        let mut service = self.inner.connection().workflow_service();
        self.rpc(service.describe_namespace(request.into_request())).await.map(|_| ())
    }

    /// Whether the namespace has the search attributes. Where the server does not let that be asked, as
    /// with some hosted ones, it is taken to have none.
    async fn has_search_attributes(&self) -> bool {
        let request = ListSearchAttributesRequest { namespace: self.namespace().to_owned() };
        let mut service = self.inner.connection().operator_service();
        let listed = self.rpc(service.list_search_attributes(request.into_request())).await;
        listed.is_ok_and(|listed| {
            let there = &listed.custom_attributes;
            visibility::ALL.iter().all(|name| there.contains_key(*name))
        })
    }

    /// Adds the search attributes of this crate to the namespace, so that lists of runs show how far each
    /// is without a worker. It is done once for a namespace; hosted servers have it done by their own tools.
    ///
    /// # Errors
    ///
    /// When the server does not allow it.
    pub async fn add_search_attributes(&mut self) -> Result<(), ClientError> {
        let keyword = |name: &&str| ((*name).to_owned(), IndexedValueType::Keyword as i32);
        let request = AddSearchAttributesRequest {
            namespace: self.namespace().to_owned(),
            search_attributes: visibility::ALL.iter().map(keyword).collect(),
        };
        let mut service = self.inner.connection().operator_service();
        self.rpc(service.add_search_attributes(request.into_request())).await?;
        self.is_searchable = true;
        Ok(())
    }

    /// One call of the server, within its time.
    pub(super) async fn rpc<T>(
        &self,
        call: impl Future<
            Output = Result<
                temporalio_client::tonic::Response<T>,
                temporalio_client::tonic::Status,
            >,
        >,
    ) -> Result<T, ClientError> {
        match tokio::time::timeout(self.rpc_time_max, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(self.status_error(&status)),
            Err(_) => Err(self.too_late()),
        }
    }
}

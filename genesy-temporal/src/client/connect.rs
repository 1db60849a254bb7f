//! Connecting.

use std::time::Duration;

use temporalio_client::tonic::IntoRequest;
use temporalio_client::{ClientOptions as SdkClientOptions, Connection, ConnectionOptions, Url};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use super::{Client, ClientError};
use crate::queues::Queues;
use crate::visibility;

/// How long the server may take for one answer, where nobody says otherwise.
pub const RPC_TIME_MAX_DEFAULT: Duration = Duration::from_secs(10);

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
}

impl ClientOptions {
    /// A server at `address`, with everything else as by default.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            namespace: "default".to_owned(),
            queues: Queues::default(),
            rpc_time_max: RPC_TIME_MAX_DEFAULT,
        }
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
        let ClientOptions { address, namespace, queues, rpc_time_max } = options;
        let url = Url::parse(&address).map_err(|error| ClientError::Address {
            address: address.clone(),
            why: error.to_string(),
        })?;
        let connection = ConnectionOptions::new(url).connect_timeout(rpc_time_max).build();
        let unreachable = |why: String| ClientError::Unreachable { address: address.clone(), why };
        let connecting = tokio::time::timeout(rpc_time_max, Connection::connect(connection));
        let connection = match connecting.await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(unreachable(error.to_string())),
            Err(_) => return Err(unreachable(format!("no answer within {rpc_time_max:?}"))),
        };
        let options = SdkClientOptions::new(namespace).build();
        let inner = temporalio_client::Client::new(connection, options)
            .map_err(|error| unreachable(error.to_string()))?;
        let mut client = Self { inner, queues, address, rpc_time_max, is_searchable: false };
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

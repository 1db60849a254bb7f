//! What a server stores, as it stores it: no codec is in between.

#![allow(dead_code, reason = "each test binary takes what it needs")]

use genesy_temporal::dev_server::DevServer;
use prost::Message;
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{Connection, ConnectionOptions, Url};
use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
};

async fn connection(server: &DevServer) -> Connection {
    let url = Url::parse(server.address()).expect("an address");
    Connection::connect(ConnectionOptions::new(url).build()).await.expect("a connection")
}

fn execution(id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() })
}

/// The history of a run.
pub(crate) async fn history(server: &DevServer, id: &str) -> Vec<u8> {
    let request = GetWorkflowExecutionHistoryRequest {
        namespace: "default".to_owned(),
        execution: execution(id),
        ..GetWorkflowExecutionHistoryRequest::default()
    };
    let mut service = connection(server).await.workflow_service();
    let response = service.get_workflow_execution_history(request.into_request()).await;
    let response = response.expect("a history").into_inner();
    assert!(response.next_page_token.is_empty(), "it is on one page");
    bytes(&response.history.expect("a history"))
}

/// What is shown of a run: memo, search attributes, and what is under way.
pub(crate) async fn describe(server: &DevServer, id: &str) -> DescribeWorkflowExecutionResponse {
    let request = DescribeWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        execution: execution(id),
    };
    let mut service = connection(server).await.workflow_service();
    let response = service.describe_workflow_execution(request.into_request()).await;
    response.expect("a description").into_inner()
}

pub(crate) fn bytes(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

pub(crate) fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

//! Metrics, as Prometheus takes them.

use std::net::SocketAddr;
use std::sync::Arc;

use temporalio_common::telemetry::metrics::CoreMeter;
use temporalio_common::telemetry::{
    PrometheusExporterOptions, TelemetryOptions, start_prometheus_metric_exporter,
};
use temporalio_sdk::runtime::RuntimeOptions;
use tokio::task::AbortHandle;

use super::WorkerError;
use super::run::could_not_begin;

/// A page of metrics, until this is dropped; or none.
pub(super) struct Metrics {
    page: Option<Page>,
}

struct Page {
    meter: Arc<dyn CoreMeter>,
    address: SocketAddr,
    serving: AbortHandle,
}

impl Metrics {
    pub(super) fn start(address: Option<SocketAddr>) -> Result<Self, WorkerError> {
        let Some(address) = address else {
            return Ok(Self { page: None });
        };
        // Names and units as is usual with Prometheus.
        let options = PrometheusExporterOptions::builder()
            .socket_addr(address)
            .counters_total_suffix(true)
            .unit_suffix(true)
            .use_seconds_for_durations(true)
            .build();
        let started = start_prometheus_metric_exporter(options)
            .map_err(|error| WorkerError::Metrics { address, why: error.to_string() })?;
        let address = started.bound_addr;
        let page = Page { meter: started.meter, address, serving: started.abort_handle };
        Ok(Self { page: Some(page) })
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.page.as_ref().map(|page| page.address)
    }

    pub(super) fn runtime_options(&self) -> Result<RuntimeOptions, WorkerError> {
        let meter = self.page.as_ref().map(|page| Arc::clone(&page.meter));
        let telemetry = TelemetryOptions::builder().maybe_metrics(meter).build();
        RuntimeOptions::builder().telemetry_options(telemetry).build().map_err(could_not_begin)
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        if let Some(page) = &self.page {
            page.serving.abort();
        }
    }
}

//! The sink of this process: gives what workflows report to those who follow them here.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use genesy_providers::driver::LeadId;
use genesy_temporal::phone::PhoneProgress;
use genesy_temporal::report::{self, Report, Sink};
use tokio::sync::mpsc;

use super::REPORTS_MAX;

/// Those who follow runs here.
#[derive(Debug, Default)]
pub(super) struct Reported {
    phones: Mutex<HashMap<LeadId, mpsc::Sender<PhoneProgress>>>,
}

/// The reports of one run, as long as this is there.
pub(super) struct Following {
    of: Arc<Reported>,
    lead: LeadId,
    reports: mpsc::Receiver<PhoneProgress>,
}

impl Reported {
    pub(super) fn follow(self: &Arc<Self>, lead: LeadId) -> Following {
        let (sender, reports) = mpsc::channel(REPORTS_MAX);
        self.phones().insert(lead.clone(), sender);
        Following { of: Arc::clone(self), lead, reports }
    }

    fn phones(&self) -> MutexGuard<'_, HashMap<LeadId, mpsc::Sender<PhoneProgress>>> {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Following {
    /// The next report. It never ends.
    pub(super) async fn next(&mut self) -> PhoneProgress {
        match self.reports.recv().await {
            Some(progress) => progress,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.of.phones().remove(&self.lead);
    }
}

#[async_trait]
impl Sink for Reported {
    async fn record(&self, report: Report) -> Result<(), Box<dyn Error + Send + Sync>> {
        // Nobody follows a run of another server, nor one that a restart has not come to yet: how it ends is
        // asked for when somebody does.
        if let report::Reported::PhoneProgress(progress) = report.what {
            let follower = self.phones().get(&progress.lead).cloned();
            if let Some(follower) = follower {
                let _ = follower.try_send(progress);
            }
        }
        Ok(())
    }
}

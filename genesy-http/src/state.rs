//! What all handlers share.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Time;
use crate::config::{ConfigError, Settings};
use crate::engine::dispatcher::Dispatcher;
#[cfg(feature = "temporal")]
use crate::engine::temporal::Temporal;
use crate::engine::{Embedded, Engine};
use crate::guard::{Guards, sweep_answers};
use crate::import::{self, Imports};
use crate::live::Live;
use crate::outside::Outside;
use crate::server::STOP_TIME_MAX;
use crate::store::Store;
use crate::telemetry::Metrics;

/// How long calls of providers that are under way may go on when the server stops.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// What all handlers share. Clones are the same.
#[derive(Debug, Clone)]
pub struct AppState {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    settings: Settings,
    outside: Outside,
    is_demo: bool,
    guards: Guards,
    metrics: Arc<Metrics>,
    stopping: CancellationToken,
    changes: TaskTracker,
    dispatcher: Dispatcher,
    live: Live,
    imports: Imports,
}

/// Makes an [`AppState`].
#[derive(Debug)]
#[must_use]
pub struct AppStateBuilder {
    store: Store,
    settings: Settings,
    outside: Outside,
    is_demo: bool,
    /// This process, if nothing is said.
    engine: Option<Arc<dyn Engine>>,
}

impl AppStateBuilder {
    /// How it is set up; as [`Settings::default`] says otherwise. They are checked by [`build`](Self::build).
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The providers and mail servers; nobody otherwise.
    pub fn outside(self, outside: Outside) -> Self {
        Self { outside, ..self }
    }

    /// Says that all that is asked is simulated.
    pub(crate) fn demo(self) -> Self {
        Self { is_demo: true, ..self }
    }

    /// Has the work done on Temporal.
    #[cfg(feature = "temporal")]
    pub fn temporal(self, temporal: Temporal) -> Self {
        Self { engine: Some(Arc::new(temporal)), ..self }
    }

    /// The state. It is made on a Tokio runtime, which runs what goes on in the background until
    /// [`AppState::stop`].
    ///
    /// # Errors
    ///
    /// When the settings [do not go together](Settings::check).
    pub fn build(self) -> Result<AppState, ConfigError> {
        let Self { store, settings, outside, is_demo, engine } = self;
        settings.check()?;
        let stopping = CancellationToken::new();
        let engine = engine.unwrap_or_else(|| Arc::new(Embedded::new(&outside)));
        let (work, stop) = (settings.engine.clone(), stopping.clone());
        let metrics = Arc::<Metrics>::default();
        let counting = Arc::clone(&metrics);
        let dispatcher = Dispatcher::start(store.clone(), engine, work, counting, stop);
        let days = settings.retention.events_days;
        let live = Live::start(store.clone(), days, stopping.clone());
        let shared = Shared {
            guards: Guards::new(&settings),
            store,
            settings,
            outside,
            is_demo,
            metrics,
            stopping,
            changes: TaskTracker::new(),
            dispatcher,
            live,
            imports: Imports::default(),
        };
        let state = AppState { shared: Arc::new(shared) };
        tokio::spawn(sweep(state.clone(), Time::now()));
        import::start(&state);
        Ok(state)
    }
}

impl AppState {
    /// Begins the state of a server over this store.
    pub fn builder(store: Store) -> AppStateBuilder {
        let (settings, outside) = (Settings::default(), Outside::default());
        AppStateBuilder { store, settings, outside, is_demo: false, engine: None }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What the imports share.
    pub(crate) fn imports(&self) -> &Imports {
        &self.shared.imports
    }

    /// How the server is set up.
    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The providers and mail servers.
    pub(crate) fn outside(&self) -> &Outside {
        &self.shared.outside
    }

    /// Whether all that is asked is simulated.
    pub(crate) fn is_demo(&self) -> bool {
        self.shared.is_demo
    }

    /// What the guards know.
    pub(crate) fn guards(&self) -> &Guards {
        &self.shared.guards
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Cancelled when the server stops: answers without an end have to end then.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.shared.stopping
    }

    /// Requests that change something: they are done to their ends though their clients go.
    pub(crate) fn changes(&self) -> &TaskTracker {
        &self.shared.changes
    }

    /// Who runs the lookups and verifications.
    pub(crate) fn dispatcher(&self) -> &Dispatcher {
        &self.shared.dispatcher
    }

    /// Who tells those who watch.
    pub(crate) fn live(&self) -> &Live {
        &self.shared.live
    }

    /// Ends what goes on in the background, and waits for the requests that change something and whose clients
    /// went. What is under way goes on at the next start. Another time it does no harm.
    pub async fn stop(&self) {
        self.shared.stopping.cancel();
        let changes = self.changes();
        changes.close();
        let changed = tokio::time::timeout(STOP_TIME_MAX, changes.wait());
        let (changed, ()) = tokio::join!(changed, self.shared.dispatcher.stop(STOP_GRACE));
        if changed.is_err() {
            tracing::warn!(requests = changes.len(), "what they change may be left half done");
        }
        // What they began in the background.
        self.shared.dispatcher.stop(STOP_GRACE).await;
    }
}

/// How often what is old is removed.
const SWEEP_PAUSE: Duration = Duration::from_secs(3600);

/// Removes answers that are kept no longer, at the start and then each hour.
async fn sweep(state: AppState, begun: Time) {
    loop {
        if let Err(error) = sweep_answers(state.store(), begun).await {
            tracing::error!(%error, "old answers could not be removed");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_PAUSE) => {}
            () = state.stopping().cancelled() => return,
        }
    }
}

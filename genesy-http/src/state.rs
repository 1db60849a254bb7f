//! What all handlers share.

use std::sync::Arc;

use crate::store::Store;

/// What all handlers share. Clones are the same.
#[derive(Debug, Clone)]
pub struct AppState {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
}

impl AppState {
    /// The state of a server over this store.
    pub fn new(store: Store) -> Self {
        Self { shared: Arc::new(Shared { store }) }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }
}

//! Being told to stop.

use std::io;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// SIGTERM, SIGINT and ctrl-c, each as it comes. Where there are no such signals, the system's own way of
/// ending a program is left as it is.
pub(crate) struct Signals {
    told: UnboundedReceiver<()>,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
        let (tell, told) = unbounded_channel();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for _ in signals.forever() {
                if tell.send(()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { told })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        let (tell, told) = unbounded_channel();
        // It never tells, and never ends.
        std::mem::forget(tell);
        Ok(Self { told })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        if self.told.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

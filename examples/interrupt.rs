//! Ctrl-C.

use tokio::sync::mpsc;

/// Each Ctrl-C from now on.
#[derive(Debug)]
pub struct Interrupt(mpsc::UnboundedReceiver<()>);

impl Interrupt {
    /// Begins to listen. Must be called within a Tokio runtime.
    pub fn listen() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            // Where there are no signals, Ctrl-C ends the process as ever.
            while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {}
        });
        Self(receiver)
    }

    /// The next one.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

//! Mail hosts and a DNS server on this machine's loopback addresses, for tests, examples and benches. No
//! special rights are needed, and nothing leaves the machine.
//!
//! ```
//! # async fn example() -> std::io::Result<()> {
//! use genesy_providers::simulated::mail::{Laboratory, Script, Stage, Trick};
//!
//! let laboratory = Laboratory::start()?;
//! let good = laboratory.host("mx1.engines.example", Script::with_mailboxes(["ada@engines.example"]))?;
//! laboratory.host("mx2.engines.example", Script::default().trick(Stage::Greeting, Trick::Silence))?;
//! laboratory.domain("engines.example").mx(10, "mx2.engines.example").mx(20, "mx1.engines.example");
//! // Ask the server at `laboratory.dns()`, and the hosts at port `laboratory.smtp_port()`.
//! assert_eq!(good.stats().connections_total, 0);
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```
//!
//! A [`Script`] says how a host behaves: whom it knows, what it refuses, its limits and delays, and which
//! [`Trick`]s it plays at which [`Stage`]. A [`Domain`] is edited to say what the DNS server answers for
//! a name, and what [`DnsTrouble`] there is with it. All hosts listen on the same port, each on an address
//! of its own within 127.0.0.0/8, so that many laboratories run beside each other; that all of these
//! addresses are there is so on Linux.
//!
//! Servers take any bytes from clients, and what they keep of them is bounded.

mod answer;
mod dialogue;
mod dns;
mod greylist;
mod host;
mod input;
mod laboratory;
mod play;
mod script;
mod session;
mod sink;
mod socks5;
mod stats;
mod tls;
mod trick;
mod wire;
mod zone;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use self::host::MailHost;
pub use self::laboratory::Laboratory;
pub use self::script::{Mailbox, Script};
pub use self::socks5::{Socks5, Socks5Script, Socks5Trick};
pub use self::stats::{Line, Side, Stats, Transcript};
pub use self::trick::{Stage, Trick};
pub use self::zone::{DnsTrouble, Domain, RecordKind};

/// Nothing that is locked here is left half done by a panic.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

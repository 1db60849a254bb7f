//! Orion Connect, Astra Dialer and Nimbus Lookup as one server on this machine, for tests, examples
//! and trying things out.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use genesy_providers::simulated::{Fault, Options, SimulatedProvider, Simulation};
//!
//! // A hundred times as fast as the real ones.
//! let simulation = Simulation::start(Options { time_scale: 0.01, ..Options::default() }).await?;
//! let url = format!("{}{}", simulation.base_url(), SimulatedProvider::OrionConnect.path());
//! simulation.set_fault(SimulatedProvider::AstraDialer, Some(Fault::Down));
//! // Ask away.
//! simulation.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What they are like
//!
//! | | takes about, ms | has a number | fails with 500 | no number is |
//! |---|---|---|---|---|
//! | Orion Connect | 4200 | 55 % | 5 % | `{"phone": null}` |
//! | Astra Dialer | 1300 | 30 % | 1 % | `{"phoneNmbr": null}` or `{}` |
//! | Nimbus Lookup | 2200 | 40 % | 25 % | `{"number": null}` |
//!
//! Addresses, keys, fields, status codes and the shapes of hits are those of the real providers, and so
//! are the usual times. All rates are assumptions of ours, and so are the spread of 15 % to both sides
//! of the times and how Nimbus Lookup says that it has nothing: nobody measured them.
//!
//! # What is the same each time
//!
//! What is answered is a function of the seed, the provider, the lead as the request shows it, and how
//! many requests for it came before: see [`behaviour`]. The order in which leads are asked for changes
//! nothing.
//!
//! A person is the letters and digits of their name with their company's domain: the full name and the
//! website at Orion Connect, the two sides of the e-mail address at the others. So `Ada Lovelace` of
//! `www.example.com` and `ada.lovelace@example.com` are one, with one number at all providers, and who
//! is known to one provider is likelier to be known to another. `alovelace@example.com` is somebody
//! else. Letters beyond ASCII do not count.
//!
//! All numbers are of ranges that regulators set aside for fiction, so nobody can be called. The
//! ranges are small, and people share numbers.

mod behaviour;
mod fault;
mod faulty;
mod lead;
#[cfg(feature = "mail")]
pub mod mail;
mod numbers;
mod options;
mod plan;
mod providers;
mod random;
mod server;
mod service;
mod state;
mod who;

pub use self::behaviour::{Behaviour, behaviour};
pub use self::fault::{Fault, RetryAfter};
pub use self::options::{Keys, Options, RateLimits};
pub use self::plan::{example_costs, scaled};
pub use self::server::Simulation;
pub use self::who::SimulatedProvider;

//! The pure core of Genesy: what turns a messy CSV of sales leads into records that one can trust.
//!
//! It is a function of its arguments: no clock, no randomness, no sockets, no files, no environment,
//! no async and no `unsafe`. Time, seeds and configuration come in; adapters own the rest.
//!
//! ```
//! use genesy_core::csv::normalize::{Options, normalize};
//!
//! let file = b"Full name,E-mail,Country\n\"Lovelace, Ada\",Ada <ADA@example.com>,UK\n,,\n";
//! let done = normalize(file, &Options::default())?;
//!
//! let lead = &done.leads[0];
//! assert_eq!(lead.last_name.as_ref().map(|name| name.as_str()), Some("Lovelace"));
//! assert_eq!(lead.email.as_ref().map(|email| email.as_str()), Some("ADA@example.com"));
//! assert_eq!(lead.country.map(|country| country.alpha2()), Some("GB"));
//! assert_eq!((done.summary.leads(), done.summary.blank), (1, 1));
//! # Ok::<(), genesy_core::csv::normalize::FileError>(())
//! ```
//!
//! # Map
//!
//! | module | what it does | feature |
//! |---|---|---|
//! | [`csv::normalize`] | bytes to typed leads, issues, summary, export: the whole normalizer | `csv` |
//! | [`csv::encoding`] | which encoding a file is in, decoding, repair of garbled text | `csv` |
//! | [`csv::dialect`] | delimiter, quotes, header rows, preamble, other tables | `csv` |
//! | [`csv::read`] | bytes to records, by bit masks, tolerant of broken quotes | `csv` |
//! | [`csv::header`] | which column is which field of a lead | `csv` |
//! | [`country`] | any cell to ISO 3166-1 alpha-2, or the reason why not | `csv` |
//! | [`phone`] | phone cells as libphonenumber reads them, and repairs | `csv`, `phone` |
//! | [`website`], [`person_name`] | registrable domains, LinkedIn pages; names split | `csv` |
//! | [`address`] | e-mail addresses by RFC 5321 and 6531 | `csv`, `verification` |
//! | [`waterfall`] | which provider is asked next for what a lead lacks, and what came of it | `waterfall` |
//! | [`mod@verification`] | whether mail to an address arrives: a machine that always ends and always tells | `verification` |
//! | [`verification::reply`] | replies of an SMTP server, from bytes however they are split | `verification` |
//! | [`verification::classify`] | what a reply of an SMTP server means for an address | `verification` |
//! | [`verification::compatible`] | reports in the JSON of another verifier | `verification` |
//! | [`time`] | points in time, as arguments | always |
//! | [`pii`] | the wrapper that keeps personal data out of logs | always |

// Which feature an item needs is shown by docs.rs, which builds with a nightly compiler.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "csv", feature = "verification"))]
pub mod address;
#[cfg(feature = "csv")]
mod cell_memo;
#[cfg(feature = "csv")]
mod codepage;
#[cfg(feature = "csv")]
pub mod country;
#[cfg(feature = "csv")]
pub mod csv;
#[cfg(any(feature = "csv", feature = "verification", feature = "waterfall"))]
mod fnv;
#[cfg(feature = "csv")]
mod misread;
#[cfg(feature = "csv")]
pub mod person_name;
#[cfg(feature = "phone")]
pub mod phone;
pub mod pii;
#[cfg(any(feature = "verification", feature = "waterfall", all(test, feature = "phone")))]
mod random;
#[cfg(feature = "csv")]
mod scan;
pub mod time;
#[cfg(feature = "csv")]
mod trim;
#[cfg(feature = "verification")]
pub mod verification;
#[cfg(feature = "waterfall")]
pub mod waterfall;
#[cfg(feature = "csv")]
pub mod website;

//! The normalizer: any leads file in, trusted typed leads out, every doubt reported, nothing lost.
//!
//! [`Normalizer`] is fed bytes and gives back one [`Row`] a record: the [`LeadRef`] it was read as,
//! what became of it ([`Outcome`]) and the [`Issue`]s it raised. [`normalize`] does the same for a
//! whole file in memory, [`for_each_row`] for anything that implements [`std::io::Read`].
//!
//! ```
//! use genesy_core::csv::normalize::{IssueCode, Options, normalize};
//!
//! let file = b"Correo;Pa\xEDs\nada@example.com;Espa\xF1a\nbob@example.com;XXX\n";
//! let done = normalize(file, &Options::default())?;
//!
//! assert_eq!(done.understanding.encoding.encoding.name(), "windows-1252");
//! assert_eq!(done.leads[0].country.map(|country| country.alpha2()), Some("ES"));
//! assert_eq!(done.leads[1].country, None, "XXX is no country: the lead stays, the cell is empty");
//! assert_eq!(done.issues[0].code, IssueCode::CountryPlaceholder);
//! # Ok::<(), genesy_core::csv::normalize::FileError>(())
//! ```
//!
//! # What happens to a row
//!
//! | outcome | when |
//! |---|---|
//! | imported | it has what [`Options::required`] asks for |
//! | imported with cells emptied | the same, but a cell was not what its column says |
//! | duplicate | its e-mail address (or phone, by option) stood in an earlier row |
//! | rejected | it lacks what is required |
//! | outside the table | it is of another table of the file, wherever that begins, or of the notes behind the table |
//! | blank | nothing in it but white space: counted, not given back |
//!
//! # The forms of a lead
//!
//! | form | text | for |
//! |---|---|---|
//! | [`LeadRef`] | the row's, as long as it is at hand | looking at each row |
//! | [`OwnedLead`] | a copy of the row, in one piece | keeping many leads, other threads |
//! | [`Lead`] | one a field | changing, merging, serde |
//!
//! # How a row is read
//!
//! A file that is not UTF-8 is decoded first (`source`). The reader indexes some 16 KiB at a time. All
//! rows in there are looked at together, column by column (`batch`), which tells the values of nearly
//! all cells. Where a cell raises a doubt, or a row is irregular, that row is read by itself (`cells`,
//! `fields`), which takes longer and finds the issues.
//!
//! # Memory
//!
//! The normalizer holds the sample it learned from, the records that are indexed and what was fed
//! since, and for the search for duplicates at most 24 bytes a lead.

mod batch;
mod cells;
mod collect;
mod columns;
mod duplicates;
mod error;
mod export;
mod fields;
mod issue;
mod lead;
mod lead_ref;
mod memos;
mod normalizer;
mod options;
mod owned_lead;
mod placeholder;
mod row;
mod source;
mod summary;
mod tables;
mod understanding;
mod values;

pub use collect::{Normalized, RejectedRow, for_each_row, normalize};
pub use error::{FileError, ReadError};
pub use export::{CsvWriter, escape_formula};
pub use issue::{Action, Issue, IssueCode, Severity};
pub use lead::{ExtraCell, Lead, Text};
pub use lead_ref::LeadRef;
pub use normalizer::Normalizer;
pub use options::{
    DuplicateAction, DuplicateKey, DuplicatePolicy, Options, PhoneReading, RequiredFields,
};
pub use owned_lead::OwnedLead;
pub use row::{Outcome, Row};
pub use summary::{OtherTable, Summary};
pub use understanding::Understanding;

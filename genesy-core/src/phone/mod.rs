//! Phone numbers: what a cell of a leads file holds, told as Google's libphonenumber tells it.
//!
//! [`ParsedPhone`] borrows the cell and allocates nothing but a rare extension; [`Phone`] owns it.
//!
//! **One number** is read by the rules and the metadata of libphonenumber for one region (see
//! [`Regions`]): the outcome, the E.164 form, the extension, whether the number is possible and
//! valid, and the line type are the same as there. A number that is not possible or not valid is
//! kept and says so; whether it must be valid is the caller's policy.
//!
//! **A cell** is more than a number, so before and around that: placeholders (`N/A`, `000000000`)
//! and numbers that a spreadsheet rounded (`3.46E+10`) are errors of their own, the `.0` of a
//! number column is dropped, and a cell that makes no possible number as a whole is split at its
//! separators: the first number is taken, [`ParsedPhone::rest`] holds the text behind it.
//!
//! **Repairs** are readings that libphonenumber does not know; they are opt-in
//! ([`ParsedPhone::parse_with_repairs`]), marked with a [`Repair`], and tried only where its own
//! reading is not valid. They include the policy for `00`, `001` and `011` where the reading region
//! dials abroad in another way, or where no region is known: the prefix counts as `+` if what
//! results is valid, and without a region `00` is content with a possible number.

mod automaton;
mod cell;
mod dialling;
#[cfg(test)]
mod differential;
mod digits;
mod e164;
mod library;
mod numbering;
mod pattern;
mod plain;
mod plans;
mod reading;
mod region;
mod repair;
mod several;

use serde::{Deserialize, Serialize};

pub use self::{
    e164::{E164, MalformedE164},
    region::{Region, RegionSource, Regions, UnknownRegion},
    repair::Repair,
};
use crate::pii::Pii;

/// The phone number of a cell, borrowing the cell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsedPhone<'a> {
    /// The cell as it was given.
    pub raw: Pii<&'a str>,
    /// The canonical form, without the extension. Set for numbers that are not possible, too.
    pub e164: Pii<E164>,
    /// The digits to dial once connected, as written.
    pub extension: Option<Pii<String>>,
    /// The number has a length that its numbering plan knows.
    pub possible: bool,
    /// The number matches an assigned range of its numbering plan. It may still reach nobody.
    pub valid: bool,
    /// The kind of line, [`LineType::Unknown`] exactly where the number is not valid.
    pub line_type: LineType,
    /// The region whose plan the number was read by. Numbers dialled internationally have their
    /// own region here, and none where the calling code belongs to no country (+800).
    pub region_used: Option<Region>,
    /// What decided `region_used`.
    pub region_source: RegionSource,
    /// How the reading departs from libphonenumber's, if it does.
    pub repair: Option<Repair>,
    /// What follows the number behind a separator, if it holds digits: further numbers.
    pub rest: Option<Pii<&'a str>>,
}

impl<'a> ParsedPhone<'a> {
    /// Reads the first number of a cell, one number exactly as libphonenumber does.
    ///
    /// # Errors
    ///
    /// Says why the cell holds no number; see [`PhoneErrorKind`].
    pub fn parse(cell: &'a str, regions: &Regions) -> Result<Self, PhoneError> {
        cell::parse(cell, regions, false).map_err(PhoneError::from)
    }

    /// Like [`ParsedPhone::parse`], then tries the [`Repair`]s on what is not valid.
    ///
    /// # Errors
    ///
    /// As [`ParsedPhone::parse`], for cells that no repair makes a number either.
    pub fn parse_with_repairs(cell: &'a str, regions: &Regions) -> Result<Self, PhoneError> {
        cell::parse(cell, regions, true).map_err(PhoneError::from)
    }
}

/// The phone number of a cell, owned. The fields are those of [`ParsedPhone`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Phone {
    /// The cell as it was given.
    pub raw: Pii<String>,
    /// The canonical form, or `None` for a cell that holds no number ([`Phone::unread`]).
    pub e164: Option<Pii<E164>>,
    /// The digits to dial once connected, as written.
    pub extension: Option<Pii<String>>,
    /// The number has a length that its numbering plan knows.
    pub possible: bool,
    /// The number matches an assigned range of its numbering plan.
    pub valid: bool,
    /// The kind of line.
    pub line_type: LineType,
    /// The region whose plan the number was read by.
    pub region_used: Option<Region>,
    /// What decided `region_used`, `None` for a cell that holds no number.
    pub region_source: Option<RegionSource>,
    /// How the reading departs from libphonenumber's, if it does.
    pub repair: Option<Repair>,
    /// What follows the number in the cell: further numbers.
    pub rest: Option<Pii<String>>,
}

impl Phone {
    /// [`ParsedPhone::parse`], owned.
    ///
    /// # Errors
    ///
    /// Says why the cell holds no number.
    pub fn parse(cell: &str, regions: &Regions) -> Result<Self, PhoneError> {
        ParsedPhone::parse(cell, regions).map(Self::from)
    }

    /// [`ParsedPhone::parse_with_repairs`], owned.
    ///
    /// # Errors
    ///
    /// Says why the cell holds no number.
    pub fn parse_with_repairs(cell: &str, regions: &Regions) -> Result<Self, PhoneError> {
        ParsedPhone::parse_with_repairs(cell, regions).map(Self::from)
    }

    /// Keeps a cell that holds no number, so that nothing of the lead is dropped.
    pub fn unread(cell: &str) -> Self {
        Self {
            raw: Pii::new(cell.to_owned()),
            e164: None,
            extension: None,
            possible: false,
            valid: false,
            line_type: LineType::Unknown,
            region_used: None,
            region_source: None,
            repair: None,
            rest: None,
        }
    }
}

impl From<ParsedPhone<'_>> for Phone {
    fn from(parsed: ParsedPhone<'_>) -> Self {
        let owned = |text: Pii<&str>| Pii::new((*text.reveal()).to_owned());
        Self {
            raw: owned(parsed.raw),
            e164: Some(parsed.e164),
            extension: parsed.extension,
            possible: parsed.possible,
            valid: parsed.valid,
            line_type: parsed.line_type,
            region_used: parsed.region_used,
            region_source: Some(parsed.region_source),
            repair: parsed.repair,
            rest: parsed.rest.map(owned),
        }
    }
}

/// The kind of line behind a number, in the terms of libphonenumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LineType {
    /// A mobile phone.
    Mobile,
    /// A landline.
    FixedLine,
    /// One of the two: the plan does not tell them apart (+1).
    FixedLineOrMobile,
    /// Free for the caller.
    TollFree,
    /// Dearer than a usual call.
    PremiumRate,
    /// Paid by both sides.
    SharedCost,
    /// Voice over IP.
    Voip,
    /// Follows a person from line to line.
    PersonalNumber,
    /// A pager.
    Pager,
    /// Universal access number: one number for the offices of a company.
    Uan,
    /// The access number of a mailbox.
    Voicemail,
    /// In no assigned range: the number is not valid.
    Unknown,
}

/// Why a cell holds no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}")]
#[non_exhaustive]
pub struct PhoneError {
    /// The reason.
    pub kind: PhoneErrorKind,
}

impl From<PhoneErrorKind> for PhoneError {
    fn from(kind: PhoneErrorKind) -> Self {
        Self { kind }
    }
}

/// The reasons why a cell holds no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneErrorKind {
    /// Nothing, or white space.
    #[error("the cell is empty")]
    Empty,
    /// A word or sign that stands for a missing number: `N/A`, `-`, `none`, nothing but zeros.
    #[error("a placeholder stands in for the phone number")]
    Placeholder,
    /// A spreadsheet wrote the number as `3.46E+10`: its last digits are gone.
    #[error("a spreadsheet rounded the number: its last digits are lost")]
    PrecisionLost,
    /// The text does not have the form of a phone number.
    #[error("the text does not have the form of a phone number")]
    NotANumber,
    /// A national number, and no region to read it in.
    #[error("the number has no calling code and no region is known")]
    NoRegion,
    /// A `+` or an international prefix that no calling code follows.
    #[error("the calling code is not assigned")]
    UnknownCallingCode,
    /// Fewer digits than any phone number has.
    #[error("the number has too few digits")]
    TooShort,
    /// More digits or characters than any phone number has.
    #[error("the number has too many digits or characters")]
    TooLong,
}

//! What the caller decides about one file.

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::csv::dialect::DialectOptions;
use crate::csv::encoding::Encoding;
use crate::csv::header::{Field, Overrides, SavedMapping};
use crate::csv::read::Limits;

/// Everything that can be decided about how a file is read. The default finds everything out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Options {
    /// The encoding, instead of finding it out.
    pub encoding: Option<Encoding>,
    /// Delimiter, quote, escape, header and preamble, each found out unless given.
    pub dialect: DialectOptions,
    /// Columns whose field is chosen by hand.
    pub overrides: Overrides,
    /// A mapping saved from an earlier file; used if the header is the same.
    pub saved_mapping: Option<SavedMapping>,
    /// The country by whose rules phone numbers are read where a lead has none.
    pub default_country: Option<Country>,
    /// How phone cells are read.
    pub phones: PhoneReading,
    /// Whether garbled text (`EspaÃ±a`) is repaired where that is certain.
    pub repair_mojibake: bool,
    /// What a lead must have to be imported.
    pub required: RequiredFields,
    /// What is done about leads that are there twice.
    pub duplicates: DuplicatePolicy,
    /// Limits on one record.
    pub limits: Limits,
    /// Bytes at the start of the file that encoding, dialect and mapping are learned from.
    pub sample_bytes: usize,
}

impl Options {
    /// Default of [`Self::sample_bytes`]: 256 KiB.
    pub const SAMPLE_BYTES: usize = 256 * 1024;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            encoding: None,
            dialect: DialectOptions::default(),
            overrides: Overrides::default(),
            saved_mapping: None,
            default_country: None,
            phones: PhoneReading::default(),
            repair_mojibake: true,
            required: RequiredFields::default(),
            duplicates: DuplicatePolicy::default(),
            limits: Limits::default(),
            sample_bytes: Self::SAMPLE_BYTES,
        }
    }
}

/// How phone cells are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneReading {
    /// As libphonenumber reads them, then with repairs where that gives no valid number.
    #[default]
    Repaired,
    /// Exactly as libphonenumber reads them.
    Strict,
    /// Not at all: a lead has no phone then, and the cells stay as they are.
    Skip,
}

/// What a lead must have: all fields of at least one set.
///
/// `FullName` is there if a first, last or full name is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequiredFields {
    any_of: Vec<Vec<Field>>,
}

impl RequiredFields {
    /// All fields of one of these sets; no set at all lets every row pass.
    pub const fn any_of(sets: Vec<Vec<Field>>) -> Self {
        Self { any_of: sets }
    }

    /// Every row that is not blank.
    pub const fn nothing() -> Self {
        Self { any_of: Vec::new() }
    }

    pub(super) const fn is_nothing(&self) -> bool {
        self.any_of.is_empty()
    }

    /// Whether a lead has all fields of one of the sets; `has` says which ones it has.
    pub(super) fn are_met(&self, has: impl Fn(Field) -> bool) -> bool {
        self.any_of.iter().any(|set| set.iter().all(|&field| has(field)))
    }
}

impl Default for RequiredFields {
    /// An e-mail address, or a name with a company (its name or its website).
    fn default() -> Self {
        Self {
            any_of: vec![
                vec![Field::Email],
                vec![Field::FullName, Field::CompanyName],
                vec![Field::FullName, Field::CompanyWebsite],
            ],
        }
    }
}

/// Some of the fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FieldSet(u32);

impl FieldSet {
    /// All of them.
    pub(super) const ALL: Self = Self(u32::MAX);

    #[inline(always)]
    pub(super) const fn add(&mut self, field: Field) {
        self.add_if(field, true);
    }

    #[inline(always)]
    pub(super) const fn add_if(&mut self, field: Field, is_in: bool) {
        self.0 |= (is_in as u32) << field as u32;
    }

    #[inline(always)]
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline(always)]
    pub(super) const fn has(self, field: Field) -> bool {
        self.0 >> field as u32 & 1 == 1
    }
}

/// What is done about leads that are there twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DuplicatePolicy {
    /// What makes two leads the same.
    pub key: DuplicateKey,
    /// What becomes of the later one.
    pub action: DuplicateAction,
    /// Mixed into the hash of the keys: a secret one keeps a hostile file from aiming at collisions.
    pub seed: u64,
}

/// What makes two leads the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DuplicateKey {
    /// The e-mail address in its normal form. Leads without one are never the same.
    #[default]
    Email,
    /// Nothing: duplicates are not looked for, which saves their memory.
    Nothing,
    /// The e-mail address, or else the phone in E.164 form with its extension.
    EmailOrPhone,
}

/// What becomes of a lead that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DuplicateAction {
    /// The first row counts; later ones are given back as duplicates of it.
    #[default]
    KeepFirst,
    /// As `KeepFirst`, and what the first one lacks is taken from the later ones. That needs the
    /// leads in memory: [`normalize`](super::normalize) does it, a stream leaves it to the caller.
    MergeBlanks,
    /// Every row counts; later ones say which row they repeat.
    KeepAll,
}

//! The answer: which column is what, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Field, Target};
use crate::pii::Pii;

/// Which column is what: one entry a column, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mapping {
    /// The columns in the order of the file, each exactly once.
    pub columns: Vec<ColumnMapping>,
}

impl Mapping {
    /// Index of the first column that holds `field`.
    pub fn column_of(&self, field: Field) -> Option<usize> {
        self.columns_of(field).next()
    }

    /// Indexes of all columns that hold `field`, in the order of the file.
    pub fn columns_of(&self, field: Field) -> impl Iterator<Item = usize> + '_ {
        let holds = move |column: &&ColumnMapping| column.target == Target::Field(field);
        self.columns.iter().filter(holds).map(|column| column.index)
    }

    /// The columns that are kept as they are.
    pub fn extra(&self) -> impl Iterator<Item = &ColumnMapping> {
        self.columns.iter().filter(|column| column.target == Target::Extra)
    }
}

/// What one column is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnMapping {
    /// Position in the file, from 0.
    pub index: usize,
    /// The header as in the file; `column_3` for a third column without one.
    pub header: String,
    /// Where its cells go.
    pub target: Target,
    /// Why.
    pub reason: MappingReason,
    /// From 0 (a guess) to 1 (sure). 0 for a column that stays extra.
    pub confidence: f32,
    /// The first cell that is not blank, trimmed.
    pub sample: Option<Pii<String>>,
}

/// Why a column has its target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MappingReason {
    /// The header is the field's own name.
    Exact,
    /// The header is a known name of the field.
    Synonym {
        /// BCP 47 tag of the language whose table has it, such as `es`.
        language: String,
    },
    /// The header is a known name of the field but for a slip of the keyboard.
    Fuzzy {
        /// The known name.
        to: String,
        /// Letters inserted, deleted, replaced or swapped with a neighbour.
        edits: u8,
    },
    /// The header says nothing, or is contradicted; the cells look like the field.
    Content {
        /// Share of the filled sample cells that look like it, from 0 to 1.
        share: f32,
    },
    /// The caller said so.
    Override,
    /// A mapping saved from an earlier file said so.
    Saved,
    /// Would be the same single-valued field as another column, which fits better or comes first.
    AlreadyMapped {
        /// Index of that column.
        by: usize,
    },
    /// The header says `field`, but the cells look like something else.
    Contradicted {
        /// What the header says.
        field: Field,
    },
    /// Neither header nor cells say that the column is a field of a lead.
    NoMatch,
}

impl fmt::Display for MappingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("the header is the field's name"),
            Self::Synonym { language } => write!(f, "known header (language: {language})"),
            Self::Fuzzy { to, edits: 1 } => write!(f, "one letter away from {to:?}"),
            Self::Fuzzy { to, edits } => write!(f, "{edits} letters away from {to:?}"),
            Self::Content { share } => {
                write!(f, "{:.0} % of the cells look like it", share * 100.0)
            }
            Self::Override => f.write_str("chosen by hand"),
            Self::Saved => f.write_str("remembered from an earlier file"),
            Self::AlreadyMapped { by } => write!(f, "column {} already holds it", by + 1),
            Self::Contradicted { field } => {
                write!(f, "the header says {field}, but the cells look like something else")
            }
            Self::NoMatch => f.write_str("not a known field, kept as it is"),
        }
    }
}

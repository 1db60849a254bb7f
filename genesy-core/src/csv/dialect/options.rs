//! What the caller forces.

use serde::{Deserialize, Serialize};

use super::Delimiter;

/// What the caller knows already; everything else is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DialectOptions {
    /// The delimiter; found out when absent. It wins over an Excel `sep=` line.
    pub delimiter: Option<Delimiter>,
    /// The quote mark.
    pub quote: MarkOption,
    /// The escape mark.
    pub escape: MarkOption,
    /// The header rows.
    pub header: HeaderOption,
    /// Lines before the table, an Excel `sep=` line included; found out when absent.
    pub skip_lines: Option<usize>,
}

/// A quote or an escape: found out, absent or given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkOption {
    /// Found out from the sample.
    #[default]
    Auto,
    /// The file uses none.
    None,
    /// This byte.
    Byte(u8),
}

/// Header rows: found out, absent or given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderOption {
    /// Found out from the sample.
    #[default]
    Auto,
    /// The first row is data.
    None,
    /// This many rows before the data; 0 is the same as `None`.
    Rows(u8),
}

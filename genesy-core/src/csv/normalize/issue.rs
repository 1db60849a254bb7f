//! Doubts, one by one: what was found where, what was done, and what to do next.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::pii::Pii;

/// Something about a file that its owner should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Issue {
    /// What it is.
    pub code: IssueCode,
    /// How much it matters.
    pub severity: Severity,
    /// The row, counted from 1 without header and blank lines.
    pub row: u64,
    /// The line the row begins on, counted from 1.
    pub line: u64,
    /// The column, counted from 0; none if it is about the row as a whole.
    pub column: Option<usize>,
    /// Where the cell or the irregularity begins in the file, in bytes from 0. The row's first byte
    /// where a cell's own place is not known. Behind malformed bytes of an encoding with several
    /// bytes a character it is an estimate, up to a line end that follows within some 512 bytes.
    pub byte_offset: u64,
    /// What stood there: the cell, or the row as it was split (its first KiB for what is
    /// about its quotes and limits).
    pub raw: Pii<String>,
    /// What was done about it.
    pub action: Action,
    /// The row that this one repeats, for duplicates.
    pub same_as_row: Option<u64>,
}

/// How much an issue matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something was understood in a way that its writer may not expect; nothing is lost.
    Info,
    /// A cell could not be used, or may be wrong.
    Warning,
    /// The row was not imported.
    Error,
}

/// What was done about an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// The value was kept as it is.
    Kept,
    /// The value was repaired; the issue has the raw text.
    Repaired,
    /// The first value of several was taken; the others are kept beside it.
    FirstTaken,
    /// The lead's field is empty; the issue has the raw text.
    Emptied,
    /// The value was cut at a limit.
    Cut,
    /// The row was not imported.
    RowRejected,
    /// The row was not imported, since an earlier one is the same lead.
    RowSkipped,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "kept",
            Self::Repaired => "repaired",
            Self::FirstTaken => "first one taken",
            Self::Emptied => "cell emptied",
            Self::Cut => "cut",
            Self::RowRejected => "row rejected",
            Self::RowSkipped => "row skipped",
        })
    }
}

/// Defines the codes with their text, severity, action and advice in one table.
macro_rules! issue_codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $severity:ident, $action:ident, $advice:literal;)*) => {
        /// The kinds of [`Issue`]. Their strings ([`Self::as_str`]) are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum IssueCode {
            $($(#[$doc])* #[serde(rename = $text)] $code,)*
        }

        impl IssueCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The stable string, as in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }

            /// How much an issue of this kind matters.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity,)* }
            }

            /// What is done about an issue of this kind.
            pub const fn action(self) -> Action {
                match self { $(Self::$code => Action::$action,)* }
            }

            /// What the owner of the file can do about it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$code => $advice,)* }
            }
        }
    };
}

issue_codes! {
    /// A quote in the middle of a cell.
    QuoteInsideCell = "quote_inside_cell", Info, Kept,
        "nothing to do, unless the cell is wrong: a quote inside a quoted cell is written twice";
    /// Text between a closing quote and the next separator.
    TextBehindQuote = "text_behind_quote", Warning, Kept,
        "check the cell: the text behind its closing quote was added to it";
    /// A quote that nothing closes.
    UnclosedQuote = "unclosed_quote", Warning, Repaired,
        "check the row: a quote was opened and not closed, so the row was read to the end of its line";
    /// A NUL byte in a cell.
    NulByte = "nul_byte", Warning, Repaired,
        "check the cell: NUL bytes in it were left out";
    /// A cell longer than the limit.
    CellTooLong = "cell_too_long", Warning, Cut,
        "check the cell, or raise the limit: text past the limit was left out";
    /// A record longer than the limit.
    RecordTooLong = "record_too_long", Warning, Cut,
        "check the file from here: the line is longer than the limit, and its rest was left out";
    /// More columns than the limit.
    TooManyColumns = "too_many_columns", Warning, Cut,
        "check the row, or raise the limit: the columns past the limit were left out";
    /// Fewer cells than the table has columns.
    RowTooShort = "row_too_short", Info, Kept,
        "check the row: its last cells are missing and count as empty";
    /// More cells than the table has columns.
    RowTooLong = "row_too_long", Warning, Kept,
        "check the row: it has more cells than the table has columns, perhaps for want of quotes";
    /// Bytes that are not text in the file's encoding.
    UndecodableBytes = "undecodable_bytes", Warning, Repaired,
        "check the cell: its bytes do not fit the file's encoding";
    /// Text that was garbled by a wrong decoding before.
    MojibakeRepaired = "mojibake_repaired", Info, Repaired,
        "nothing to do, unless the repaired text is wrong";
    /// A word or sign for a missing value.
    PlaceholderEmptied = "placeholder_emptied", Info, Emptied,
        "nothing to do: the cell says that there is no value";
    /// An e-mail cell that holds no valid address.
    EmailInvalid = "email_invalid", Warning, Emptied,
        "correct the e-mail address";
    /// An address with text around it that was left out.
    EmailCleaned = "email_cleaned", Info, Repaired,
        "nothing to do: what stood around the address was left out";
    /// More than one address in a cell.
    EmailSeveral = "email_several", Info, FirstTaken,
        "nothing to do, unless another address of the cell is the better one";
    /// An address whose domain looks mistyped.
    EmailSuspicious = "email_suspicious", Info, Kept,
        "check the domain of the e-mail address: it looks like a mistyped one";
    /// A word or sign for a missing country: `XXX`, `N/A`.
    CountryPlaceholder = "country_placeholder", Warning, Emptied,
        "fill in the country, by name or ISO code";
    /// A number in a column of names or letters.
    CountryNumber = "country_number", Warning, Emptied,
        "replace the number by the country's name or ISO code";
    /// A name that fits several countries, or several countries in one cell.
    CountryAmbiguous = "country_ambiguous", Warning, Emptied,
        "say which country is meant, for example by its ISO code";
    /// A state that no longer exists.
    CountryDissolved = "country_dissolved", Warning, Emptied,
        "name the country of today";
    /// A reserved code, or a union of countries.
    CountryReserved = "country_reserved", Warning, Emptied,
        "name one country: this code stands for none";
    /// A code of another list, such as states of a country.
    CountryOtherCode = "country_other_code", Warning, Emptied,
        "map the column to something else, or fill in countries: its codes are not those of countries";
    /// Anything else that is no country.
    CountryUnknown = "country_unknown", Warning, Emptied,
        "replace the cell by a country's name or ISO code";
    /// A country that was found in garbled text or in a part of the cell.
    CountryInterpreted = "country_interpreted", Info, Repaired,
        "nothing to do, unless the country is wrong";
    /// A phone cell that holds no number.
    PhoneUnreadable = "phone_unreadable", Warning, Kept,
        "correct the phone number";
    /// A national number without a known country.
    PhoneNoRegion = "phone_no_region", Warning, Kept,
        "add the calling code, fill in the lead's country, or give a default country";
    /// A number that a spreadsheet has rounded.
    PhonePrecisionLost = "phone_precision_lost", Warning, Emptied,
        "export the file again with phone numbers as text: digits are lost";
    /// A number outside its country's numbering plan.
    PhoneInvalid = "phone_invalid", Info, Kept,
        "check the phone number: no such number is assigned";
    /// More than one number in a cell.
    PhoneSeveral = "phone_several", Info, FirstTaken,
        "nothing to do, unless another number of the cell is the better one";
    /// A number that was read with a repair.
    PhoneRepaired = "phone_repaired", Info, Repaired,
        "nothing to do, unless the number is wrong";
    /// A website cell that holds no website, or one under a top-level domain that does not exist.
    WebsiteInvalid = "website_invalid", Warning, Emptied,
        "give a host name whose ending exists, such as www.company.com";
    /// A mail provider's site as the company's.
    WebsiteFreeMail = "website_free_mail", Warning, Emptied,
        "fill in the company's own website: this is a mail provider's";
    /// A company's page in a social network, or on a host of pages, as its website.
    WebsiteElsewhere = "website_elsewhere", Warning, Emptied,
        "fill in the company's own website: this is its page on another's";
    /// A LinkedIn cell that is no person's profile.
    LinkedinInvalid = "linkedin_invalid", Warning, Emptied,
        "give the address of a person's profile, such as linkedin.com/in/name";
    /// A years-in-role cell that is no number of years.
    YearsInvalid = "years_invalid", Warning, Emptied,
        "give the years as a number";
    /// A full name whose parts are not certain.
    NameSplitDoubt = "name_split_doubt", Info, Kept,
        "check first and last name";
    /// A row of another table, or of the notes behind the table.
    OutsideTable = "outside_table", Error, RowRejected,
        "nothing to do if it is a note or a total; give another table of leads as a file of its own";
    /// Too little to act on.
    MissingRequired = "missing_required", Error, RowRejected,
        "add an e-mail address, or a name with a company";
    /// The e-mail address of an earlier row.
    DuplicateEmail = "duplicate_email", Info, RowSkipped,
        "nothing to do, unless the two rows are different people";
    /// The phone of an earlier row.
    DuplicatePhone = "duplicate_phone", Info, RowSkipped,
        "nothing to do, unless the two rows are different people";
}

impl fmt::Display for IssueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::IssueCode;

    #[test]
    fn codes_are_unique_and_the_same_in_json() {
        let mut seen = std::collections::BTreeSet::new();
        for code in IssueCode::ALL {
            assert!(seen.insert(code.as_str()), "{code} is there twice");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}

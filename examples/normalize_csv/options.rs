//! The command line, and what it means to the normalizer.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use genesy_core::country::Country;
use genesy_core::csv::dialect::{Delimiter, HeaderOption, MarkOption};
use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::header::Target;
use genesy_core::csv::normalize::{
    DuplicateAction, DuplicateKey, Options, PhoneReading, RequiredFields,
};
use genesy_examples::Failure;

/// Shows how a leads file is understood, and writes it clean.
///
/// Without FILE, a small ugly file that comes with the example is taken.
#[derive(Debug, Default, Parser)]
#[command(name = "normalize_csv")]
pub(crate) struct Arguments {
    /// The leads file.
    pub(crate) file: Option<PathBuf>,
    /// Write the clean CSV here: the original columns, then what was understood.
    #[arg(long, value_name = "CSV")]
    pub(crate) out: Option<PathBuf>,
    /// Write the rejected rows here, to be mended and imported again.
    #[arg(long, value_name = "CSV")]
    pub(crate) rejected: Option<PathBuf>,
    /// Write everything as JSON instead of the report, to a file or to standard output.
    #[arg(long, value_name = "JSON", num_args = 0..=1, default_missing_value = "-")]
    #[arg(conflicts_with_all = ["out", "rejected"])]
    pub(crate) json: Option<PathBuf>,
    /// Write the table as it was read (RFC 4180, UTF-8, header row first), before any meaning is
    /// given to it, to a file or to standard output.
    #[arg(long, value_name = "CSV", num_args = 0..=1, default_missing_value = "-")]
    #[arg(conflicts_with_all = ["out", "rejected", "json"])]
    pub(crate) table: Option<PathBuf>,

    /// The encoding, such as windows-1252, utf-16le or cp850.
    #[arg(long)]
    encoding: Option<String>,
    /// The delimiter: one to four characters, or `tab`.
    #[arg(long)]
    delimiter: Option<String>,
    /// The quote: one character, or `none`.
    #[arg(long)]
    quote: Option<String>,
    /// The escape: one character, or `none`.
    #[arg(long)]
    escape: Option<String>,
    /// The number of header rows, 0 for none.
    #[arg(long, value_name = "ROWS")]
    header: Option<u8>,
    /// Lines before the table.
    #[arg(long, value_name = "LINES")]
    skip_lines: Option<usize>,
    /// What a column is, such as `Kontakt=full_name` or `Notes=extra`; may be repeated.
    #[arg(long, value_name = "HEADER=FIELD")]
    map: Vec<String>,
    /// The country of phone numbers where a lead has none, as an alpha-2 code.
    #[arg(long, value_name = "CODE")]
    default_country: Option<String>,
    /// What becomes of duplicates.
    #[arg(long, value_enum)]
    duplicates: Option<Duplicates>,
    /// Take leads with the same phone and no e-mail address for the same, too.
    #[arg(long)]
    duplicate_phones: bool,
    /// Import every row that is not blank, whatever it lacks.
    #[arg(long)]
    keep_all_rows: bool,
    /// Read phone numbers exactly as libphonenumber does, without repairs.
    #[arg(long)]
    strict_phones: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Duplicates {
    /// The first row counts.
    KeepFirst,
    /// The first row counts, and what it lacks is taken from the later ones.
    MergeBlanks,
    /// Every row counts.
    KeepAll,
}

impl Arguments {
    /// `--table FILE` and `--json FILE` without another file mean FILE as the input.
    pub(crate) fn with_file(mut self) -> Self {
        for output in [&mut self.table, &mut self.json] {
            if self.file.is_none()
                && let Some(path) = output.take_if(|path| path.as_os_str() != "-")
            {
                self.file = Some(path);
                *output = Some("-".into());
            }
        }
        self
    }

    /// The normalizer's options.
    pub(crate) fn options(&self) -> Result<Options, Failure> {
        let mut options = Options::default();
        if let Some(label) = &self.encoding {
            let encoding = Encoding::for_label(label);
            options.encoding = Some(
                encoding.ok_or_else(|| format!("--encoding: no encoding is called {label:?}"))?,
            );
        }
        let dialect = &mut options.dialect;
        if let Some(text) = &self.delimiter {
            let text = if matches!(text.as_str(), "tab" | "\\t") { "\t" } else { text };
            let delimiter = Delimiter::new(text.as_bytes());
            dialect.delimiter = Some(delimiter.ok_or("--delimiter: give one to four bytes")?);
        }
        dialect.quote = mark("--quote", self.quote.as_deref())?;
        dialect.escape = mark("--escape", self.escape.as_deref())?;
        if let Some(rows) = self.header {
            dialect.header = HeaderOption::Rows(rows);
        }
        dialect.skip_lines = self.skip_lines;
        for pair in &self.map {
            let (header, field) = pair.rsplit_once('=').ok_or("--map: give HEADER=FIELD")?;
            let target = match field {
                "extra" => Target::Extra,
                field => Target::Field(
                    field.parse().map_err(|_| format!("--map: no field is called {field:?}"))?,
                ),
            };
            options.overrides = std::mem::take(&mut options.overrides).header(header, target);
        }
        if let Some(code) = &self.default_country {
            let country = Country::from_alpha2(&code.to_ascii_uppercase());
            options.default_country =
                Some(country.ok_or("--default-country: give an alpha-2 code such as ES")?);
        }
        options.duplicates.action = match self.duplicates {
            None | Some(Duplicates::KeepFirst) => DuplicateAction::KeepFirst,
            Some(Duplicates::MergeBlanks) => DuplicateAction::MergeBlanks,
            Some(Duplicates::KeepAll) => DuplicateAction::KeepAll,
        };
        if self.duplicate_phones {
            options.duplicates.key = DuplicateKey::EmailOrPhone;
        }
        if self.keep_all_rows {
            options.required = RequiredFields::nothing();
        }
        if self.strict_phones {
            options.phones = PhoneReading::Strict;
        }
        Ok(options)
    }
}

fn mark(option: &str, text: Option<&str>) -> Result<MarkOption, String> {
    match text.map(str::as_bytes) {
        None => Ok(MarkOption::Auto),
        Some(b"none" | b"") => Ok(MarkOption::None),
        Some([byte]) => Ok(MarkOption::Byte(*byte)),
        Some(_) => Err(format!("{option}: give one ASCII character, or `none`")),
    }
}

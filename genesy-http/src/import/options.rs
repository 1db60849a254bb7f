//! What can be decided about how a file is read.

use std::collections::BTreeMap;

use genesy_core::country::Country;
use genesy_core::csv::dialect::{Delimiter, HeaderOption, MarkOption};
use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::header::{Field, Overrides, Target};
use genesy_core::csv::normalize::{DuplicateAction, Options, RequiredFields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Sets of fields of which one is required, at most.
const REQUIRED_SETS_MAX: usize = 32;
/// Columns whose field is chosen by hand, at most: as many as a file may have.
const COLUMNS_MAX: usize = genesy_core::csv::read::Limits::COLUMNS_MAX;

/// What was decided about how a file is read. What is not given is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ImportOptions {
    /// The encoding, by its name: `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    /// What separates cells: one to four bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// What encloses cells: one ASCII character; empty for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
    /// Whether the first row of the table names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<bool>,
    /// Columns, counted from 0, with the field that each holds: `email`, or `extra` for none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    columns: BTreeMap<String, String>,
    /// The country by whose rules phones are read where a lead has none: ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_country: Option<String>,
    /// What becomes of a row whose address stood in an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicates: Option<Duplicates>,
    /// What a lead must have: all fields of at least one of these sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<Vec<Vec<String>>>,
}

/// What becomes of a row whose address stood in an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Duplicates {
    /// The first row counts.
    KeepFirst,
    /// The first row counts, and takes from the others what it lacks.
    MergeBlanks,
    /// Every row becomes a lead.
    KeepAll,
}

/// An option that is not valid: where in the body, and what is expected.
pub(crate) type Fault = (String, String);

impl ImportOptions {
    /// The options of the normalizer.
    ///
    /// # Errors
    ///
    /// All that is not valid.
    pub(crate) fn to_normalizer(&self) -> Result<Options, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut options = Options::default();
        let mut take = |at: &str, result: Result<(), String>| {
            faults.extend(result.err().map(|why| (at.to_owned(), why)));
        };
        take("/encoding", self.encoding(&mut options));
        take("/delimiter", self.delimiter(&mut options));
        take("/quote", self.quote(&mut options));
        take("/default_country", self.default_country(&mut options));
        if let Some(header) = self.header {
            options.dialect.header =
                if header { HeaderOption::Rows(1) } else { HeaderOption::None };
        }
        options.duplicates.action = match self.duplicates {
            Some(Duplicates::MergeBlanks) => DuplicateAction::MergeBlanks,
            Some(Duplicates::KeepAll) => DuplicateAction::KeepAll,
            Some(Duplicates::KeepFirst) | None => DuplicateAction::KeepFirst,
        };
        self.columns(&mut options, &mut faults);
        self.required(&mut options, &mut faults);
        if faults.is_empty() { Ok(options) } else { Err(faults) }
    }

    /// Whether every row becomes a lead, also where an earlier one has its address.
    pub(crate) fn keeps_all(&self) -> bool {
        self.duplicates == Some(Duplicates::KeepAll)
    }

    /// Whether leads take from later rows what they lack.
    pub(crate) fn merges_blanks(&self) -> bool {
        self.duplicates == Some(Duplicates::MergeBlanks)
    }

    /// The columns that are chosen by hand and are not in a file of this width.
    pub(crate) fn columns_behind(&self, width: usize) -> Vec<Fault> {
        let keys = self.columns.keys();
        let behind = keys.filter(|key| key.parse().is_ok_and(|column: usize| column >= width));
        behind
            .map(|key| {
                (format!("/columns/{key}"), format!("the file has {width} columns, counted from 0"))
            })
            .collect()
    }

    fn encoding(&self, options: &mut Options) -> Result<(), String> {
        let Some(name) = &self.encoding else { return Ok(()) };
        let encoding = Encoding::for_label(name);
        options.encoding = Some(encoding.ok_or_else(|| {
            let names: Vec<&str> = Encoding::all().iter().map(|encoding| encoding.name()).collect();
            format!("expected is the name of an encoding: one of {}", names.join(", "))
        })?);
        Ok(())
    }

    fn delimiter(&self, options: &mut Options) -> Result<(), String> {
        let Some(text) = &self.delimiter else { return Ok(()) };
        let delimiter = Delimiter::new(text.as_bytes());
        options.dialect.delimiter =
            Some(delimiter.ok_or("expected are one to four bytes without a line end")?);
        Ok(())
    }

    fn quote(&self, options: &mut Options) -> Result<(), String> {
        options.dialect.quote = match self.quote.as_deref().map(str::as_bytes) {
            None => return Ok(()),
            Some([]) => MarkOption::None,
            Some([quote]) if quote.is_ascii_graphic() => MarkOption::Byte(*quote),
            Some(_) => return Err("expected is one visible ASCII character, or nothing".to_owned()),
        };
        if let (MarkOption::Byte(quote), Some(delimiter)) =
            (options.dialect.quote, options.dialect.delimiter)
            && delimiter.as_bytes().contains(&quote)
        {
            return Err("the quote must not be in the delimiter".to_owned());
        }
        Ok(())
    }

    fn default_country(&self, options: &mut Options) -> Result<(), String> {
        let Some(code) = &self.default_country else { return Ok(()) };
        let country = Country::from_alpha2(code);
        options.default_country =
            Some(country.ok_or("expected is a country as two letters (ISO 3166-1 alpha-2)")?);
        Ok(())
    }

    fn columns(&self, options: &mut Options, faults: &mut Vec<Fault>) {
        let mut overrides = Overrides::new();
        for (column, target) in &self.columns {
            let at = || format!("/columns/{}", column.replace('~', "~0").replace('/', "~1"));
            let index = column.parse().ok().filter(|index| *index < COLUMNS_MAX);
            let target = match target.as_str() {
                "extra" => Some(Target::Extra),
                name => field(name).map(Target::Field),
            };
            match (index, target) {
                (Some(index), Some(target)) => overrides = overrides.index(index, target),
                (None, _) => faults.push((at(), "expected is a column, counted from 0".to_owned())),
                (_, None) => faults.push((at(), format!("{}, or extra", fields_expected()))),
            }
        }
        options.overrides = overrides;
    }

    fn required(&self, options: &mut Options, faults: &mut Vec<Fault>) {
        let Some(sets) = &self.required else { return };
        if sets.len() > REQUIRED_SETS_MAX {
            let why = format!("expected are at most {REQUIRED_SETS_MAX} sets of fields");
            faults.push(("/required".to_owned(), why));
            return;
        }
        let mut any_of = Vec::new();
        for (place, names) in sets.iter().enumerate() {
            let mut set = Vec::new();
            for (index, name) in names.iter().enumerate() {
                match field(name) {
                    Some(field) => set.push(field),
                    None => faults.push((format!("/required/{place}/{index}"), fields_expected())),
                }
            }
            any_of.push(set);
        }
        options.required = RequiredFields::any_of(any_of);
    }
}

fn field(name: &str) -> Option<Field> {
    Field::ALL.iter().copied().find(|field| field.as_str() == name)
}

fn fields_expected() -> String {
    let names: Vec<_> = Field::ALL.iter().map(|field| field.as_str()).collect();
    format!("expected is one of: {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::ImportOptions;

    fn faults(json: &str) -> Vec<String> {
        let options: ImportOptions = serde_json::from_str(json).expect("options");
        let faults = options.to_normalizer().err().unwrap_or_default();
        faults.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn each_bad_option_is_named() {
        let none: [&str; 0] = [];
        assert_eq!(
            faults(r#"{"encoding":"latin1","delimiter":";","quote":"","columns":{"2":"phone"}}"#),
            none
        );
        let bad = r#"{"encoding":"ebcdic","delimiter":"\n","quote":"ab","columns":{"x":"phone","1":"fax"},
            "default_country":"UK!","required":[["email"],["fax"]]}"#;
        let named = [
            "/encoding",
            "/delimiter",
            "/quote",
            "/default_country",
            "/columns/1",
            "/columns/x",
            "/required/1/0",
        ];
        assert_eq!(faults(bad), named);
        assert!(serde_json::from_str::<ImportOptions>(r#"{"colums":{}}"#).is_err());
    }
}

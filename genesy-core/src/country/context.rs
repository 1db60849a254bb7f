//! What a column as a whole tells about its cells.

use serde::{Deserialize, Serialize};

use super::{Country, Doubt, How, codes, lookup, read_in, trim};

/// What the column around a cell tells: whether digits are ISO numeric codes, whether `NA` is
/// Namibia, and whether weak evidence is enough.
///
/// The default knows nothing and is careful: digits are refused, `NA` is "not available", and
/// codes that are English words, or in title case, count in capitals only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ColumnContext {
    /// The column holds ISO numeric codes.
    pub numeric: bool,
    /// `NA` is Namibia's code here and not a word for "not available".
    pub na_is_namibia: bool,
    /// Most cells are countries without doubt, so that `no`, `in`, `Guy` or `Li` are codes as well.
    pub mostly_countries: bool,
    /// The two-letter codes of this column are of another kind, such as US states.
    pub codes_are_other: bool,
    /// The column is in a little-used language, so that its short names count without their accents
    /// too, which elsewhere are names of people: `Myrta` is Malta where `Grésa` is Greece.
    pub rare_names: bool,
}

/// Cells of a column that are looked at.
const CELLS_MAX: usize = 10_000;
/// Different numbers that make a numeric column without any code of three digits.
const SHORT_NUMBERS_MIN: u32 = 4;
/// Short names of little-used languages, with their accents, that make a column of them.
const RARE_NAMES_MIN: u32 = 2;
/// Different codes that make a list of countries, in which `NA` has its place.
const CODES_OF_A_LIST_MIN: u32 = 20;

impl ColumnContext {
    /// Reads the column's cells, or a sample of them (the first 10,000 count).
    pub fn from_cells<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let mut counts = Counts::default();
        for cell in cells.into_iter().take(CELLS_MAX) {
            counts.add(trim(cell));
        }
        counts.conclude()
    }
}

#[derive(Default)]
struct Counts {
    /// Cells that hold something, `NA` and placeholders left out.
    filled: u32,
    /// Cells that say that there is no value, in another way than `NA`.
    missing: u32,
    not_available: u32,
    digits: u32,
    numeric: u32,
    three_digits: u32,
    alpha2: u32,
    countries: u32,
    rare_names: u32,
    numbers: Distinct<1_000>,
    known_pairs: Distinct<676>,
    strange_pairs: Distinct<676>,
}

impl Counts {
    fn add(&mut self, cell: &str) {
        if cell.eq_ignore_ascii_case("NA") {
            self.not_available += 1;
            return;
        }
        if cell.is_empty() {
            self.missing += 1;
            return;
        }
        if cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            self.filled += 1;
            self.digits += 1;
            self.add_number(cell);
            return;
        }
        let trusting = ColumnContext { mostly_countries: true, ..ColumnContext::default() };
        let outcome = read_in(cell, &trusting);
        if matches!(outcome, Err(Doubt::Placeholder | Doubt::Empty)) {
            self.missing += 1;
            return;
        }
        self.filled += 1;
        self.countries += u32::from(outcome.is_ok());
        self.rare_names += u32::from(!cell.is_ascii() && lookup::is_rare_name(cell));
        if let Some(pair) = pair(cell) {
            match outcome {
                Ok(recognized) => {
                    self.alpha2 += u32::from(recognized.how == How::Alpha2);
                    self.known_pairs.insert(pair);
                }
                Err(Doubt::NotACountry) => self.strange_pairs.insert(pair),
                Err(_) => {}
            }
        }
    }

    fn add_number(&mut self, cell: &str) {
        let Some(number) = codes::numeric_code(cell) else { return };
        if Country::from_numeric(number).is_some() {
            self.numeric += 1;
            self.three_digits += u32::from(cell.trim_end_matches(".0").len() == 3);
            self.numbers.insert(usize::from(number));
        }
    }

    fn conclude(&self) -> ColumnContext {
        let enough = self.three_digits > 0 || self.numbers.count >= SHORT_NUMBERS_MIN;
        let numeric =
            enough && self.digits * 10 >= self.filled * 9 && self.numeric * 20 >= self.digits * 19;
        let codes_of_countries = self.filled > 0 && self.alpha2 * 5 >= self.filled * 4;
        // Where an empty or a dash says "not available", `NA` does not have to; and in a list of
        // countries it stands once, like the others.
        let average = self.alpha2 / self.known_pairs.count.max(1);
        let listed = self.known_pairs.count >= CODES_OF_A_LIST_MIN
            && self.not_available <= average.max(1) * 2;
        let pairs = self.known_pairs.count + self.strange_pairs.count;
        let mostly_countries = self.filled > 0 && self.countries * 4 >= self.filled * 3;
        ColumnContext {
            numeric,
            na_is_namibia: codes_of_countries && (self.missing > 0 || listed),
            mostly_countries,
            codes_are_other: self.strange_pairs.count >= 2 && self.strange_pairs.count * 4 >= pairs,
            rare_names: mostly_countries
                && self.rare_names >= RARE_NAMES_MIN
                && self.rare_names * 10 >= self.countries,
        }
    }
}

fn pair(cell: &str) -> Option<usize> {
    let &[first, second] = cell.as_bytes() else { return None };
    if !first.is_ascii_alphabetic() || !second.is_ascii_alphabetic() {
        return None;
    }
    let offset = |letter: u8| usize::from(letter.to_ascii_uppercase() - b'A');
    Some(offset(first) * 26 + offset(second))
}

/// A set of small numbers that knows its size.
struct Distinct<const SIZE: usize> {
    seen: [bool; SIZE],
    count: u32,
}

impl<const SIZE: usize> Default for Distinct<SIZE> {
    fn default() -> Self {
        Self { seen: [false; SIZE], count: 0 }
    }
}

impl<const SIZE: usize> Distinct<SIZE> {
    fn insert(&mut self, number: usize) {
        if let Some(seen) = self.seen.get_mut(number).filter(|seen| !**seen) {
            *seen = true;
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ColumnContext;

    #[test]
    fn numeric_columns() {
        assert!(ColumnContext::from_cells(["724", "250", "008", ""]).numeric);
        assert!(ColumnContext::from_cells(["8", "12", "20", "36"]).numeric);
        assert!(ColumnContext::from_cells(["724.0", "250.0"]).numeric);
        assert!(!ColumnContext::from_cells(["12", "Spain", "ES"]).numeric);
        assert!(!ColumnContext::from_cells(["12"]).numeric);
        assert!(!ColumnContext::from_cells(["100", "250", "500", "1000"]).numeric);
        assert!(!ColumnContext::from_cells([]).numeric);
    }

    #[test]
    fn namibia() {
        assert!(ColumnContext::from_cells(["ES", "NA", "DE", "", "FR"]).na_is_namibia);
        assert!(ColumnContext::from_cells(["ES", "NA", "DE", "-", "FR"]).na_is_namibia);
        assert!(!ColumnContext::from_cells(["ES", "NA", "NA", "FR"]).na_is_namibia);
        assert!(!ColumnContext::from_cells(["Spain", "NA", "", "France"]).na_is_namibia);
        assert!(
            ColumnContext::from_cells(super::Country::all().map(super::Country::alpha2))
                .na_is_namibia
        );
    }

    #[test]
    fn a_little_used_language() {
        // Kaingang: Andorra, Congo, France, Greece.
        assert!(ColumnContext::from_cells(["Ỹnora", "Kãgo", "Frỹsa", "Grésa"]).rare_names);
        assert!(!ColumnContext::from_cells(["Spain", "France", "Mỹrta", "Myrta"]).rare_names);
        assert!(!ColumnContext::from_cells(["Ana", "Mỹrta", "Grésa", "Juan", "Luis"]).rare_names);
    }

    #[test]
    fn codes_of_another_kind() {
        let states = ["CA", "NY", "TX", "GA", "IN", "OH", "FL"];
        assert!(ColumnContext::from_cells(states).codes_are_other);
        assert!(!ColumnContext::from_cells(["CA", "ES", "UK", "XX", "QQ"]).codes_are_other);
    }
}

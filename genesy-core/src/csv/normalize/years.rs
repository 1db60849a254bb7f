//! Years in a role.

/// Years in a role that are believed.
const YEARS_MAX: f32 = 80.0;

/// Years: `3`, `2.5`, `2,5`, `3 years`, `18 months`, `10+`.
pub(super) fn parse_years(cell: &str) -> Option<f32> {
    let number_end =
        cell.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(cell.len());
    let (number, unit) = cell.split_at(number_end);
    let number: f32 = if number.contains(',') {
        number.replace(',', ".").parse().ok()?
    } else {
        number.parse().ok()?
    };
    let unit = unit.trim_start_matches('+').trim().trim_end_matches('.');
    let starts = |prefixes: &[&str]| {
        prefixes.iter().any(|prefix| {
            unit.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
    };
    let years = if unit.is_empty() || starts(&YEAR_UNITS) {
        number
    } else if starts(&MONTH_UNITS) {
        number / 12.0
    } else {
        return None;
    };
    (0.0..=YEARS_MAX).contains(&years).then_some(years)
}

/// Years of one or two digits.
#[inline(always)]
pub(super) fn usual_years(cell: &[u8]) -> Option<f32> {
    // Without a branch between the two.
    let ([first, ..], [.., last]) = (cell, cell) else { return None };
    let (first, last) = (first.wrapping_sub(b'0'), last.wrapping_sub(b'0'));
    let tens = if cell.len() == 2 { first } else { 0 };
    let is_usual = (cell.len() <= 2) & (tens < 8) & (last < 10);
    is_usual.then(|| f32::from(tens.wrapping_mul(10).wrapping_add(last)))
}

/// How words for years begin, in the languages of the header synonyms.
const YEAR_UNITS: [&str; 14] =
    ["y", "año", "ano", "an", "jahr", "j.", "jaar", "jr", "lat", "rok", "rok", "år", "yıl", "év"];
/// How words for months begin.
const MONTH_UNITS: [&str; 8] = ["mo", "mes", "mês", "mês", "mån", "mie", "maand", "ay"];

#[cfg(test)]
mod tests {
    use super::{YEARS_MAX, parse_years, usual_years};

    #[test]
    fn usual_years_are_the_same_years() {
        for number in 0..=100 {
            let cell = number.to_string();
            let years = usual_years(cell.as_bytes());
            assert_eq!(years.is_some(), f32::from(number as u8) < YEARS_MAX);
            assert!(years.is_none() || years == parse_years(&cell));
        }
        assert_eq!(usual_years(b"07"), parse_years("07"));
        assert!(
            ["", "a", "1a", "a1", "1.", "123"]
                .iter()
                .all(|cell| usual_years(cell.as_bytes()).is_none())
        );
    }

    #[test]
    fn years_with_and_without_units() {
        for (cell, years) in [
            ("3", Some(3.0)),
            ("2.5", Some(2.5)),
            ("2,5 años", Some(2.5)),
            ("10+", Some(10.0)),
            ("18 months", Some(1.5)),
            ("6 Monate", Some(0.5)),
            ("4 Jahre", Some(4.0)),
            ("2019", None),
            ("three", None),
            ("-1", None),
            ("5 apples", None),
        ] {
            assert_eq!(parse_years(cell), years, "{cell}");
        }
    }
}

//! Years in a role, as a cell says them: one reader for what a column is and for what its cells say.

/// Years in a role that are believed.
const YEARS_MAX: f32 = 80.0;
const MONTHS_OF_YEAR: f32 = 12.0;

/// Words for years, in the languages of the header synonyms.
const YEAR_WORDS: [&str; 53] = [
    "y",
    "yr",
    "yrs",
    "year",
    "years",
    "año",
    "años",
    "ano",
    "anos",
    "an",
    "ans",
    "année",
    "années",
    "annee",
    "annees",
    "j",
    "jahr",
    "jahre",
    "jahren",
    "anni",
    "anno",
    "ani",
    "any",
    "anys",
    "jaar",
    "jaren",
    "jr",
    "lat",
    "lata",
    "let",
    "rok",
    "roky",
    "roku",
    "roků",
    "rokov",
    "år",
    "åren",
    "yıl",
    "yil",
    "év",
    "éve",
    "vuosi",
    "vuotta",
    "год",
    "года",
    "лет",
    "рік",
    "роки",
    "років",
    "年",
    "年间",
    "年間",
    "년",
];
/// Words for months.
const MONTH_WORDS: [&str; 48] = [
    "mo",
    "mos",
    "mth",
    "mths",
    "month",
    "months",
    "mes",
    "meses",
    "mesos",
    "mês",
    "mois",
    "mese",
    "mesi",
    "monat",
    "monate",
    "monaten",
    "mon",
    "mån",
    "månad",
    "månader",
    "måned",
    "måneder",
    "mdr",
    "maand",
    "maanden",
    "mnd",
    "mies",
    "miesiąc",
    "miesiące",
    "miesięcy",
    "měsíc",
    "měsíce",
    "měsíců",
    "ay",
    "hónap",
    "hónapja",
    "kuukautta",
    "мес",
    "месяц",
    "месяца",
    "месяцев",
    "місяць",
    "місяці",
    "місяців",
    "个月",
    "個月",
    "か月",
    "개월",
];

/// Years: `3`, `2.5`, `2,5`, `3 years`, `18 months`, `1 yr 4 mos`, `10+`.
pub(super) fn parse_years(cell: &str) -> Option<f32> {
    let (amount, rest) = amount(cell.trim())?;
    let (unit, rest) = word(rest.trim_start_matches('+'));
    let years = if unit.is_empty() && rest.is_empty() || is_any(&YEAR_WORDS, unit) {
        amount + months(rest) / MONTHS_OF_YEAR
    } else if is_any(&MONTH_WORDS, unit) {
        amount / MONTHS_OF_YEAR
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

/// The months behind the years, the `4` of `1 yr and 4 mos`; none if none are named.
fn months(behind: &str) -> f32 {
    let Some(start) = behind.find(|c: char| c.is_ascii_digit()) else { return 0.0 };
    let named = amount(&behind[start..]).filter(|(_, rest)| is_any(&MONTH_WORDS, word(rest).0));
    named.map_or(0.0, |(months, _)| months)
}

/// The number that a text begins with, and what follows it.
fn amount(text: &str) -> Option<(f32, &str)> {
    let end =
        text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = if number.contains(',') {
        number.replace(',', ".").parse().ok()?
    } else {
        number.parse().ok()?
    };
    Some((number, rest))
}

/// The word that a text begins with, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let ends = |c: char| c.is_whitespace() || c.is_ascii_digit() || ".,;(+".contains(c);
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn is_any(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.chars().eq(word.chars().flat_map(char::to_lowercase)))
}

#[cfg(test)]
mod tests {
    use super::{MONTH_WORDS, YEAR_WORDS, YEARS_MAX, parse_years, usual_years};

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
            ("3 AÑOS", Some(3.0)),
            ("10+", Some(10.0)),
            ("10+ years", Some(10.0)),
            ("5 years in role", Some(5.0)),
            ("18 months", Some(1.5)),
            ("6 Monate", Some(0.5)),
            ("4 Jahre", Some(4.0)),
            ("5 J.", Some(5.0)),
            ("4 let", Some(4.0)),
            ("5 лет", Some(5.0)),
            ("3 年", Some(3.0)),
            ("3年6个月", Some(3.5)),
            ("1 yr 3 mos", Some(1.25)),
            ("1 year, 6 months", Some(1.5)),
            ("1 Jahr und 6 Monate", Some(1.5)),
            ("2yrs", Some(2.0)),
            ("80", Some(80.0)),
            ("81", None),
            ("2019", None),
            ("three", None),
            ("-1", None),
            ("5 apples", None),
            ("10 Young Street", None),
            ("3 (three)", None),
            ("", None),
        ] {
            assert_eq!(parse_years(cell), years, "{cell}");
        }
    }

    #[test]
    fn no_word_stands_twice() {
        let mut words = [&YEAR_WORDS[..], &MONTH_WORDS[..]].concat();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}

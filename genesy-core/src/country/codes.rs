//! Cells that are a code: two or three letters, or digits.

use super::{ColumnContext, Country, Doubt, How, Recognized};

/// Reads `text` as a code, if it has the shape of one. Three letters that are no code may still be
/// a name, so they give nothing here.
pub(super) fn read(text: &str, context: &ColumnContext) -> Option<Result<Recognized, Doubt>> {
    match *text.as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            Some(two_letters([a, b], context))
        }
        [a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
            three_letters([a, b, c], context)
        }
        [first, ..] if first.is_ascii_digit() || first == b'+' || first == b'-' => {
            digits(text, context)
        }
        _ => None,
    }
}

fn two_letters(letters: [u8; 2], context: &ColumnContext) -> Result<Recognized, Doubt> {
    let capitals = letters.map(|letter| letter.to_ascii_uppercase());
    if &capitals == b"NA" && !context.na_is_namibia {
        return Err(Doubt::Placeholder);
    }
    if let Some(country) = Country::from_letters(capitals) {
        if context.codes_are_other {
            return Err(Doubt::CodeInOtherColumn);
        }
        let is_word = is_title_case(&letters) || WORDS_OF_TWO.contains(&capitals);
        if letters != capitals && is_word && !context.mostly_countries {
            return Err(Doubt::NotACountry);
        }
        return Ok(Recognized::new(country, How::Alpha2));
    }
    // In title case these are names of people and articles, as the others, but for `Uk`.
    let is_word = is_title_case(&letters) && &capitals != b"UK" && !context.mostly_countries;
    let other = OTHER_ALPHA2.iter().find(|(other, _)| *other == &capitals && !is_word);
    if let Some((_, code)) = other {
        return Country::from_letters(**code)
            .map(|country| Recognized::new(country, How::OtherCode))
            .ok_or(Doubt::Dissolved);
    }
    if DISSOLVED_ALPHA2.contains(&&capitals) {
        return Err(Doubt::Dissolved);
    }
    let user_assigned =
        matches!(capitals, [b'A', b'A'] | [b'Q', b'M'..=b'Z'] | [b'X', _] | [b'Z', b'Z']);
    if user_assigned || RESERVED_ALPHA2.contains(&&capitals) {
        return Err(Doubt::ReservedCode);
    }
    Err(Doubt::NotACountry)
}

fn three_letters(letters: [u8; 3], context: &ColumnContext) -> Option<Result<Recognized, Doubt>> {
    let capitals = letters.map(|letter| letter.to_ascii_uppercase());
    let trusted = letters == capitals || context.mostly_countries;
    if let Some(country) = Country::from_alpha3_letters(capitals) {
        if !trusted && WORDS_OF_THREE.contains(&&capitals) {
            return Some(Err(Doubt::NotACountry));
        }
        // Some are names as well, such as `Usa`.
        if !trusted && is_title_case(&letters) {
            return None;
        }
        return Some(Ok(Recognized::new(country, How::Alpha3)));
    }
    let (_, code) = OTHER_ALPHA3.iter().find(|(other, _)| trusted && *other == &capitals)?;
    Country::from_letters(**code).map(|country| Ok(Recognized::new(country, How::OtherCode)))
}

/// Whether the letters are written as names of people are: nobody writes codes so, but what changes
/// the case of all cells does.
pub(super) fn is_title_case(letters: &[u8]) -> bool {
    letters.split_first().is_some_and(|(first, others)| {
        first.is_ascii_uppercase() && others.iter().all(u8::is_ascii_lowercase)
    })
}

fn digits(text: &str, context: &ColumnContext) -> Option<Result<Recognized, Doubt>> {
    if text.bytes().any(|byte| !byte.is_ascii_digit() && !b" .,+-/:%()".contains(&byte)) {
        return None;
    }
    if !context.numeric {
        return Some(Err(Doubt::NumberInTextColumn));
    }
    let numeric = numeric_code(text).and_then(Country::from_numeric);
    Some(numeric.map(|country| Recognized::new(country, How::Numeric)).ok_or(Doubt::NotACountry))
}

/// One to three digits, with the `.0` that spreadsheets append.
pub(super) fn numeric_code(text: &str) -> Option<u16> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    if text.len() > 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Alpha-2 codes that in lower case are English words, and so need a column of countries.
const WORDS_OF_TWO: [[u8; 2]; 15] = [
    *b"AM", *b"AS", *b"AT", *b"BE", *b"BY", *b"DO", *b"IN", *b"IS", *b"IT", *b"ME", *b"MY", *b"NO",
    *b"SO", *b"TO", *b"LA",
];

/// Alpha-3 codes that in lower case are words, languages or names of people, and so need a column of countries.
const WORDS_OF_THREE: [&[u8; 3]; 59] = [
    b"AGO", b"AIA", b"ALA", b"AND", b"ARE", b"ARM", b"ATA", b"AUS", b"BEL", b"BEN", b"BRA", b"CAN",
    b"CHE", b"COD", b"COG", b"COK", b"COL", b"COM", b"CUB", b"DOM", b"ERI", b"EST", b"FIN", b"GAB",
    b"GEO", b"GIB", b"GIN", b"GUM", b"GUY", b"HUN", b"ITA", b"JAM", b"KAZ", b"KEN", b"KIR", b"LAO",
    b"LIE", b"LUX", b"MAC", b"MAR", b"MUS", b"NAM", b"NGA", b"NIC", b"NIU", b"NOR", b"PAK", b"PAN",
    b"PER", b"POL", b"PRY", b"RWA", b"SEN", b"SOM", b"SUR", b"TON", b"TUN", b"UMI", b"VAT",
];

/// Two-letter codes outside ISO 3166-1's assigned ones: exceptionally reserved for a country
/// (`UK`), used by the European Union (`EL`), withdrawn with a single successor, or the Dutch
/// abbreviation of a name (`VK`, `VS`).
const OTHER_ALPHA2: [(&[u8; 2], &[u8; 2]); 8] = [
    (b"UK", b"GB"),
    (b"EL", b"GR"),
    (b"FX", b"FR"),
    (b"BU", b"MM"),
    (b"TP", b"TL"),
    (b"ZR", b"CD"),
    (b"VK", b"GB"),
    (b"VS", b"US"),
];

/// Withdrawn codes of states with several successors.
const DISSOLVED_ALPHA2: [&[u8; 2]; 4] = [b"AN", b"CS", b"SU", b"YU"];

/// Exceptionally reserved codes that are no country of ISO 3166-1.
const RESERVED_ALPHA2: [&[u8; 2]; 10] =
    [b"AC", b"AP", b"CP", b"CQ", b"DG", b"EA", b"EU", b"EZ", b"IC", b"UN"];

/// Three-letter codes of the International Olympic Committee and of vehicle plates that are no
/// alpha-3 code of any country and mean one country in both lists.
const OTHER_ALPHA3: [(&[u8; 3], &[u8; 2]); 92] = [
    (b"ALG", b"DZ"),
    (b"ANG", b"AO"),
    (b"ARU", b"AW"),
    (b"ASA", b"AS"),
    (b"BAH", b"BS"),
    (b"BAN", b"BD"),
    (b"BAR", b"BB"),
    (b"BER", b"BM"),
    (b"BHU", b"BT"),
    (b"BIZ", b"BZ"),
    (b"BOT", b"BW"),
    (b"BRU", b"BN"),
    (b"BUL", b"BG"),
    (b"BUR", b"BF"),
    (b"CAM", b"KH"),
    (b"CAY", b"KY"),
    (b"CDN", b"CA"),
    (b"CGO", b"CG"),
    (b"CHA", b"TD"),
    (b"CHI", b"CL"),
    (b"CRC", b"CR"),
    (b"CRO", b"HR"),
    (b"DEN", b"DK"),
    (b"ENG", b"GB"),
    (b"ESA", b"SV"),
    (b"FIJ", b"FJ"),
    (b"GAM", b"GM"),
    (b"GBS", b"GW"),
    (b"GEQ", b"GQ"),
    (b"GER", b"DE"),
    (b"GRE", b"GR"),
    (b"GRN", b"GD"),
    (b"GUA", b"GT"),
    (b"GUI", b"GN"),
    (b"HAI", b"HT"),
    (b"HKJ", b"JO"),
    (b"HON", b"HN"),
    (b"INA", b"ID"),
    (b"IRI", b"IR"),
    (b"ISV", b"VI"),
    (b"IVB", b"VG"),
    (b"KOS", b"XK"),
    (b"KSA", b"SA"),
    (b"KUW", b"KW"),
    (b"LAT", b"LV"),
    (b"LBA", b"LY"),
    (b"LES", b"LS"),
    (b"LIB", b"LB"),
    (b"MAD", b"MG"),
    (b"MAS", b"MY"),
    (b"MAW", b"MW"),
    (b"MGL", b"MN"),
    (b"MON", b"MC"),
    (b"MRI", b"MU"),
    (b"MTN", b"MR"),
    (b"MYA", b"MM"),
    (b"NCA", b"NI"),
    (b"NED", b"NL"),
    (b"NEP", b"NP"),
    (b"NGR", b"NG"),
    (b"NIG", b"NE"),
    (b"OMA", b"OM"),
    (b"PAR", b"PY"),
    (b"PHI", b"PH"),
    (b"PLE", b"PS"),
    (b"POR", b"PT"),
    (b"PUR", b"PR"),
    (b"RCH", b"CL"),
    (b"ROK", b"KR"),
    (b"ROM", b"RO"),
    (b"RSA", b"ZA"),
    (b"SAM", b"WS"),
    (b"SCO", b"GB"),
    (b"SEY", b"SC"),
    (b"SIN", b"SG"),
    (b"SKN", b"KN"),
    (b"SLO", b"SI"),
    (b"SOL", b"SB"),
    (b"SRI", b"LK"),
    (b"SUD", b"SD"),
    (b"SUI", b"CH"),
    (b"TAN", b"TZ"),
    (b"TGA", b"TO"),
    (b"TOG", b"TG"),
    (b"TPE", b"TW"),
    (b"TRI", b"TT"),
    (b"UAE", b"AE"),
    (b"URU", b"UY"),
    (b"VAN", b"VU"),
    (b"VIE", b"VN"),
    (b"VIN", b"VC"),
    (b"WAL", b"GB"),
];

#[cfg(test)]
mod tests {
    use super::{Country, OTHER_ALPHA2, OTHER_ALPHA3, WORDS_OF_THREE, WORDS_OF_TWO};

    #[test]
    fn other_codes_clash_with_nothing() {
        for (other, code) in OTHER_ALPHA3 {
            assert_eq!(Country::from_alpha3_letters(*other), None, "{other:?}");
            assert!(Country::from_letters(*code).is_some(), "{code:?}");
        }
        for (other, code) in OTHER_ALPHA2 {
            assert_eq!(Country::from_letters(*other), None, "{other:?}");
            assert!(Country::from_letters(*code).is_some(), "{code:?}");
        }
        let mut others: Vec<_> = OTHER_ALPHA3.iter().map(|(other, _)| other).collect();
        others.dedup();
        assert_eq!(others.len(), OTHER_ALPHA3.len());
    }

    #[test]
    fn words_are_codes() {
        assert!(WORDS_OF_TWO.iter().all(|&code| Country::from_letters(code).is_some()));
        for code in WORDS_OF_THREE {
            assert!(Country::from_alpha3_letters(*code).is_some(), "{code:?}");
        }
    }
}

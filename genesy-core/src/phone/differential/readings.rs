//! Texts as they are read here against what the phone library says by itself.

use std::fmt::Write;

use rlibphonenumber::{CountryCodeSource, PhoneNumber, PhoneNumberType};

use super::super::library::{self, PHONE_NUMBER_UTIL};
use super::super::numbering::Plan;
use super::super::pattern::Node;
use super::super::plain::{self, Scanned};
use super::super::plans::PLANS;
use super::super::reading::{self, Reading};
use super::super::{LineType, PhoneErrorKind, Region};
use super::{Random, kind_patterns, near_sample, plans, sample, text};

/// What a reading says, to be compared.
type Told = (String, Option<String>, bool, LineType, Option<Region>, bool);

fn told(reading: Reading) -> Told {
    let Reading { e164, extension, possible, line_type, region, international } = reading;
    (e164.as_str().to_owned(), extension, possible, line_type, region, international)
}

/// What the phone library says by itself.
fn told_by_library(text: &str, region: Option<Region>) -> Result<Told, PhoneErrorKind> {
    let number = library::parse(text, region)?;
    // It counts no more zeros than ten when it looks at lengths, which Java and Python do not.
    assert!(number.number_of_leading_zeros() <= 10, "{text}: the library would not be right");
    let line_type = PHONE_NUMBER_UTIL.get_number_type(&number);
    let mut national = String::new();
    if number.italian_leading_zero() {
        national.push_str(&"0".repeat(number.number_of_leading_zeros() as usize));
    }
    write!(national, "{}", number.national_number).expect("text");
    let international = matches!(
        number.country_code_source(),
        CountryCodeSource::FromNumberWithPlusSign | CountryCodeSource::FromNumberWithIdd
    );
    let own = own_region(&number).and_then(|region| Region::from_plan(&region.as_region_str()));
    Ok((
        format!("+{}{national}", number.country_code),
        number.extension.clone().filter(|extension| !extension.is_empty()),
        PHONE_NUMBER_UTIL.is_possible_number(&number),
        line_type_of(line_type),
        if international { own } else { region },
        international,
    ))
}

fn own_region(number: &PhoneNumber) -> Option<rlibphonenumber::Region> {
    match PHONE_NUMBER_UTIL.is_valid_number(number) {
        true => PHONE_NUMBER_UTIL.get_region_for_number(number),
        false => PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code),
    }
}

fn line_type_of(library: PhoneNumberType) -> LineType {
    match library {
        PhoneNumberType::Mobile => LineType::Mobile,
        PhoneNumberType::FixedLine => LineType::FixedLine,
        PhoneNumberType::FixedLineOrMobile => LineType::FixedLineOrMobile,
        PhoneNumberType::TollFree => LineType::TollFree,
        PhoneNumberType::PremiumRate => LineType::PremiumRate,
        PhoneNumberType::SharedCost => LineType::SharedCost,
        PhoneNumberType::VoIP => LineType::Voip,
        PhoneNumberType::PersonalNumber => LineType::PersonalNumber,
        PhoneNumberType::Pager => LineType::Pager,
        PhoneNumberType::UAN => LineType::Uan,
        PhoneNumberType::VoiceMail => LineType::Voicemail,
        PhoneNumberType::Unknown => LineType::Unknown,
    }
}

/// A number of a plan, or nearly so, with what is dialled and written before and around it.
fn written(plan: &Plan, calling_code: u16, random: &mut Random) -> String {
    let patterns: Vec<&str> = kind_patterns(plan).collect();
    let node = |text: &str| Node::parse(text).expect(text);
    let mut digits = Vec::new();
    let code = calling_code.to_string();
    let before = match random.below(8) {
        0 | 1 => String::new(),
        2 | 3 => format!("+{code}"),
        4 => code,
        5 => {
            let prefix = plan.international_prefix.as_deref().unwrap_or("^(?:00)$");
            sample(&node(prefix), random, &mut digits);
            let other = random.pick(&PLANS.numberings.iter().collect::<Vec<_>>());
            text(&digits) + &random.pick(&[calling_code, other.calling_code]).to_string()
        }
        6 => random.pick(&["00", "011", "+", "++", "+0", "+99", "(+", "T: "]).to_owned(),
        _ => format!("+{code} (0)"),
    };
    digits.clear();
    if let Some(prefix) = plan.national_prefix.as_deref().filter(|_| random.below(3) == 0) {
        sample(&node(prefix), random, &mut digits);
    }
    digits.extend(near_sample(&node(random.pick(&patterns)), random));
    let mut number = before;
    for digit in text(&digits).chars() {
        if random.below(4) == 0 {
            number.push_str(random.pick(&[" ", "-", ".", " (", ") ", "/", " - ", "[", "]"]));
        }
        number.push(digit);
    }
    if random.below(5) == 0 {
        let labels = [
            "x",
            " x",
            "X ",
            " ext. ",
            ", Ext ",
            " extension:",
            "#",
            " int ",
            ",",
            " anexo. -",
            "+",
        ];
        write!(number, "{}{}", random.pick(&labels), random.below(1_000_000)).expect("text");
        number.push_str(random.pick(&["", "", "", ")", " ", "#", "00000", "x"]));
    }
    number
}

#[test]
fn numbers_are_read_as_the_phone_library_reads_them() {
    let random = &mut Random::new(3);
    let regions: Vec<Region> = plans().filter_map(|plan| plan.region).collect();
    let (mut plain, mut valid, mut all) = (0, 0, 0);
    for numbering in &PLANS.numberings {
        for plan in numbering.regions.iter().flat_map(|plan| std::iter::repeat_n(plan, 80)) {
            let number = written(plan, numbering.calling_code, random);
            let region = match random.below(8) {
                0 => None,
                1 => Some(random.pick(&regions)),
                _ => plan.region,
            };
            let expected = told_by_library(&number, region);
            plain += usize::from(!matches!(plain::scan(&number), Scanned::Other));
            valid += usize::from(expected.as_ref().is_ok_and(|told| told.3 != LineType::Unknown));
            all += 1;
            let told = reading::read(&number, region).map(told);
            assert_eq!(told, expected, "{number:?} in {region:?}");
        }
    }
    assert!(3 * valid > all && 10 * plain > 8 * all, "{valid} valid, {plain} plain of {all}");
}

/// Pieces of texts: what numbers are written with, then what cells hold besides.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "+34 612 345 678", "816-237-0737", "0", "1", "2", "3", "44", "55", "66", "7", "800", "9", "00",
    "011", "+", "+1", "(0)", "(", ")", "-", " ", ".", "/", "x", " ext. ", ", ",
    "\\", "[", "]", "~", "*", "#", ",", ",,", ";", ":", "'", "\t", "\n", "X", "/x", "/ x", "EXT.",
    "extn", "extension", "extensi\u{F3}n", "xt", "int", "anexo", "tel:", "tel.", ";ext=", ";isub=",
    ";phone-context=", "+44", "FLOWERS", "a", "e", "\u{A0}", "\u{2013}", "\u{200B}", "\u{FF0B}",
    "\u{FF11}", "\u{665}", "\u{E9}", "\u{BD}",
];

/// The pieces that plain numbers are written with.
const PLAIN_PIECES: usize = 26;

#[test]
fn texts_of_any_kind_are_read_as_the_phone_library_reads_them() {
    let random = &mut Random::new(4);
    let regions: Vec<Region> = plans().filter_map(|plan| plan.region).collect();
    let mut plain = 0;
    for _ in 0..10_000 {
        let among = if random.below(2) == 0 { &PIECES[..PLAIN_PIECES] } else { PIECES };
        let pieces = random.below(10);
        let text: String = (0..pieces).map(|_| random.pick(among)).collect();
        let region = (random.below(4) > 0).then(|| random.pick(&regions));
        plain += usize::from(!matches!(plain::scan(&text), Scanned::Other));
        let told = reading::read(&text, region).map(told);
        assert_eq!(told, told_by_library(&text, region), "{text:?} in {region:?}");
    }
    assert!(plain > 1_000, "{plain} plain");
}

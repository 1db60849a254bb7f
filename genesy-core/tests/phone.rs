//! Phone numbers as libphonenumber 9.0.42 tells them, and the cells around them.

use genesy_core::phone::{
    LineType::{self, *},
    ParsedPhone, Phone, PhoneErrorKind, Region, RegionSource, Regions, Repair,
};

struct Row {
    region: &'static str,
    cell: &'static str,
    e164: &'static str,
    extension: &'static str,
    possible: bool,
    line_type: LineType,
}

/// Expected values: PyPI `phonenumbers` 9.0.42 (Google's metadata of the same version).
#[rustfmt::skip]
const NUMBERS: &[Row] = &[
    Row { region: "US", cell: "(816)237-0737x0663", e164: "+18162370737", extension: "0663", possible: true, line_type: FixedLineOrMobile },
    Row { region: "US", cell: "133.622.7535", e164: "+11336227535", extension: "", possible: true, line_type: Unknown },
    Row { region: "US", cell: "+1-648-901-1274x3620", e164: "+16489011274", extension: "3620", possible: true, line_type: Unknown },
    Row { region: "US", cell: "001-780-166-5134x703", e164: "+10017801665134", extension: "703", possible: false, line_type: Unknown },
    Row { region: "", cell: "+1-648-901-1274x3620", e164: "+16489011274", extension: "3620", possible: true, line_type: Unknown },
    Row { region: "US", cell: "1-800-FLOWERS", e164: "+18003569377", extension: "", possible: true, line_type: TollFree },
    Row { region: "US", cell: "011 34 612 345 678", e164: "+34612345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "US", cell: "253-0000", e164: "+12530000", extension: "", possible: true, line_type: Unknown },
    Row { region: "CA", cell: "+1 780 466 5134", e164: "+17804665134", extension: "", possible: true, line_type: FixedLineOrMobile },
    Row { region: "BS", cell: "242 365 1234", e164: "+12423651234", extension: "", possible: true, line_type: FixedLine },
    Row { region: "ES", cell: "612 34 56 78", e164: "+34612345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "ES", cell: "+34 912 345 678", e164: "+34912345678", extension: "", possible: true, line_type: FixedLine },
    Row { region: "ES", cell: "0034 912 345 678", e164: "+34912345678", extension: "", possible: true, line_type: FixedLine },
    Row { region: "ES", cell: "34612345678", e164: "+34612345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "ES", cell: "900 123 456", e164: "+34900123456", extension: "", possible: true, line_type: TollFree },
    Row { region: "ES", cell: "803 123 456", e164: "+34803123456", extension: "", possible: true, line_type: PremiumRate },
    Row { region: "ES", cell: "701 234 567", e164: "+34701234567", extension: "", possible: true, line_type: PersonalNumber },
    Row { region: "ES", cell: "901 123 456", e164: "+34901123456", extension: "", possible: true, line_type: SharedCost },
    Row { region: "US", cell: "+34 612 345 678", e164: "+34612345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "", cell: "+34 612 345 678", e164: "+34612345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "GB", cell: "020 7946 0018", e164: "+442079460018", extension: "", possible: true, line_type: FixedLine },
    Row { region: "GB", cell: "+44 (0) 20 7946 0018", e164: "+442079460018", extension: "", possible: true, line_type: FixedLine },
    Row { region: "GB", cell: "07700 900123", e164: "+447700900123", extension: "", possible: true, line_type: Unknown },
    Row { region: "GB", cell: "0800 123 4567 ext. 12", e164: "+448001234567", extension: "12", possible: true, line_type: TollFree },
    Row { region: "GB", cell: "056 1234 5678", e164: "+445612345678", extension: "", possible: true, line_type: Voip },
    Row { region: "GB", cell: "076 4012 3456", e164: "+447640123456", extension: "", possible: true, line_type: Pager },
    Row { region: "GB", cell: "055 1234 5678", e164: "+445512345678", extension: "", possible: true, line_type: Uan },
    Row { region: "JE", cell: "07797 712345", e164: "+447797712345", extension: "", possible: true, line_type: Mobile },
    Row { region: "DE", cell: "0211/1234567", e164: "+492111234567", extension: "", possible: true, line_type: FixedLine },
    Row { region: "DE", cell: "030 123456 - 503#", e164: "+4930123456", extension: "503", possible: true, line_type: FixedLine },
    Row { region: "DE", cell: "+49 (0) 2151/1234567", e164: "+4921511234567", extension: "", possible: true, line_type: FixedLine },
    Row { region: "DE", cell: "0151 23456789", e164: "+4915123456789", extension: "", possible: true, line_type: Mobile },
    Row { region: "IT", cell: "06 1234 5678", e164: "+390612345678", extension: "", possible: true, line_type: FixedLine },
    Row { region: "IT", cell: "+39 0312 345 678", e164: "+390312345678", extension: "", possible: true, line_type: FixedLine },
    Row { region: "IT", cell: "312 345 6789", e164: "+393123456789", extension: "", possible: true, line_type: Mobile },
    Row { region: "IT", cell: "0000000000001", e164: "+390000000000001", extension: "", possible: false, line_type: Unknown },
    Row { region: "FR", cell: "01 23 45 67 89", e164: "+33123456789", extension: "", possible: true, line_type: FixedLine },
    Row { region: "FR", cell: "06.12.34.56.78", e164: "+33612345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "MX", cell: "+52 1 55 1234 5678", e164: "+5215512345678", extension: "", possible: false, line_type: Unknown },
    Row { region: "MX", cell: "55 1234 5678", e164: "+525512345678", extension: "", possible: true, line_type: FixedLineOrMobile },
    Row { region: "AR", cell: "011 15 2345 6789", e164: "+5491123456789", extension: "", possible: true, line_type: Mobile },
    Row { region: "AR", cell: "0343 15 555 1212", e164: "+5493435551212", extension: "", possible: true, line_type: Mobile },
    Row { region: "BR", cell: "(11) 96123-4567", e164: "+5511961234567", extension: "", possible: true, line_type: Mobile },
    Row { region: "BR", cell: "0 15 11 2345 6789", e164: "+551123456789", extension: "", possible: true, line_type: FixedLine },
    Row { region: "CN", cell: "0755 2345 6789", e164: "+8675523456789", extension: "", possible: true, line_type: FixedLine },
    Row { region: "JP", cell: "090-1234-5678", e164: "+819012345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "AU", cell: "0412 345 678", e164: "+61412345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "IN", cell: "+91 81234 56789", e164: "+918123456789", extension: "", possible: true, line_type: Mobile },
    Row { region: "EG", cell: "٠١٠٠١٢٣٤٥٦٧", e164: "+201001234567", extension: "", possible: true, line_type: Mobile },
    Row { region: "JP", cell: "＋８１ ９０ １２３４ ５６７８", e164: "+819012345678", extension: "", possible: true, line_type: Mobile },
    Row { region: "", cell: "+800 1234 5678", e164: "+80012345678", extension: "", possible: true, line_type: TollFree },
    Row { region: "", cell: "+870 773 111 632", e164: "+870773111632", extension: "", possible: true, line_type: Mobile },
    Row { region: "SM", cell: "0549 886377", e164: "+3780549886377", extension: "", possible: true, line_type: FixedLine },
    Row { region: "NZ", cell: "tel:03-331-6005;phone-context=+64", e164: "+6433316005", extension: "", possible: true, line_type: FixedLine },
    Row { region: "NZ", cell: "tel:+64-3-331-6005;ext=3456", e164: "+6433316005", extension: "3456", possible: true, line_type: FixedLine },
    Row { region: "NZ", cell: "03 331 6005,,1234#", e164: "+6433316005", extension: "1234", possible: true, line_type: FixedLine },
    Row { region: "RU", cell: "8 (912) 345-67-89 доб. 12", e164: "+79123456789", extension: "12", possible: true, line_type: Mobile },
    Row { region: "UY", cell: "094 231 234 anexo 5", e164: "+59894231234", extension: "5", possible: true, line_type: Mobile },
    Row { region: "US", cell: "(530) 583-6985 x302/x2303", e164: "+15305836985", extension: "302", possible: true, line_type: FixedLineOrMobile },
    Row { region: "NL", cell: "088-1234567", e164: "+31881234567", extension: "", possible: true, line_type: Uan },
    Row { region: "SE", cell: "08-12 34 56", e164: "+468123456", extension: "", possible: true, line_type: FixedLine },
];

fn regions(lead: &str) -> Regions {
    Regions { lead: Region::new(lead), default: None }
}

fn e164(phone: &Phone) -> &str {
    phone.e164.as_ref().map_or("", |number| number.reveal().as_str())
}

fn rest(phone: &Phone) -> &str {
    phone.rest.as_ref().map_or("", |rest| rest.reveal())
}

#[test]
fn numbers_are_read_as_libphonenumber_reads_them() {
    for row in NUMBERS {
        let phone = Phone::parse(row.cell, &regions(row.region)).expect(row.cell);
        let extension = phone.extension.as_ref().map_or("", |extension| extension.reveal());
        assert_eq!(
            (e164(&phone), extension, phone.possible, phone.line_type),
            (row.e164, row.extension, row.possible, row.line_type),
            "{} in {}",
            row.cell,
            row.region
        );
        assert_eq!(phone.valid, row.line_type != Unknown, "{}", row.cell);
        assert_eq!((phone.raw.reveal().as_str(), phone.repair), (row.cell, None));
        assert_eq!(rest(&phone), "", "{}", row.cell);
    }
}

#[test]
fn cells_without_a_number_say_why() {
    use PhoneErrorKind::*;
    let cases = [
        ("", Empty),
        (" \u{00A0} ", Empty),
        ("N/A", Placeholder),
        ("n.a.", Placeholder),
        ("-", Placeholder),
        ("--", Placeholder),
        ("none", Placeholder),
        ("NULL", Placeholder),
        ("0", Placeholder),
        ("000-000-0000", Placeholder),
        ("+00 00", Placeholder),
        ("٠٠٠", Placeholder),
        ("3.46E+10", PrecisionLost),
        ("3,46123E+10", PrecisionLost),
        ("3.4612e10", PrecisionLost),
        ("call the office", NotANumber),
        ("12@34", NotANumber),
        (";phone-context=a.com;tel:5551234", NotANumber),
        ("+999 123 456 789", UnknownCallingCode),
        ("+34", NotANumber),
        ("+34 1", TooShort),
        ("123456789012345678901", TooLong),
    ];
    for (cell, kind) in cases {
        let error = Phone::parse(cell, &regions("ES")).expect_err(cell);
        assert_eq!(error.kind, kind, "{cell}");
    }
    let error = Phone::parse("612 345 678", &regions("")).expect_err("no region");
    assert_eq!(error.kind, NoRegion);
    let long = "1".repeat(100_000);
    assert_eq!(Phone::parse(&long, &regions("ES")).expect_err("long").kind, TooLong);
}

#[test]
fn what_spreadsheets_do_to_numbers_is_undone() {
    for cell in ["'+34612345678", "34612345678.0", "3.4612345678E+10", "Tel.: +34612345678"] {
        let phone = Phone::parse(cell, &regions("ES")).expect(cell);
        assert_eq!((e164(&phone), phone.valid), ("+34612345678", true), "{cell}");
        assert_eq!(phone.raw.reveal(), cell);
    }
}

#[test]
fn the_first_of_several_numbers_is_taken_and_the_rest_kept() {
    let cases = [
        ("ES", "+34 600 111 222; +34 91 123 45 67", "+34600111222", "+34 91 123 45 67"),
        ("ES", "600111222; 911234567", "+34600111222", "911234567"),
        ("ES", "600111222,911234567", "+34600111222", "911234567"),
        ("ES", "600 111 222 / 91 123 45 67", "+34600111222", "91 123 45 67"),
        ("ES", "600111222/911234567", "+34600111222", "911234567"),
        ("ES", "600 111 222 | 911234567 | 912345678", "+34600111222", "911234567 | 912345678"),
        ("ES", "600111222\n911234567", "+34600111222", "911234567"),
        ("ES", "600111222 or 911234567 ", "+34600111222", "911234567"),
        ("ES", "600111222 O 911234567 | 912345678", "+34600111222", "911234567 | 912345678"),
        ("ES", "Office | 600111222", "+34600111222", ""),
        ("ES", "600111222 |", "+34600111222", ""),
        ("GB", "01624 785678/9", "+441624785678", "9"),
        ("US", "(816) 237-0737 / (816) 237-0738", "+18162370737", "(816) 237-0738"),
        ("US", "816-237-0737 x12 / 816-237-0738 x13", "+18162370737", "816-237-0738 x13"),
        ("DE", "0211/1234567 / 0211/7654321", "+492111234567", "0211/7654321"),
    ];
    for (region, cell, first, others) in cases {
        let phone = Phone::parse(cell, &regions(region)).expect(cell);
        assert_eq!((e164(&phone), rest(&phone), phone.possible), (first, others, true), "{cell}");
    }
}

#[test]
fn a_separator_inside_a_number_or_before_an_extension_does_not_split_it() {
    let cases = [
        ("DE", "0211/1234567", ""),
        ("NZ", "03 331 6005;1234", "1234"),
        ("US", "816-237-0737,,1234567#", "1234567"),
        ("US", "816-237-0737, ext. 12", "12"),
        ("US", "816-237-0737 - Ext.: 12", "12"),
    ];
    for (region, cell, expected) in cases {
        let phone = Phone::parse(cell, &regions(region)).expect(cell);
        let extension = phone.extension.as_ref().map_or("", |extension| extension.reveal());
        assert_eq!((extension, rest(&phone)), (expected, ""), "{cell}");
    }
}

#[test]
fn the_tail_of_a_broken_number_is_no_number() {
    for (region, cell) in
        [("BJ", "52;25 45 3300"), ("BE", "+445 14/x81 256789"), ("DE", "06,3112 34567")]
    {
        let possible = Phone::parse(cell, &regions(region)).is_ok_and(|phone| phone.possible);
        assert!(!possible, "{cell}");
    }
}

#[test]
fn repairs_are_asked_for_and_marked() {
    let cases = [
        ("ES", "+34 (0) 612 345 678", "+34612345678", Repair::TrunkZeroDropped),
        ("US", "0034 612 345 678", "+34612345678", Repair::PrefixReadAsPlus),
        ("US", "001-816-237-0737x12", "+18162370737", Repair::PrefixReadAsPlus),
        ("ES", "011 1 816 237 0737", "+18162370737", Repair::PrefixReadAsPlus),
        ("", "001-780-166-5134x703", "+17801665134", Repair::PrefixReadAsPlus),
        ("ES", "+34 612\u{202F}345\u{202F}678", "+34612345678", Repair::SignsReplaced),
        ("ES", "\u{202A}+34 612\u{200E}345 678\u{202C}", "+34612345678", Repair::SignsReplaced),
        ("US", "816-237-0737 (office)", "+18162370737", Repair::NoteDropped),
    ];
    for (region, cell, expected, repair) in cases {
        let phone = Phone::parse_with_repairs(cell, &regions(region)).expect(cell);
        assert_eq!((e164(&phone), phone.repair), (expected, Some(repair)), "{cell}");
        let strict = Phone::parse(cell, &regions(region));
        assert!(strict.is_err() || strict.is_ok_and(|phone| !phone.valid), "{cell}");
    }
}

#[test]
fn what_no_repair_makes_valid_stays_as_libphonenumber_reads_it() {
    let cell = "001-780-166-5134x703";
    let phone = Phone::parse_with_repairs(cell, &regions("US")).expect(cell);
    assert_eq!((e164(&phone), phone.possible, phone.repair), ("+10017801665134", false, None));
    for (region, cell) in [("", "011 4567 8901"), ("", "612 345 678")] {
        assert!(Phone::parse_with_repairs(cell, &regions(region)).is_err(), "{cell}");
    }
}

#[test]
fn the_region_used_and_its_source_are_told() {
    use RegionSource::*;
    let both = Regions { lead: Region::new("ES"), default: Region::new("US") };
    let default_only = Regions { lead: None, ..both };
    let cases = [
        (&both, "612 345 678", "ES", Lead),
        (&both, "0034 612 345 678", "ES", InternationalPrefix),
        (&both, "+44 20 7946 0018", "GB", InternationalPrefix),
        (&both, "+1 780 466 5134", "CA", InternationalPrefix),
        (&both, "+800 1234 5678", "", InternationalPrefix),
        (&default_only, "816-237-0737", "US", Default),
    ];
    for (regions, cell, region, source) in cases {
        let phone = ParsedPhone::parse(cell, regions).expect(cell);
        assert_eq!(phone.region_used, Region::new(region), "{cell}");
        assert_eq!(phone.region_source, source, "{cell}");
    }
}

#[test]
fn nothing_personal_is_shown_and_everything_is_stored() {
    let cell = "+34 612 345 678 ext. 4321; +34 912 345 678";
    let phone = Phone::parse(cell, &regions("ES")).expect(cell);
    let shown = format!("{phone:?}");
    assert!(!["345", "4321", "912"].iter().any(|digits| shown.contains(digits)), "{shown}");
    let stored = serde_json::to_string(&phone).expect("serializes");
    assert!(stored.contains("\"+34612345678\""), "{stored}");
    assert_eq!(serde_json::from_str::<Phone>(&stored).expect("deserializes"), phone);
    assert_eq!(Phone::unread("call us").raw.reveal(), "call us");
}

//! `Debug` and `Display` show no personal data: they end in logs.

use std::fmt::Debug;

use genesy_core::address::{AddressRef, EmailAddress, from_cell};
use genesy_core::country::{ColumnContext, Memo};
use genesy_core::csv::dialect::{Dialect, DialectOptions, sniff};
use genesy_core::csv::encoding::mojibake::repair;
use genesy_core::csv::encoding::{StreamDecoder, detect};
use genesy_core::csv::header::SavedMapping;
use genesy_core::csv::normalize::{
    CsvWriter, DuplicateAction, Normalizer, Options, for_each_row, normalize,
};
use genesy_core::csv::read::RecordReader;
use genesy_core::person_name::split_full_name;
use genesy_core::phone::{ParsedPhone, Phone, Regions};
use genesy_core::website::{Website, WebsiteRef, linkedin_page};

/// Parts of every secret of the file: names, addresses, numbers, notes.
const SECRETS: [&str; 20] = [
    "zelda",
    "quixworth",
    "zquix",
    "wobblecorp",
    "612345",
    "612 345",
    "8675309",
    "867-5309",
    "vortigern",
    "mxyzptlk",
    "grobnik",
    "snorkelist",
    "plimsoll",
    "gribble",
    "narniaxx",
    "fortyish",
    "blorptown",
    "zeldañ",
    "zeldã",
    "@",
];

const FILE: &str = "name,email,job title,country,company,website,phone,yearsInRole,linkedin,notes\n\
    Zelda Quixworth,zquix@wobblecorp.example,Snorkelist,ES,Plimsoll,wobblecorp.com,+34 612 345 678,3,https://linkedin.com/in/zquix,Gribble\n\
    Zelda Quixworth PhD,ZQUIX@wobblecorp.example,Snorkelist,Narniaxx,Plimsoll,gmail.com,867-5309,fortyish,vortigern,Gribble\n\
    Vortigern,vortigern(at)mxyzptlk,N/A,Narniaxx,Plimsoll,not grobnik,call grobnik,fortyish,grobnik,\"Gribble \"\"x\"\"\"\n\
    ZeldaÃ±,a.zquix@wobblecorp.example; b.zquix@wobblecorp.example,Snor\"kelist,France,Plimsoll,wobblecorp.com,+34 612 345 678 / +34 612 345 679,3,,Gribble\n\
    ,,,ES,,,,,,Gribble in Blorptown\n\
    Zelda,zquix@gmial.com,\"Snorkelist,XXX,Plimsoll,wobblecorp.com,+34 612 345 678 ext 8675309,3,,Gribble,Blorptown\n";

#[track_caller]
fn assert_private(shown: &str) {
    let lower = shown.to_lowercase();
    for secret in SECRETS {
        assert!(!lower.contains(secret), "{secret:?} is shown in {shown}");
    }
    // Bytes are shown as numbers, which is no secret kept.
    for secret in ["Zelda", "Quixworth", "zquix", "wobblecorp", "612 345"] {
        let numbers: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
        assert!(!shown.contains(&numbers.join(", ")), "{secret:?} is shown as bytes");
    }
}

#[track_caller]
fn assert_debug_private(value: &impl Debug) {
    assert_private(&format!("{value:?}"));
    assert_private(&format!("{value:#?}"));
}

#[test]
fn results_of_a_file_show_nothing() {
    for action in
        [DuplicateAction::KeepFirst, DuplicateAction::MergeBlanks, DuplicateAction::KeepAll]
    {
        let mut options = Options::default();
        options.duplicates.action = action;
        let done = normalize(FILE.as_bytes(), &options).expect("a table");
        assert!(done.leads.len() >= 4 && done.issues.len() >= 8 && !done.rejected.is_empty());
        assert_debug_private(&done);
        for lead in &done.leads {
            assert_debug_private(lead);
        }
        for issue in &done.issues {
            assert_debug_private(issue);
            assert_private(&format!("{} {}: {}", issue.code, issue.action, issue.code.advice()));
        }
        assert_debug_private(&done.understanding);
        assert_debug_private(&done.summary);
        for column in &done.understanding.mapping.columns {
            assert_private(&column.reason.to_string());
        }
    }
}

#[test]
fn rows_show_nothing() {
    let mut normalizer =
        Normalizer::from_slice(FILE.as_bytes(), Options::default()).expect("a table");
    while let Some(row) = normalizer.next_row() {
        assert_debug_private(&row);
        assert_debug_private(&row.lead);
        assert_debug_private(&row.lead.phone());
        assert_debug_private(&row.lead.email());
        assert_debug_private(&row.lead.company_website());
    }
}

#[test]
fn the_machine_shows_nothing_at_any_time() {
    let mut normalizer = Normalizer::push(Options::default());
    let (first, second) = FILE.as_bytes().split_at(300);
    normalizer.feed(first).expect("text");
    assert_debug_private(&normalizer);
    normalizer.feed(second).expect("text");
    normalizer.finish().expect("a table");
    while normalizer.next_row().is_some() {}
    assert_debug_private(&normalizer);
    let by_stream = for_each_row(FILE.as_bytes(), Options::default(), |row| {
        assert_debug_private(row);
    });
    assert_debug_private(&by_stream.expect("a table"));
    let slice = Normalizer::from_slice(FILE.as_bytes(), Options::default()).expect("a table");
    assert_debug_private(&slice);
}

#[test]
fn a_reader_shows_nothing_of_what_it_was_fed() {
    let mut reader = RecordReader::push(&Dialect::default());
    reader.feed(FILE.as_bytes());
    assert_debug_private(&reader);
    while reader.next_record().is_some() {}
    assert_debug_private(&reader);
}

#[test]
fn a_writer_shows_nothing_of_what_it_wrote() {
    let mut writer = CsvWriter::new();
    writer.record(["Zelda Quixworth", "zquix@wobblecorp.example"]);
    assert_debug_private(&writer);
}

#[test]
fn a_file_without_a_header_shows_nothing_of_its_first_row() {
    let mut options = Options::default();
    options.dialect.header = genesy_core::csv::dialect::HeaderOption::None;
    let rows = &FILE[FILE.find('\n').expect("lines") + 1..];
    assert_debug_private(&normalize(rows.as_bytes(), &options).expect("a table"));
    assert_debug_private(&normalize(rows.as_bytes(), &Options::default()).expect("a table"));
}

#[test]
fn readers_and_values_show_nothing() {
    let mut reader = RecordReader::push(&Dialect::default());
    reader.feed(FILE.as_bytes());
    while let Some(record) = reader.next_record() {
        assert_debug_private(&record);
    }
    assert_debug_private(&sniff(FILE.as_bytes(), true, &DialectOptions::default()));
    assert_debug_private(&detect(FILE.as_bytes(), true, &|_| false));
    let mut decoder = StreamDecoder::new(genesy_core::csv::encoding::Encoding::ShiftJis);
    decoder.push(FILE.as_bytes(), true, &mut String::new());
    assert_debug_private(&decoder);
    assert_debug_private(&repair("ZeldaÃ±"));
    assert_debug_private(&AddressRef::parse("zquix@wobblecorp.example"));
    assert_debug_private(&EmailAddress::parse("zquix@wobblecorp.example"));
    assert_debug_private(&from_cell("Zelda <zquix@wobblecorp.example>; vortigern@gribble.example"));
    assert_debug_private(&split_full_name("Dr. Zelda Quixworth"));
    assert_debug_private(&WebsiteRef::parse("wobblecorp.com"));
    assert_debug_private(&Website::parse("https://zquix@wobblecorp.com/zelda"));
    assert_debug_private(&linkedin_page("https://linkedin.com/in/zquix"));
    let regions = Regions::default();
    assert_debug_private(&ParsedPhone::parse("+34 612 345 678 ext 8675309", &regions));
    assert_debug_private(&Phone::parse("+34 612 345 678 / +34 612 345 679", &regions));
    assert_debug_private(&Phone::unread("call grobnik"));
    let mut memo = Memo::new();
    let _ = memo.recognize("Narniaxx", &ColumnContext::default());
    assert_debug_private(&memo);
}

#[test]
fn errors_show_nothing() {
    for text in ["zquix@@wobblecorp.example", "zelda quixworth", "zquix@-wobblecorp.example"] {
        let error = AddressRef::parse(text).expect_err("no address");
        assert_debug_private(&error);
        assert_private(&error.to_string().replace('@', ""));
        let error = WebsiteRef::parse(text).expect_err("no website");
        assert_debug_private(&error);
        assert_private(&error.to_string().replace('@', ""));
        let error = Phone::parse(text, &Regions::default()).expect_err("no phone");
        assert_private(&format!("{error:?} {error}"));
    }
    let json = "{\"fingerprint\": \"zquix@wobblecorp.example\"}";
    if let Err(error) = serde_json::from_str::<SavedMapping>(json) {
        assert_private(&error.to_string());
    }
    let error = serde_json::from_str::<EmailAddress>("\"zquix@@wobblecorp.example\"");
    assert_private(&error.expect_err("no address").to_string().replace('@', ""));
    let error = serde_json::from_str::<Website>("\"not grobnik\"");
    assert_private(&error.expect_err("no website").to_string());
}

//! The files that are written, and those that cannot be read.

use std::collections::BTreeSet;
use std::fs;

use clap::Parser;

use super::{Scratch, column, error, output, rows};
use crate::Arguments;

const ADDED: [&str; 11] = [
    "email_verdict",
    "email_reason",
    "phone",
    "phone_status",
    "phone_provider",
    "phone_quality",
    "phone_confidence_percent",
    "phone_attempts",
    "phone_cost",
    "phone_maybe_charged",
    "phone_checked_at",
];

#[test]
fn the_enriched_file_has_each_lead_once_and_in_order() {
    let scratch = Scratch::new("enriched");
    let (out, rejected) = (scratch.text("out.csv"), scratch.text("rejected.csv"));
    let report = output(&["--time-scale", "0", "--out", &out, "--rejected", &rejected]);
    assert!(report.contains("out.csv.journal: removed, as all is done"));
    assert_eq!(scratch.names(), ["out.csv", "rejected.csv"]);

    let text = fs::read_to_string(&out).expect("it was written");
    assert!(text.lines().count() > 100 && text.ends_with("\r\n"));
    let table = rows(&scratch.path("out.csv"));
    assert_eq!(table[0][..3], ["Nombre", "Apellidos", "Correo electrónico"]);
    assert_eq!(table[0][9..], ADDED);
    assert!(report.contains(&format!(": {} leads, 3 rejected", table.len() - 1)));
    // Whoever has an address has a verdict, and undeliverable ones were not given to a provider that is
    // asked with one.
    let (address, verdict) =
        (column(&table, "Correo electrónico"), column(&table, "email_verdict"));
    for row in &table[1..] {
        assert!(row[verdict].is_empty() || row[address].contains('@'), "{row:?}");
        if row[verdict] == "undeliverable" {
            let provider = &row[column(&table, "phone_provider")];
            assert!(["", "orion_connect"].contains(&provider.as_str()), "{row:?}");
        }
    }
    assert!(table.iter().any(|row| row[verdict] == "undeliverable"));

    // The original, whose rows are all told apart by their first cells.
    let bytes = include_bytes!("../leads.csv");
    let mut options = genesy_core::csv::normalize::Options::default();
    options.repair_mojibake = true;
    let done = genesy_core::csv::normalize::normalize(bytes, &options).expect("leads");
    assert_eq!(done.leads.len(), table.len() - 1, "every lead, and no other row");
    for (lead, row) in done.leads.iter().zip(&table[1..]) {
        let email = lead.email.as_ref().map(|email| email.normal_form().to_owned());
        if let Some(email) = email {
            assert!(row[2].to_lowercase().contains(&email.to_lowercase()), "{row:?}");
        }
        let first = lead.first_name.as_ref().map_or("", |name| name.as_str());
        assert!(row[0] == first, "{row:?}");
    }
    let distinct: BTreeSet<_> = table[1..].iter().map(|row| &row[..9]).collect();
    assert_eq!(distinct.len(), table.len() - 1);
    assert_eq!(rows(&scratch.path("rejected.csv")).len(), 4, "the header and three rows");
}

#[test]
fn each_column_says_what_it_should() {
    let scratch = Scratch::new("columns");
    output(&["--time-scale", "0", "--out", &scratch.text("out.csv")]);
    let table = rows(&scratch.path("out.csv"));
    let at = |name: &str| column(&table, name);
    let of = |row: &[String], name: &str| row[at(name)].clone();
    for row in &table[1..] {
        let (phone, status) = (of(row, "phone"), of(row, "phone_status"));
        let is_asked = of(row, "phone_attempts") != "0";
        match status.as_str() {
            "found" => {
                assert!(is_fictional(&phone), "{row:?}");
                assert!(
                    ["possible", "valid", "mobile"].contains(&of(row, "phone_quality").as_str())
                );
                assert!(!of(row, "phone_provider").is_empty());
            }
            "already_there" => assert!(is_fictional(&phone) && !is_asked, "{row:?}"),
            "No data found" | "inconclusive" => assert!(phone.is_empty() && is_asked, "{row:?}"),
            "not_eligible" => assert!(phone.is_empty() && !is_asked, "{row:?}"),
            other => panic!("{other}"),
        }
        let checked_at = of(row, "phone_checked_at");
        assert_eq!(checked_at.is_empty(), !is_asked);
        assert!(checked_at.is_empty() || (checked_at.len() == 20 && checked_at.ends_with('Z')));
        assert_eq!(of(row, "phone_maybe_charged"), "0.00");
    }
    let lead = |name: &str| table.iter().find(|row| row[0] == name).expect("a lead");
    assert_eq!(of(lead("Vera"), "Notas"), "=HYPERLINK(\"http://example.com\")", "data as it is");
    assert_eq!(of(lead("Efraín"), "País"), "México", "repaired");
    assert_eq!(of(lead("Fernanda"), "phone_status"), "not_eligible");
}

/// Whether a number is of a range that a regulator set aside for fiction.
fn is_fictional(phone: &str) -> bool {
    let is_american = phone.len() == 12 && phone.starts_with("+1") && &phone[5..10] == "55501";
    let ranges = ["+447700900", "+3363998", "+61491570", "+4670174"];
    is_american || ranges.iter().any(|range| phone.starts_with(range))
}

#[test]
fn a_file_that_has_such_columns_keeps_them() {
    let scratch = Scratch::new("names");
    let file = scratch.path("leads.csv");
    fs::write(&file, "email,Phone,phone_status\nada@example.coffee,,called twice,and more\n")
        .expect("it is ours");
    let (file, out) = (scratch.text("leads.csv"), scratch.text("out.csv"));
    output(&[&file, "--time-scale", "0", "--out", &out]);
    let table = rows(&scratch.path("out.csv"));
    assert_eq!(table[0][..4], ["email", "Phone", "phone_status", "column_4"]);
    assert_eq!(table[0][6..8], ["genesy_phone", "genesy_phone_status"]);
    assert_eq!(table[1][2..4], ["called twice", "and more"]);
}

#[test]
fn what_is_no_leads_file_is_refused_in_one_line() {
    let scratch = Scratch::new("rubbish");
    let noise: Vec<u8> =
        (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &noise].concat();
    for (name, bytes, expected) in [
        ("empty.csv", &b""[..], "the file is empty"),
        ("blank.csv", b" \r\n\r\n", "the file is empty"),
        ("picture.png", &png, "not a CSV file but a PNG image"),
        ("noise.bin", &noise, "not a CSV file but binary data"),
        ("header.csv", b"email,name\r\n", "there are no leads in its 0 rows"),
        (
            "others.csv",
            b"name,colour\r\nAda,red\r\nBob,blue\r\n",
            "there are no leads in its 2 rows",
        ),
    ] {
        fs::write(scratch.path(name), bytes).expect("it is ours");
        let message = error(&[&scratch.text(name), "--out", &scratch.text("out.csv")]);
        assert!(message.contains(name) && message.contains(expected), "{message}");
        assert!(!message.contains('\n'), "{message}");
        fs::remove_file(scratch.path(name)).expect("it is ours");
        assert_eq!(scratch.names(), [""; 0], "{name}");
    }
    let missing = error(&[&scratch.text("nowhere.csv")]);
    assert!(missing.contains("nowhere.csv: No such file") || cfg!(windows), "{missing}");
    assert!(error(&[&scratch.text(".")]).contains("give a file"));
}

#[test]
fn files_that_would_be_lost_are_refused() {
    let scratch = Scratch::new("refused");
    let file = scratch.text("leads.csv");
    fs::write(&file, "email\nada@example.coffee\n").expect("it is ours");
    let around = scratch.text("../").replace("../", &format!("./{}", "leads.csv"));
    for out in [file.as_str(), &around] {
        assert!(error(&[&file, "--out", out]).contains("--out is the same file as the input"));
    }
    let one = scratch.text("one.csv");
    assert!(error(&["--out", &one, "--rejected", &one]).contains("the same file as --out"));
    let nowhere = scratch.text("no/such/out.csv");
    assert!(error(&["--time-scale", "0", "--out", &nowhere]).contains("cannot be"));
    assert!(error(&["--time-scale", "0", "--out", &scratch.text(".")]).contains("folder"));
    assert!(error(&["--resume"]).contains("--out or --journal"));
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "email\nada@example.coffee\n");

    for options in [
        &["--rule", "nice"][..],
        &["--default-country", "XX"],
        &["--concurrency", "0"],
        &["--time-scale", "-1"],
        &["--time-scale=NaN"],
        &["--base-url", "http://localhost"],
        &["--live", "--seed", "1"],
        &["--provider", "acme.toml"],
    ] {
        let refused = Arguments::try_parse_from(["enrich"].iter().chain(options));
        assert_eq!(refused.expect_err("a bad option").exit_code(), 2, "{options:?}");
    }
}

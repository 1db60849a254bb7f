//! The example's output, compared with what the README shows, and the files it writes.

#[cfg(unix)]
mod killed;

use std::fs;
use std::path::PathBuf;

use clap::Parser;

use super::{Arguments, run};

fn output(arguments: &[&str]) -> String {
    let program = ["normalize_csv"];
    let arguments = Arguments::parse_from(program.iter().chain(arguments)).with_file();
    let mut out = Vec::new();
    run(&arguments, &mut out).expect("the example's own file is readable");
    String::from_utf8(out).expect("the output is UTF-8")
}

/// A path for a test's own file.
fn scratch(name: &str) -> PathBuf {
    let name = format!("genesy-normalize-csv-{}-{name}", std::process::id());
    std::env::temp_dir().join(name)
}

fn rows(csv_text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv_text.as_bytes());
    let cells = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|row| cells(row.expect("RFC 4180, every row as wide as the first")))
        .collect()
}

#[test]
fn the_report_is_the_one_that_the_readme_shows() {
    let report = output(&[]);
    let expected = include_str!("expected.txt");
    assert_eq!(report, expected, "\n{report}\nis not examples/normalize_csv/expected.txt");
    let readme = include_str!("../../README.md");
    assert!(readme.contains(expected.trim_end()), "README.md shows another report");
}

#[test]
fn the_table_is_the_file_as_it_was_read() {
    let table = rows(&output(&["--table"]));
    assert_eq!(table[0][..3], ["Nombre", "Apellidos", "Correo electrónico"]);
    assert!(table.iter().any(|row| row[0] == "Alan" && row[3] == "Head of \"Hut 8\""));
    assert!(table.iter().any(|row| row[0] == "Ana" && row[3] == "Gerente\r\n de vendas"));
    assert!(table.iter().any(|row| row[4] == "MÃ©xico"), "garbled text stays as it was read");
}

#[test]
fn the_clean_file_has_the_original_columns_and_what_was_understood() {
    let (clean, rejected) = (scratch("clean.csv"), scratch("rejected.csv"));
    let path = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
    output(&["--out", &path(&clean), "--rejected", &path(&rejected)]);
    let written = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("the example wrote it");
        fs::remove_file(path).expect("it is ours");
        rows(&text)
    };
    let (clean, rejected) = (written(&clean), written(&rejected));

    let column = |name: &str| clean[0].iter().position(|cell| cell == name).expect("a column");
    let lead = |name: &str| clean.iter().find(|row| row[0] == name).expect("a lead");
    assert_eq!(lead("Alan")[column("País")], "UK");
    assert_eq!(lead("Alan")[column("genesy_country")], "GB");
    assert_eq!(lead("Grace")[column("genesy_country")], "", "XXX is no country");
    assert_eq!(lead("Linus")[column("genesy_country")], "", "12 is no country");
    assert_eq!(lead("José")[column("genesy_phone")], "+34912345678");
    assert!(lead("Mike")[column("Notas")].starts_with("'=HYPERLINK"), "formulas are escaped");
    assert!(!clean.iter().any(|row| row[0] == "Bob"));

    assert_eq!(rejected.len(), 2, "the header and Bob");
    assert_eq!(rejected[1][0], "Bob");
}

#[test]
fn json_holds_leads_and_issues() {
    let json: serde_json::Value = serde_json::from_str(&output(&["--json"])).expect("JSON");
    assert_eq!(json["leads"][0]["country"], "ES");
    assert_eq!(json["summary"]["duplicates"], 1);
    let issues = json["issues"].as_array().expect("a list");
    let raw = issues.iter().find(|issue| issue["code"] == "country_placeholder").expect("XXX");
    assert_eq!(raw["raw"], "XXX");
}

#[test]
fn guesses_can_be_overridden() {
    let report = output(&["--map", "Notas=job_title", "--map", "Cargo=extra"]);
    assert!(report.contains("| 10 | Notas              | job_title       | chosen by hand"));
    let refused = Arguments::parse_from(["normalize_csv", "--encoding", "klingon"]).options();
    assert!(refused.is_err_and(|error| error.to_string().contains("klingon")));
}

#[test]
fn files_that_would_not_be_written_are_refused() {
    for arguments in [
        ["--table=t.csv", "--out=clean.csv"],
        ["--table=t.csv", "--json=all.json"],
        ["--json=all.json", "--rejected=rejected.csv"],
    ] {
        let refused = Arguments::try_parse_from(["normalize_csv"].iter().chain(&arguments));
        let error = refused.expect_err("one of them only").to_string();
        assert!(error.contains("cannot be used with"), "{error}");
    }
    let one = scratch("one.csv");
    let one = one.to_str().expect("UTF-8");
    let arguments = ["normalize_csv", "--out", one, "--rejected", one];
    let arguments = Arguments::parse_from(arguments).with_file();
    let error = run(&arguments, &mut Vec::new()).expect_err("one of them only").to_string();
    assert!(error.contains("--rejected is the same file as --out: give another"), "{error}");
}

#[test]
fn the_file_that_is_read_may_be_the_one_that_is_written() {
    let file = scratch("same.csv");
    let path = file.to_str().expect("UTF-8");
    for what in ["--table", "--json", "--out"] {
        fs::write(&file, "email,phone\nada@engines.example,+44 20 7946 0018\n").expect("a file");
        output(&[path, what, path]);
        let written = fs::read_to_string(&file).expect("it is there");
        assert!(written.contains("ada@engines.example"), "{what}: {written:?}");
    }
    fs::remove_file(&file).expect("it is removed");
}

#[test]
fn of_a_file_that_cannot_be_read_nothing_is_left_behind() {
    let folder = scratch("folder");
    fs::create_dir_all(&folder).expect("a folder");
    let (input, out) = (folder.join("leads.csv"), folder.join("clean.csv"));
    fs::write(&input, [0x89, b'P', b'N', b'G', 0, 0, 1, 2, 3, 0]).expect("a file");
    let path = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
    let failed = |out: &PathBuf| {
        let arguments = ["normalize_csv", &path(&input), "--out", &path(out)];
        let arguments = Arguments::parse_from(arguments).with_file();
        run(&arguments, &mut Vec::new()).expect_err("it fails").to_string()
    };
    failed(&out);
    let left = fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(left, 1, "only the input is there");
    let error = failed(&folder);
    assert!(error.contains("this is a folder: give a file"), "{error}");
    fs::remove_dir_all(&folder).expect("it is removed");
}

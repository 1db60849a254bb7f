//! The example's output, compared with what is shown in the README.

use clap::Parser;

use super::{Arguments, run};

fn output(arguments: &[&str]) -> String {
    let program = ["normalize_csv"];
    let arguments = Arguments::parse_from(program.iter().chain(arguments)).with_file();
    let mut out = Vec::new();
    run(&arguments, &mut out).expect("the example's own file is readable");
    String::from_utf8(out).expect("the report is UTF-8")
}

#[test]
fn the_report_is_the_one_that_is_shown() {
    let report = output(&[]);
    let expected = include_str!("expected.txt");
    assert_eq!(report, expected, "\n{report}\nis not examples/normalize_csv/expected.txt");
}

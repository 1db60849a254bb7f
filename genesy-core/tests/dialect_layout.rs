//! Where the table is: preamble, header rows, other tables, footer.

use genesy_core::csv::dialect::{DialectOptions, Sniffed, sniff};

fn sniffed(text: &str) -> Sniffed {
    sniff(text.as_bytes(), true, &DialectOptions::default())
}

const HEADER: &str = "id,name,email,joined\n";
const ROWS: &str = "1,Ann,ann@example.com,2024-01-02\n\
                    2,Bob,bob@example.org,2024-02-03\n\
                    3,Cy,cy@example.net,2024-03-04\n";

#[test]
fn titles_notes_comments_and_metadata_are_preamble() {
    let preambles = [
        "Leads of May\n",
        "Leads of May\nExported on 2024-01-02\n\n",
        "# made by a tool\n# 2024-01-02\n",
        "Report: all leads\nUser: admin\nDate: 2024-01-02\n\n",
        "Leads,,,\n,,,\n",
        "Exported on,2024-01-02,,\n",
    ];
    for preamble in preambles {
        let found = sniffed(&format!("{preamble}{HEADER}{ROWS}"));
        assert_eq!(found.preamble.bytes, preamble.len(), "{preamble:?}");
        assert_eq!(found.preamble.lines, preamble.lines().count(), "{preamble:?}");
        assert_eq!(found.header_rows, 1, "{preamble:?}");
        assert_eq!(found.body_start, preamble.len() + HEADER.len(), "{preamble:?}");
    }
}

#[test]
fn a_file_without_header_starts_with_data() {
    let found = sniffed(ROWS);
    assert_eq!((found.header_rows, found.body_start), (0, 0));
}

#[test]
fn words_above_words_are_a_header_when_they_are_names() {
    let found = sniffed("nombre,ciudad\nAna,Madrid\nLuis,Lugo\nEva,Madrid\n");
    assert_eq!(found.header_rows, 1);
    let found = sniffed("Ana,Madrid\nLuis,Lugo\nEva,Madrid\nAna,Lugo\nLuis,Madrid\n");
    assert_eq!(found.header_rows, 0);
}

#[test]
fn years_at_even_steps_are_a_header() {
    let found = sniffed("country,1990,1991,1992\nFR,10,12,11\nDE,9,8,7\nES,3,5,4\n");
    assert_eq!(found.header_rows, 1);
}

#[test]
fn a_row_of_units_belongs_to_the_header() {
    let found = sniffed("name,amount,weight\ntext,EUR,kg\nAnn,12.5,70\nBob,3.25,81\nCy,8,66\n");
    assert_eq!((found.header_rows, found.names_row), (2, 0));
}

#[test]
fn a_row_of_groups_stands_above_the_names() {
    let found = sniffed(&format!("Contact,,,Other\n{HEADER}{ROWS}"));
    assert_eq!((found.header_rows, found.names_row), (2, 1));
}

#[test]
fn a_header_alone_has_no_body() {
    let found = sniffed("name,email,phone\n");
    assert_eq!((found.header_rows, found.body_start), (1, 17));
}

#[test]
fn footers_are_seen() {
    for footer in ["Total: 3\n", "\n-- end --\n", "\nMade by a tool\nConfidential\n", "Total,,,\n"]
    {
        let table = format!("{HEADER}{ROWS}");
        let found = sniffed(&format!("{table}{footer}"));
        let seen = found.footer.map(|f| (f.first_byte, f.rows));
        let blank = usize::from(footer.starts_with('\n'));
        let rows = footer.lines().filter(|line| !line.is_empty()).count();
        assert_eq!(seen, Some((table.len() + blank, rows)), "{footer:?}");
    }
}

#[test]
fn a_file_that_goes_on_has_no_footer() {
    let text = format!("{HEADER}{ROWS}Total: 3\n");
    assert_eq!(sniff(text.as_bytes(), false, &DialectOptions::default()).footer, None);
}

#[test]
fn other_tables_are_reported() {
    let first = "country,total\nFR,1\nDE,2\n\n";
    let found = sniffed(&format!("{first}{HEADER}{ROWS}"));
    assert_eq!(found.table_start, first.len());
    let other = found.other_tables[0];
    assert_eq!((other.first_line, other.first_byte, other.rows, other.width), (0, 0, 3, 2));
}

#[test]
fn blank_lines_and_empty_cells_do_not_end_a_table() {
    let found = sniffed(&format!("{HEADER}{ROWS}\n\n4,,,\n,,di@example.com,\n5,Ed,,\n"));
    assert_eq!((found.footer, found.other_tables.len()), (None, 0));
}

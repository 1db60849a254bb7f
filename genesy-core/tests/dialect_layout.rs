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

#[test]
fn notes_of_several_kinds_are_padded_to_the_width_of_the_table() {
    let notes =
        "\"10:48 16/04/2010\",,,,\n,,,,\nClient:,Ann,,,\nAccount,Main,,,\nTotal,14,,,\n,,,,\n";
    let table = "id,date,name,units,price\n1,2024-01-02,Ann,4,2.5\n2,2024-02-03,Bob,5,3.5\n";
    let found = sniffed(&format!("{notes}{table}"));
    assert_eq!((found.preamble.bytes, found.header_rows), (notes.len(), 1));
    let comments = "# made by a tool,,\n# 2024-05-06,,\n";
    let found = sniffed(&format!("{comments}site,city,time\nhttps://a.example,Rome,04:05\n"));
    assert_eq!((found.preamble.bytes, found.header_rows), (comments.len(), 1));
    let titles = "Campaign leads, spring 2024\nAll regions\n";
    let found = sniffed(&format!("{titles}{HEADER}{ROWS}"));
    assert_eq!((found.preamble.bytes, found.header_rows), (titles.len(), 1));
    let two = "Contacts,\n,\nname,email\nAnn,ann@example.com\n";
    assert_eq!((sniffed(two).preamble.lines, sniffed(two).header_rows), (2, 1));
}

#[test]
fn labels_that_are_numbers_letters_or_repeated_are_a_header() {
    for text in [
        "museum,2011,2010\nModern art,23.8,17.5\n",
        "a,b,c\n1,b,c\n1,b,c\n4,b,c\n",
        "id,100022,100025\nx1,TRUE,FALSE\nx2,TRUE,TRUE\nx3,FALSE,TRUE\n",
        "How likely are you to recommend us to a friend or colleague?,Which product would you like to \
         see in our shop next year?\nvery,ink\nhardly,pens\nvery,pens\nnot at all,paper\n",
        "Konto;Text;VWZ1;VWZ2;VWZ3;VWZ4\n12345;Abo;A64 U12;;;\n",
        "date,name,kind\n2024-01-02,Ann,x\n2024-01-03,Bob,y\ndate,name,kind\n2024-01-04,Cy,z\n",
    ] {
        assert_eq!(sniffed(text).header_rows, 1, "{text}");
    }
}

#[test]
fn a_row_alone_is_not_the_main_table() {
    let found = sniffed("id,name,,name\n1,english\n2,german\n\n3,french,1,2,3\n");
    assert_eq!((found.preamble.lines, found.header_rows), (0, 1));
}

#[test]
fn ragged_rows_between_blank_lines_are_rows() {
    let text = "name,company,email\nDi Kim,Acme,di@example.com\nEd Fox,Acme,ed@example.com\n\n\
                Ann Lee,Acme\n\nBob Fox,City Hotel,\nCy Day,Phone House,cy@example.com\n";
    let found = sniffed(text);
    assert_eq!((found.other_tables.len(), found.footer), (0, None));
}

#[test]
fn a_footer_may_stand_behind_another_table() {
    let other = "\ncountry,total\nFR,1\nDE,2\n\n";
    let text = format!("{HEADER}{ROWS}{other}Total: 3\n");
    let found = sniffed(&text);
    assert_eq!(found.other_tables.len(), 1);
    let footer = found.footer.expect("a footer");
    assert_eq!((&text[footer.first_byte..], footer.rows), ("Total: 3\n", 1));
}

//! Nothing is lost: the text of every filled cell is in the lead, in an issue or among the rejected rows.

use genesy_core::csv::dialect::{Delimiter, HeaderOption};
use genesy_core::csv::header::{Field, Target};
use genesy_core::csv::normalize::{
    CsvWriter, DuplicateAction, Lead, Normalized, Options, PhoneReading, normalize,
};
use proptest::prelude::*;

const HEADER: [&str; 13] = [
    "first name",
    "last name",
    "email",
    "job title",
    "country",
    "company",
    "website",
    "phone",
    "yearsInRole",
    "linkedin",
    "shoe size",
    "email 2",
    "mobile phone",
];

/// All text that a caller has of a row.
fn texts_of(done: &Normalized, row: u64) -> String {
    let mut texts = String::new();
    let mut add = |text: &str| {
        texts.push_str(text);
        texts.push('\n');
    };
    for lead in done.leads.iter().filter(|lead| lead.row == row) {
        let named = [&lead.first_name, &lead.last_name, &lead.job_title, &lead.company_name];
        named.into_iter().chain([&lead.linkedin_url]).flatten().for_each(|text| add(text.as_str()));
        lead.email.iter().chain(&lead.other_emails).for_each(|email| add(email.as_str()));
        lead.phone.iter().chain(&lead.other_phones).for_each(|phone| add(phone.raw.reveal()));
        lead.company_website.iter().for_each(|site| add(site.as_entered()));
        lead.extra.iter().for_each(|cell| add(cell.text.as_str()));
    }
    done.issues.iter().filter(|issue| issue.row == row).for_each(|issue| add(issue.raw.reveal()));
    for rejected in done.rejected.iter().filter(|rejected| rejected.row == row) {
        rejected.cells.iter().for_each(|cell| add(cell.as_str()));
    }
    texts
}

/// Whether the value of a cell is in the lead in another form than its text.
fn is_understood(done: &Normalized, lead: Option<&Lead>, column: usize) -> bool {
    let Some(lead) = lead else { return false };
    match done.understanding.mapping.columns.get(column).map(|column| column.target) {
        Some(Target::Field(Field::Country)) => lead.country.is_some(),
        Some(Target::Field(Field::YearsInRole)) => lead.years_in_role.is_some(),
        _ => false,
    }
}

fn options() -> Options {
    let mut options = Options::default();
    options.dialect.delimiter = Some(Delimiter::COMMA);
    options.dialect.header = HeaderOption::Rows(1);
    options.dialect.skip_lines = Some(0);
    options
}

fn file_of(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = CsvWriter::verbatim();
    writer.record(HEADER);
    for row in rows {
        writer.record(row);
    }
    writer.take()
}

/// The first cell that is nowhere to be found.
fn lost(done: &Normalized, rows: &[Vec<String>]) -> Option<String> {
    let is_filled = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
    for (number, row) in (1..).zip(rows.iter().filter(is_filled)) {
        let texts = texts_of(done, number);
        // A row that is skipped is quoted as it stands in the file, with its quotes doubled.
        let texts = format!("{texts}{}", texts.replace("\"\"", "\""));
        let lead = done.leads.iter().find(|lead| lead.row == number);
        for (column, cell) in row.iter().enumerate() {
            let text = cell.trim();
            if !texts.contains(text) && !is_understood(done, lead, column) {
                return Some(format!("row {number}, column {column}: {text:?}"));
            }
        }
    }
    None
}

fn cell() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        &[
            "",
            "",
            "",
            "Ada",
            "ada@example.com",
            "Ada <ada@example.com>",
            "España",
            "XXX",
            "12",
            "EspaÃ±a",
            "UK",
            "N/A",
            "-",
            "+34 612 345 678",
            "+34 612 345 678 / +34 612 345 679",
            "0171 2345678",
            "acme.com",
            "gmail.com",
            "https://www.linkedin.com/in/ada",
            "3",
            "five",
            "18 months",
            "a@x.com; b@x.com; broken@",
            "a@x.com, see notes",
            "broken@; a@x.com",
            "Dr. Ada Lovelace PhD",
            "=1+1",
            "call +34 612 345 678 after six",
            "1.2E+10",
            "+34 612 345 678 ext. 9",
            "tel: +34 612 345 678; office",
            "N/A / +34 612 345 678",
        ][..],
    );
    let any = "[a-z0-9@.,;/ \"+()é-]{0,12}";
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => any]
}

proptest! {
    #[test]
    fn fuzz_every_filled_cell_is_somewhere(
        rows in prop::collection::vec(prop::collection::vec(cell(), 1..16), 1..6),
    ) {
        for action in [DuplicateAction::KeepFirst, DuplicateAction::MergeBlanks, DuplicateAction::KeepAll] {
            let mut options = options();
            options.duplicates.action = action;
            let done = normalize(&file_of(&rows), &options);
            let Ok(done) = done else { continue };
            prop_assert_eq!(lost(&done, &rows), None, "{:?}", action);
        }
    }
}

#[test]
fn cells_of_one_row_are_all_there() {
    let row = [
        "Ada",
        "Lovelace",
        "ada@example.com",
        "Analyst",
        "Narnia",
        "Acme",
        "acme.com/about",
        "call me",
        "many",
        "see my profile",
        "42",
        "broken",
        "0171 1",
        "behind",
        "the last",
    ];
    let rows = vec![row.map(str::to_owned).to_vec()];
    let done = normalize(&file_of(&rows), &options()).expect("a table");
    assert_eq!(done.leads.len(), 1);
    assert_eq!(lost(&done, &rows), None);
}

fn all_texts(file: &str, options: &Options) -> String {
    texts_of(&normalize(file.as_bytes(), options).expect("a table"), 1)
}

#[test]
fn titles_and_degrees_of_a_full_name_are_kept() {
    let file = "full name,email\nDr. Ada Lovelace PhD,ada@example.com\n";
    let texts = all_texts(file, &Options::default());
    assert!(texts.contains("Dr.") && texts.contains("PhD"), "{texts}");
}

#[test]
fn a_full_name_beside_first_and_last_name_is_kept() {
    let file = "first name,last name,full name,email\nAda,King,Countess of Lovelace,ada@x.com\n";
    assert!(all_texts(file, &Options::default()).contains("Countess of Lovelace"));
}

#[test]
fn phones_are_kept_where_they_are_not_read() {
    let mut options = Options::default();
    options.phones = PhoneReading::Skip;
    let texts = all_texts("email,phone\nada@x.com,+34 612 345 678\n", &options);
    assert!(texts.contains("+34 612 345 678"), "{texts}");
}

#[test]
fn a_long_cell_that_is_emptied_is_kept_whole() {
    let country = format!("{}the end", "Narnia ".repeat(300));
    let texts = all_texts(&format!("email,country\nada@x.com,{country}\n"), &Options::default());
    assert!(texts.contains("the end"));
}

/// Found by the property above: a record that is read tolerantly behind others of a batch.
#[test]
fn a_quote_that_closes_nothing_behind_short_rows_loses_no_cell() {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let rows = vec![
        row(&[";;+(+(@", "@0é++0\"aé@", "Ada <ada@example.com>"]),
        row(&["", "", "Ada"]),
        row(&[
            "call +34 612 345 678 after six",
            "Ada",
            "Ada",
            "",
            "",
            "UK",
            "",
            "",
            "",
            "",
            "",
            "",
            "\"",
        ]),
        row(&["", "", "Ada", "", "", "", "", "", "", "España"]),
    ];
    for action in
        [DuplicateAction::KeepFirst, DuplicateAction::MergeBlanks, DuplicateAction::KeepAll]
    {
        let mut options = options();
        options.duplicates.action = action;
        let done = normalize(&file_of(&rows), &options).expect("a table");
        assert_eq!(lost(&done, &rows), None, "{action:?}");
    }
}

/// Found by the property above, too: a cell of marks alone, in the column of the website.
#[test]
fn a_website_of_marks_alone_is_told_of() {
    for marks in ["\"\"", "\"", "()", "/", ".", "://", "<>"] {
        let file = file_of(&[["", "", "ada@x.com", "", "", "", marks].map(str::to_owned).to_vec()]);
        let texts = texts_of(&normalize(&file, &options()).expect("a table"), 1);
        assert!(texts.contains(marks), "{marks}: {texts}");
    }
}

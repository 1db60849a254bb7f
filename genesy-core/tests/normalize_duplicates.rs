//! The same lead twice in a file: found by address or phone, kept, merged or left out by policy.

use genesy_core::csv::normalize::{
    Action, DuplicateAction, DuplicateKey, Issue, IssueCode, Lead, Normalized, Normalizer, Options,
    Outcome, normalize,
};

fn options(key: DuplicateKey, action: DuplicateAction) -> Options {
    let mut options = Options::default();
    options.duplicates.key = key;
    options.duplicates.action = action;
    options
}

fn read(file: &str, key: DuplicateKey, action: DuplicateAction) -> Normalized {
    normalize(file.as_bytes(), &options(key, action)).expect("a table")
}

/// Which row repeats which, as the issues say it.
fn repeats(done: &Normalized) -> Vec<(u64, u64, IssueCode)> {
    let is_duplicate = |issue: &&Issue| issue.same_as_row.is_some();
    let repeat = |issue: &Issue| (issue.row, issue.same_as_row.unwrap_or(0), issue.code);
    done.issues.iter().filter(is_duplicate).map(repeat).collect()
}

fn address(lead: &Lead) -> &str {
    lead.email.as_ref().expect("an address").as_str()
}

const CASES: &str = "email,company,phone\n\
    Ada@Example.com,Acme,\n\
    bob@example.com,Bob Ltd,\n\
    ada@example.COM,Acme,\n\
    \"\"\"ada\"\"@example.com\",Acme,\n\
    carol@münchen.example,Carol,\n\
    carol@xn--mnchen-3ya.example,Carol,\n\
    ada+news@example.com,Acme,\n";

#[test]
fn the_same_mailbox_written_differently_is_the_same_lead() {
    let done = read(CASES, DuplicateKey::Email, DuplicateAction::KeepFirst);
    let by_email = IssueCode::DuplicateEmail;
    assert_eq!(repeats(&done), [(3, 1, by_email), (4, 1, by_email), (6, 5, by_email)]);
    let kept: Vec<_> = done.leads.iter().map(|lead| (lead.row, address(lead))).collect();
    let first = [
        (1, "Ada@Example.com"),
        (2, "bob@example.com"),
        (5, "carol@münchen.example"),
        (7, "ada+news@example.com"),
    ];
    assert_eq!(kept, first);
    assert_eq!((done.summary.duplicates, done.summary.leads(), done.summary.rows), (3, 4, 7));
    assert_eq!(done.rejected, []);
}

#[test]
fn a_stream_names_the_row_that_is_repeated() {
    let mut normalizer =
        Normalizer::from_slice(CASES.as_bytes(), Options::default()).expect("a table");
    let mut outcomes = Vec::new();
    while let Some(row) = normalizer.next_row() {
        outcomes.push(row.outcome);
    }
    assert_eq!(outcomes[2], Outcome::Duplicate { of_row: 1 });
    assert_eq!(outcomes[5], Outcome::Duplicate { of_row: 5 });
    assert_eq!(outcomes[6], Outcome::Imported);
}

#[test]
fn every_row_is_kept_on_request_and_says_what_it_repeats() {
    let done = read(CASES, DuplicateKey::Email, DuplicateAction::KeepAll);
    assert_eq!(done.leads.len(), 7);
    assert_eq!((done.summary.leads(), done.summary.duplicates), (7, 0));
    assert_eq!(repeats(&done).len(), 3);
    let actions = done.issues.iter().filter(|i| i.code == IssueCode::DuplicateEmail);
    assert!(actions.clone().count() == 3 && actions.clone().all(|i| i.action == Action::Kept));
}

#[test]
fn a_row_known_by_the_phone_of_a_merged_row_is_merged_into_the_same_lead() {
    let file = "email,phone,first name,company,title\n\
        a@x.com,,,,\n\
        a@x.com,+34 600 123 456,,,\n\
        ,+34 600 123 456,Ada,Acme,Engineer\n";
    let done = read(file, DuplicateKey::EmailOrPhone, DuplicateAction::MergeBlanks);
    let (email, phone) = (IssueCode::DuplicateEmail, IssueCode::DuplicatePhone);
    assert_eq!(repeats(&done), [(2, 1, email), (3, 1, phone)], "a row that is a lead");
    let [lead] = &done.leads[..] else { panic!("one lead, not {}", done.leads.len()) };
    assert_eq!(
        lead.first_name.as_ref().map(|name| name.as_str()),
        Some("Ada"),
        "nothing of the third row is lost"
    );
    assert!(lead.company_name.is_some() && lead.job_title.is_some() && lead.phone.is_some());
}

#[test]
fn nothing_is_looked_for_on_request() {
    let done = read(CASES, DuplicateKey::Nothing, DuplicateAction::KeepFirst);
    assert_eq!((done.leads.len(), repeats(&done).len()), (7, 0));
}

#[test]
fn blanks_are_filled_from_later_rows_and_nothing_is_overwritten() {
    let file = "email,first_name,company,country,phone,notes,years_in_role,job_title\n\
        ada@example.com,Ada,,,,met in May,,\n\
        bob@example.com,Bob,Bob Ltd,FR,,,,\n\
        ADA@example.com,Adelaide,Acme,ES,+34 612 345 678,met in June,3,\n\
        ada@example.com,,Other,FR,,,,CTO\n";
    let done = read(file, DuplicateKey::Email, DuplicateAction::MergeBlanks);
    assert_eq!(done.leads.len(), 2);
    let ada = &done.leads[0];
    let text = |text: &Option<genesy_core::csv::normalize::Text>| {
        text.as_ref().map(|text| text.as_str().to_owned())
    };
    assert_eq!((ada.row, address(ada)), (1, "ada@example.com"));
    assert_eq!(text(&ada.first_name).as_deref(), Some("Ada"));
    assert_eq!(text(&ada.company_name).as_deref(), Some("Acme"));
    assert_eq!(text(&ada.job_title).as_deref(), Some("CTO"));
    assert_eq!(ada.country.map(|country| country.alpha2()), Some("ES"));
    assert_eq!(ada.years_in_role, Some(3.0));
    assert_eq!(ada.phone.as_ref().map(|phone| phone.valid), Some(true));
    assert_eq!(ada.extra.len(), 1);
    assert_eq!(ada.extra[0].text.as_str(), "met in May");
    assert_eq!(
        repeats(&done).iter().map(|&(row, of, _)| (row, of)).collect::<Vec<_>>(),
        [(3, 1), (4, 1)]
    );
}

#[test]
fn merging_takes_further_addresses_and_numbers_too() {
    let file = "email,work email,phone,company\n\
        ada@example.com,,+34 612 345 678,Acme\n\
        ada@example.com,ada@acme.example,+34 612 345 679,Acme\n";
    let done = read(file, DuplicateKey::Email, DuplicateAction::MergeBlanks);
    let lead = &done.leads[0];
    let others: Vec<_> = lead.other_emails.iter().map(|email| email.as_str()).collect();
    assert_eq!(others, ["ada@acme.example"], "the first row has no further address");
}

#[test]
fn a_phone_tells_where_there_is_no_address() {
    let file = "email,name,company,phone\n\
        ,Ada Lovelace,Acme,+34 612 345 678\n\
        ,Ada Lovelace,Acme,+34 612-34-56-78\n\
        ,Bob Stone,Acme,+34 612 345 678 ext. 9\n\
        eve@acme.example,Eve Stone,Acme,+34 612 345 678\n";
    let done = read(file, DuplicateKey::EmailOrPhone, DuplicateAction::KeepFirst);
    assert_eq!(repeats(&done), [(2, 1, IssueCode::DuplicatePhone)]);
    assert_eq!(done.leads.len(), 3);
    let done = read(file, DuplicateKey::Email, DuplicateAction::KeepFirst);
    assert_eq!((done.leads.len(), repeats(&done).len()), (4, 0));
}

#[test]
fn leads_without_any_key_are_never_the_same() {
    let file = "name,company\nAda Lovelace,Acme\nAda Lovelace,Acme\n";
    let done = read(file, DuplicateKey::EmailOrPhone, DuplicateAction::KeepFirst);
    assert_eq!((done.leads.len(), repeats(&done).len()), (2, 0));
}

#[test]
fn a_rejected_row_is_no_first_one() {
    let mut options = Options::default();
    options.required = genesy_core::csv::normalize::RequiredFields::any_of(vec![vec![
        genesy_core::csv::header::Field::Email,
        genesy_core::csv::header::Field::CompanyName,
    ]]);
    let file = "email,company\nada@example.com,\nada@example.com,Acme\n";
    let done = normalize(file.as_bytes(), &options).expect("a table");
    assert_eq!((done.summary.rejected, done.summary.leads()), (1, 1));
    assert_eq!(done.leads[0].row, 2);
}

#[test]
fn the_seed_changes_nothing_that_can_be_seen() {
    let rows: String = (0..3000).map(|n| format!("user{}@example.com,Co\n", n % 1000)).collect();
    let file = format!("email,company\n{rows}");
    let with_seed = |seed| {
        let mut options = Options::default();
        options.duplicates.seed = seed;
        normalize(file.as_bytes(), &options).expect("a table")
    };
    let done = with_seed(0);
    assert_eq!((done.summary.leads(), done.summary.duplicates), (1000, 2000));
    assert!(repeats(&done).iter().all(|&(row, of, _)| of == (row - 1) % 1000 + 1));
    assert_eq!(with_seed(0xDEAD_BEEF), done);
}

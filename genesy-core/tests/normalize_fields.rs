//! What becomes of single fields, and of rows that lack them.

use genesy_core::country::Country;
use genesy_core::csv::dialect::{HeaderOption, MarkOption};
use genesy_core::csv::encoding::Encoding;
use genesy_core::csv::header::Field;
use genesy_core::csv::normalize::{
    Action, DuplicateKey, IssueCode, Lead, Normalized, Options, RequiredFields, Text, normalize,
};

fn read(file: &str) -> Normalized {
    read_with(file, &Options::default())
}

fn read_with(file: &str, options: &Options) -> Normalized {
    normalize(file.as_bytes(), options).expect("a table")
}

fn text(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(Text::as_str)
}

fn names(lead: &Lead) -> (Option<&str>, Option<&str>) {
    (text(&lead.first_name), text(&lead.last_name))
}

fn emails(lead: &Lead) -> Vec<&str> {
    lead.email.iter().chain(&lead.other_emails).map(|email| email.as_str()).collect()
}

fn phones(lead: &Lead) -> Vec<&str> {
    let numbers = lead.phone.iter().chain(&lead.other_phones);
    numbers.filter_map(|phone| phone.e164.as_ref()).map(|e164| e164.reveal().as_str()).collect()
}

fn codes(done: &Normalized) -> Vec<(u64, Option<usize>, IssueCode)> {
    done.issues.iter().map(|issue| (issue.row, issue.column, issue.code)).collect()
}

#[test]
fn by_default_a_lead_needs_an_address_or_a_name_with_a_company() {
    let done = read(
        "email,first_name,last_name,company,company website,country\n\
         ada@example.com,,,,,\n\
         ,Ada,,Acme,,\n\
         ,,Lovelace,,acme.com,\n\
         ,Ada,Lovelace,,,ES\n\
         ,,,Acme,acme.com,\n\
         not an address,,,,,\n",
    );
    assert_eq!(done.leads.iter().map(|lead| lead.row).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(done.rejected.iter().map(|row| row.row).collect::<Vec<_>>(), [4, 5, 6]);
    let missing = done.issues.iter().filter(|i| i.code == IssueCode::MissingRequired);
    assert!(
        missing.clone().count() == 3 && missing.clone().all(|i| i.action == Action::RowRejected)
    );
    assert_eq!((done.summary.rejected, done.summary.leads()), (3, 3));
    let cells: Vec<_> = done.rejected[0].cells.iter().map(Text::as_str).collect();
    assert_eq!(cells, ["", "Ada", "Lovelace", "", "", "ES"]);
}

#[test]
fn what_is_required_is_a_policy() {
    let file = "email,phone,country\nada@example.com,,ES\n,+34 612 345 678,ES\n,,XXX\n";
    let rows = |required| {
        let mut options = Options::default();
        options.required = required;
        let done = read_with(file, &options);
        done.leads.iter().map(|lead| lead.row).collect::<Vec<_>>()
    };
    assert_eq!(rows(RequiredFields::default()), [1]);
    assert_eq!(rows(RequiredFields::any_of(vec![vec![Field::Phone]])), [2]);
    assert_eq!(rows(RequiredFields::any_of(vec![vec![Field::Country]])), [1, 2]);
    assert_eq!(rows(RequiredFields::nothing()), [1, 2, 3]);
}

#[test]
fn blank_lines_and_blank_rows_are_no_leads() {
    let done = read(
        "email,company,country\nada@example.com,Acme,ES\n\n   \n,,\n , ,\t\n\nbob@example.com,B,FR\n\n",
    );
    assert_eq!((done.summary.rows, done.summary.leads(), done.summary.rejected), (2, 2, 0));
    assert_eq!(done.summary.blank, 6);
    assert_eq!(done.leads.iter().map(|lead| lead.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(codes(&done), []);
}

#[test]
fn blank_lines_below_the_header_are_counted_too() {
    let done = read("email,company\n\n   \nada@example.com,Acme\nbob@example.com,B\n");
    assert_eq!((done.summary.rows, done.summary.blank), (2, 2));
}

#[test]
fn a_row_of_no_break_spaces_is_blank_too() {
    let done = read("email,company\nada@example.com,Acme\n\u{A0},\u{A0}\nbob@example.com,Bo\n");
    assert_eq!((done.summary.rows, done.summary.blank, done.summary.rejected), (2, 1, 0));
}

#[test]
fn of_several_values_in_a_cell_the_first_is_taken_and_the_rest_kept() {
    let done = read(
        "email,phone,company\n\
         ada@example.com; ada@acme.com / a.l@acme.com,+34 612 345 678 / +34 612 345 679,Acme\n\
         \"bob@example.com, bob@bob.com\",+33 1 42 68 53 00; +33 6 12 34 56 78,Bob\n",
    );
    assert_eq!(emails(&done.leads[0]), ["ada@example.com", "ada@acme.com", "a.l@acme.com"]);
    assert_eq!(phones(&done.leads[0]), ["+34612345678", "+34612345679"]);
    assert_eq!(emails(&done.leads[1]), ["bob@example.com", "bob@bob.com"]);
    assert_eq!(phones(&done.leads[1]), ["+33142685300", "+33612345678"]);
    let several: Vec<_> = codes(&done)
        .into_iter()
        .filter(|(_, _, code)| code.as_str().ends_with("several"))
        .collect();
    assert_eq!(
        several,
        [
            (1, Some(0), IssueCode::EmailSeveral),
            (1, Some(1), IssueCode::PhoneSeveral),
            (2, Some(0), IssueCode::EmailSeveral),
            (2, Some(1), IssueCode::PhoneSeveral),
        ]
    );
}

#[test]
fn several_columns_of_one_field_are_read_in_their_order() {
    let done = read(
        "Email,Email 2,Mobile Phone,Work Phone,Company\n\
         ada@example.com,ada@acme.com,+34 612 345 678,+34 912 345 678,Acme\n\
         ,bob@bob.com,,+34 912 345 679,Bob\n",
    );
    assert_eq!(emails(&done.leads[0]), ["ada@example.com", "ada@acme.com"]);
    assert_eq!(phones(&done.leads[0]), ["+34612345678", "+34912345678"]);
    assert_eq!(emails(&done.leads[1]), ["bob@bob.com"]);
    assert_eq!(phones(&done.leads[1]), ["+34912345679"]);
}

#[test]
fn placeholders_are_no_values() {
    let done = read(
        "email,first_name,company,job title,website,phone,country\n\
         ada@example.com,-,N/A,null,n/a,N/A,ES\n\
         bob@example.com,Null,Nashville Ltd,#N/A,bob.com,-,FR\n",
    );
    let lead = &done.leads[0];
    assert_eq!(names(lead), (None, None));
    assert_eq!((text(&lead.company_name), text(&lead.job_title)), (None, None));
    assert!(lead.company_website.is_none() && phones(lead).is_empty());
    assert_eq!(text(&done.leads[1].company_name), Some("Nashville Ltd"));
    let emptied = done.issues.iter().filter(|i| i.code == IssueCode::PlaceholderEmptied);
    let raws: Vec<_> = emptied.filter(|i| i.row == 1).map(|i| i.raw.reveal().as_str()).collect();
    assert_eq!(raws.len(), 5, "{raws:?}");
    assert_eq!(done.summary.imported, 2, "nothing that was there is lost");
}

#[test]
fn placeholders_of_a_single_byte_encoding_are_no_values() {
    let mut file = b"email,first name,job title,company\n".to_vec();
    for row in 0..40 {
        file.extend(format!("u{row}@example.com,").bytes());
        file.extend(b"\x97,\xA0-,\x96 \n");
    }
    let mut options = Options::default();
    options.encoding = Some(Encoding::Windows1252);
    let done = normalize(&file, &options).expect("a table");
    for lead in &done.leads {
        assert_eq!([&lead.first_name, &lead.job_title, &lead.company_name], [&None, &None, &None]);
    }
    assert_eq!(done.summary.issues[&IssueCode::PlaceholderEmptied], 3 * 40);
}

#[test]
fn quotes_of_any_kind_are_undoubled_before_a_cell_is_read() {
    for (quote, header, row) in [
        (b'3', "Email", "3u33er@33.com3"),
        (b'/', "Job title", "/n//a/"),
        (b'1', "Years in role", "1111"),
        (b'-', "Last name", "------"),
    ] {
        let mut options = Options::default();
        options.dialect.quote = MarkOption::Byte(quote);
        options.dialect.header = HeaderOption::Rows(1);
        options.required = RequiredFields::nothing();
        options.duplicates.key = DuplicateKey::Nothing;
        // The rows at the end of a file are read one by one, those before them together.
        let file = format!("{header},Notes\n{}", format!("{row},Hello\n").repeat(40));
        let done = read_with(&file, &options);
        let (first, last) = (&done.leads[0], &done.leads[39]);
        let mut same = first.clone();
        same.row = last.row;
        assert_eq!(same, *last, "{header}");
        let domains =
            [first, last].map(|lead| lead.email.as_ref().map(|e| e.as_address().domain()));
        assert_eq!(domains[0], domains[1], "{header}");
    }
}

#[test]
fn names_that_look_like_placeholders_are_names() {
    let done = read(
        "first_name,last_name,company,email\n\
         Na,Null,None Ltd,na@example.com\nNil,Nan,Test GmbH,nil@example.com\n",
    );
    assert_eq!(text(&done.leads[0].first_name), Some("Na"));
    assert_eq!(names(&done.leads[1]), (Some("Nil"), Some("Nan")));
}

#[test]
fn full_names_are_split_unless_the_parts_are_there() {
    let done = read(
        "full name,email\nAda Lovelace,a@example.com\n\"Lovelace, Ada\",b@example.com\n\
         Jan van der Berg,c@example.com\nMadonna,d@example.com\n",
    );
    assert_eq!(names(&done.leads[0]), (Some("Ada"), Some("Lovelace")));
    assert_eq!(names(&done.leads[1]), (Some("Ada"), Some("Lovelace")));
    assert_eq!(names(&done.leads[2]), (Some("Jan"), Some("van der Berg")));
    assert_eq!(codes(&done), [(4, Some(0), IssueCode::NameSplitDoubt)]);
    let done = read("first name,last name,full name,email\nAda,King,Ada Lovelace,a@example.com\n");
    assert_eq!(names(&done.leads[0]), (Some("Ada"), Some("King")));
}

#[test]
fn years_in_role_are_numbers() {
    let file = "email,yearsInRole\na@x.com,3\nb@x.com,\"2,5\"\nc@x.com,18 months\nd@x.com,10+\n\
        e@x.com,6 years\nf@x.com,five\ng@x.com,\nh@x.com,-1\ni@x.com,4 Jahre\nj@x.com,1.5\n";
    let done = read(file);
    let years: Vec<_> = done.leads.iter().map(|lead| lead.years_in_role).collect();
    let expected = [
        Some(3.0),
        Some(2.5),
        Some(1.5),
        Some(10.0),
        Some(6.0),
        None,
        None,
        None,
        Some(4.0),
        Some(1.5),
    ];
    assert_eq!(years, expected);
    let bad = [(6, Some(1), IssueCode::YearsInvalid), (8, Some(1), IssueCode::YearsInvalid)];
    assert_eq!(codes(&done), bad);
    assert_eq!(done.issues[0].raw.reveal(), "five");
}

#[test]
fn years_in_role_are_read_in_the_languages_that_headers_are_known_in() {
    for (cells, expected) in [
        (["5 лет", "2 года", "7 лет", "1 год"], [5.0, 2.0, 7.0, 1.0]),
        (["4 let", "2 roky", "9 let", "1 rok"], [4.0, 2.0, 9.0, 1.0]),
        (["3 年", "12 年", "3 年", "8 年"], [3.0, 12.0, 3.0, 8.0]),
        (["1 yr 3 mos", "6 mos", "2 yrs", "65"], [1.25, 0.5, 2.0, 65.0]),
    ] {
        let mut file = "email,yearsInRole\n".to_owned();
        for (cell, name) in cells.iter().zip(["ada", "bob", "eve", "joe"]) {
            file.push_str(&format!("{name}@x.com,{cell}\n"));
        }
        let done = read(&file);
        let years: Vec<_> = done.leads.iter().map(|lead| lead.years_in_role).collect();
        assert_eq!(years, expected.map(Some), "{cells:?}");
        assert_eq!(codes(&done), []);
    }
}

#[test]
fn national_numbers_are_read_by_the_lead_s_country_then_the_default() {
    let file = "email,country,phone\na@x.com,ES,612 345 678\nb@x.com,,0171 2345678\n\
        c@x.com,FR,+49 171 2345678\n";
    let done = read(file);
    assert_eq!(phones(&done.leads[0]), ["+34612345678"]);
    assert_eq!(phones(&done.leads[1]), [""; 0]);
    assert!(codes(&done).contains(&(2, Some(2), IssueCode::PhoneNoRegion)));
    assert_eq!(phones(&done.leads[2]), ["+491712345678"]);
    let kept = done.leads[1].phone.as_ref().expect("kept as text");
    assert_eq!(kept.raw.reveal(), "0171 2345678");
    let mut options = Options::default();
    options.default_country = Country::from_alpha2("DE");
    let done = read_with(file, &options);
    assert_eq!(phones(&done.leads[0]), ["+34612345678"], "the lead's own country wins");
    assert_eq!(phones(&done.leads[1]), ["+491712345678"]);
}

#[test]
fn extensions_are_kept_beside_the_number() {
    let done = read("email,phone,country\na@x.com,+1-648-901-1274x3620,US\n");
    let phone = done.leads[0].phone.as_ref().expect("a number");
    assert_eq!(phone.e164.as_ref().map(|e164| e164.reveal().as_str()), Some("+16489011274"));
    assert_eq!(phone.extension.as_ref().map(|digits| digits.reveal().as_str()), Some("3620"));
    assert_eq!(phone.raw.reveal(), "+1-648-901-1274x3620");
}

#[test]
fn a_website_is_a_company_s_own() {
    let done = read(
        "email,company website\na@x.com,https://www.Example.co.uk/about?x=1\nb@x.com,gmail.com\n\
         c@x.com,not a site\nd@x.com,\n",
    );
    let site = done.leads[0].company_website.as_ref().expect("a website");
    assert_eq!(site.registrable_domain(), "example.co.uk");
    assert!(done.leads[1].company_website.is_none() && done.leads[2].company_website.is_none());
    let bad = [(2, Some(1), IssueCode::WebsiteFreeMail), (3, Some(1), IssueCode::WebsiteInvalid)];
    assert_eq!(codes(&done), bad);
}

#[test]
fn a_page_on_another_s_host_is_no_company_s_website() {
    let done = read(
        "name,company,website,email\nAna Paz,Bar Sol,https://www.facebook.com/barsol,ana@barsol.es\n\
         Bea Gil,Bar Luna,instagram.com/barluna/,bea@gmail.com\nCal Roe,Facebook,facebook.com,c@fb.com\n",
    );
    assert!(done.leads[0].company_website.is_none() && done.leads[1].company_website.is_none());
    let own = done.leads[2].company_website.as_ref().expect("its own people have it");
    assert_eq!(own.registrable_domain(), "facebook.com");
    let elsewhere = |row| (row, Some(2), IssueCode::WebsiteElsewhere);
    assert_eq!(codes(&done), [elsewhere(1), elsewhere(2)]);
}

#[test]
fn what_can_be_dialled_comes_first() {
    let done = read(
        "Email,Phone Number,Mobile Phone Number,Country\na@x.com,ask reception,+34 612 345 678,ES\n\
         b@x.com,12345,+34 612 345 678,ES\nc@x.com,+34 612 345 678,+34 912 345 678,ES\n\
         d@x.com,+34 612 345 678 ::: +34 912 345 678,,ES\n",
    );
    let first = |row: usize| phones(&done.leads[row])[0];
    assert!((0..4).all(|row| first(row) == "+34612345678"), "{:?}", codes(&done));
    assert_eq!(phones(&done.leads[2]), ["+34612345678", "+34912345678"], "in their order");
    assert_eq!(phones(&done.leads[3]), ["+34612345678", "+34912345678"]);
    let unread = &done.leads[0].other_phones[0];
    assert_eq!((unread.raw.reveal().as_str(), &unread.e164), ("ask reception", &None));
}

#[test]
fn of_several_numbers_a_bad_first_one_is_told_as_well() {
    let done = read("email,phone\na@x.com,+1 648 901 1274 / +34 612 345 678\n");
    let told = [IssueCode::PhoneSeveral, IssueCode::PhoneInvalid].map(|code| (1, Some(1), code));
    assert_eq!(codes(&done), told);
}

#[test]
fn a_contract_is_no_name() {
    for name in ["Contract", "Contrato", "Contratto"] {
        let done = read(&format!("Email,Company,{name}\na@x.com,Acme,Annual plan\n"));
        assert_eq!(names(&done.leads[0]), (None, None), "{name}");
    }
}

#[test]
fn a_linkedin_cell_is_a_person_s_profile() {
    let done = read(
        "email,LinkedIn\na@x.com,https://www.linkedin.com/in/ada\n\
         b@x.com,https://www.linkedin.com/company/acme\n",
    );
    assert_eq!(text(&done.leads[0].linkedin_url), Some("https://www.linkedin.com/in/ada"));
    assert_eq!(text(&done.leads[1].linkedin_url), None);
    assert_eq!(codes(&done), [(2, Some(1), IssueCode::LinkedinInvalid)]);
}

#[test]
fn short_rows_are_leads_and_are_reported() {
    let done = read(
        "email,company,country,notes\na@x.com,Acme\nb@x.com,Bob,FR,note\nc@x.com\n\
         d@x.com,D,ES,\n",
    );
    assert_eq!(done.summary.leads(), 4);
    let short = [(1, None, IssueCode::RowTooShort), (3, None, IssueCode::RowTooShort)];
    assert_eq!(codes(&done), short);
}

#[test]
fn one_long_row_is_reported_alone_and_nothing_of_it_is_dropped() {
    let rows: String = (0..20).map(|n| format!("user{n}@x.com,Co,ES,note\n")).collect();
    let file = format!("email,company,country,notes\n{rows}b@x.com,Bob,FR,note,more,and more\n");
    let done = read(&file);
    assert_eq!(done.summary.leads(), 21);
    let extra: Vec<_> =
        done.leads[20].extra.iter().map(|cell| (cell.column, cell.text.as_str())).collect();
    assert_eq!(extra, [(3, "note"), (4, "more"), (5, "and more")]);
    assert_eq!(codes(&done), [(21, None, IssueCode::RowTooLong)]);
}

#[test]
fn a_long_row_behind_the_sample_is_reported_and_kept_too() {
    let rows: String = (0..300).map(|n| format!("user{n}@x.com,Co,ES,note\n")).collect();
    let file = format!("email,company,country,notes\n{rows}b@x.com,Bob,FR,note,more,,and more\n");
    let done = read(&file);
    let extra: Vec<_> =
        done.leads[300].extra.iter().map(|cell| (cell.column, cell.text.as_str())).collect();
    assert_eq!(extra, [(3, "note"), (4, "more"), (6, "and more")]);
    assert_eq!(codes(&done), [(301, None, IssueCode::RowTooLong)]);
}

#[test]
fn columns_that_are_no_field_are_kept_beside_the_lead() {
    let done = read("email,Shoe size,Favourite colour,city\na@x.com,42,,Berlin\n");
    let extra: Vec<_> =
        done.leads[0].extra.iter().map(|cell| (cell.column, cell.text.as_str())).collect();
    assert_eq!(extra, [(1, "42"), (3, "Berlin")]);
}

#[test]
fn an_invalid_address_empties_the_cell_and_keeps_the_lead() {
    let done = read("email,name,company\nzoe(at)x.com,Zoe Stone,Acme\na@@x.com,Ann Lee,Acme\n");
    assert_eq!(done.summary.imported_with_cells_emptied, 2);
    assert_eq!(
        codes(&done),
        [(1, Some(0), IssueCode::EmailInvalid), (2, Some(0), IssueCode::EmailInvalid)]
    );
    assert_eq!(done.issues[0].raw.reveal(), "zoe(at)x.com");
    let done = read("email,company\nAda Lovelace <ada@x.com>,Acme\nmailto:bob@x.com,Bob\n");
    assert_eq!(emails(&done.leads[0]), ["ada@x.com"]);
    assert_eq!(emails(&done.leads[1]), ["bob@x.com"]);
    assert_eq!(done.summary.imported, 2);
}

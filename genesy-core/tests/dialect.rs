//! The sniffer's behaviour: one topic per test, on small files written here.

use genesy_core::csv::dialect::{
    Delimiter, DialectOptions, HeaderOption, LineEnd, MarkOption, Sniffed, sniff,
};

fn sniffed(text: &str) -> Sniffed {
    sniff(text.as_bytes(), true, &DialectOptions::default())
}

/// Four rows under a header, joined by `delimiter`.
fn table(delimiter: &str) -> String {
    let rows = [
        ["name", "email", "city", "joined"],
        ["Ann O'Brien", "ann@example.com", "Paris", "2024-01-02"],
        ["Bob Li", "bob@example.org", "New York", "2023-11-30"],
        ["Zoë Kern", "", "Wien", "2024-05-06"],
        ["Li Na", "li@example.net", "", "2022-07-08"],
    ];
    rows.map(|row| row.join(delimiter)).join("\n")
}

#[test]
fn every_delimiter_is_found() {
    let delimiters = [
        ",", ";", "\t", "|", "^", "~", ":", ", ", "; ", " | ", "||", "::", ";;", "|~|", "\t\t",
        "@@", "$$", "##", "#", "*", "&", "!", "%",
    ];
    for delimiter in delimiters {
        let found = sniffed(&table(delimiter));
        assert_eq!(found.dialect.delimiter.as_bytes(), delimiter.as_bytes(), "{delimiter:?}");
        assert_eq!((found.width, found.header_rows), (4, 1), "{delimiter:?}");
    }
}

#[test]
fn spaces_separate_columns_of_values() {
    let found = sniffed("id count share\n1 20 0.5\n2 30 0.25\n3 44 0.1\n");
    assert_eq!((found.dialect.delimiter.as_bytes(), found.width), (&b" "[..], 3));
}

#[test]
fn words_in_a_list_are_no_columns() {
    let found = sniffed("Full Name\nAnn Smith\nBob Jones\nMary Poppins\n");
    assert_eq!((found.dialect.delimiter, found.width), (Delimiter::COMMA, 1));
}

#[test]
fn a_list_of_addresses_has_one_column_and_no_header() {
    let found = sniffed("ann@example.com\nbob@example.org\nzoe@example.net\n");
    assert_eq!((found.dialect.delimiter, found.width), (Delimiter::COMMA, 1));
    assert_eq!(found.header_rows, 0);
}

#[test]
fn decimal_commas_stay_in_a_semicolon_file() {
    let found = sniffed("amount;share;total\n1,5;0,25;3,75\n2,5;0,50;4,00\n3,1;0,10;9,99\n");
    assert_eq!((found.dialect.delimiter, found.width), (Delimiter::SEMICOLON, 3));
}

#[test]
fn text_full_of_commas_stays_in_a_tab_file() {
    let text =
        "name\tnote\tjob\nSmith, Ann\tHi, there, you\tVP, Sales\nLi, Bo\tYes, no\tCEO, Founder\n";
    assert_eq!(sniffed(text).dialect.delimiter, Delimiter::TAB);
}

#[test]
fn joined_values_in_a_cell_are_no_delimiter() {
    let text =
        "email,tags,site\na@x.com,x;y;z,https://a.example\nb@x.com,x;z;q,https://b.example\n";
    assert_eq!((sniffed(text).dialect.delimiter, sniffed(text).width), (Delimiter::COMMA, 3));
}

#[test]
fn a_space_after_some_commas_is_no_part_of_the_delimiter() {
    let found = sniffed("duration,rate\n7, .01138\n9, .01138\n13, .01138\n14, .02\n");
    assert_eq!((found.dialect.delimiter, found.header_rows), (Delimiter::COMMA, 1));
}

#[test]
fn apostrophes_in_names_are_no_quotes() {
    let text = "name,city\nO'Brien,L'Aquila\nD'Angelo,Paris\n'Abd al-Rahman,Cairo\n";
    assert_ne!(sniffed(text).dialect.quote, Some(b'\''));
}

#[test]
fn single_quotes_that_enclose_cells_are_quotes() {
    let text = "'name','city'\n'O''Brien','Paris, TX'\n'Smith','Rome'\n";
    let found = sniffed(text);
    assert_eq!((found.dialect.quote, found.width), (Some(b'\''), 2));
}

#[test]
fn inch_marks_are_text() {
    let text = "size\titem\n5\" wide\tpipe\n12\" wide\tpipe\n7\" wide\tvalve\n";
    assert_eq!(sniffed(text).dialect.quote, None);
}

#[test]
fn backslash_escapes_are_found_and_doubled_quotes_are_not_mistaken_for_them() {
    let escaped = "name,note\nAnn,\"say \\\"hi\\\", please\"\nBob,\"a \\\"b\\\", c\"\n";
    assert_eq!(sniffed(escaped).dialect.escape, Some(b'\\'));
    let doubled = "name,note\nAnn,\"say \"\"hi\"\", please\"\nBob,\"C:\\dir\\\"\nCy,\"\"\n";
    assert_eq!(sniffed(doubled).dialect.escape, None);
}

#[test]
fn line_breaks_inside_quotes_do_not_end_rows() {
    let text = "name,note,city\nAnn,\"one\ntwo, three\nfour\",Paris\nBob,\"five\n\nsix\",Rome\n";
    let found = sniffed(text);
    assert_eq!((found.width, found.evidence.rows), (3, 3));
}

#[test]
fn a_quote_that_is_never_closed_costs_one_row() {
    let mut text = String::from("name,city,note\n");
    for row in 0..20 {
        let open = if row == 5 { "\"" } else { "" };
        text += &format!("{open}Name{row},Paris,\"a, b\"\n");
    }
    let found = sniffed(&text);
    assert_eq!((found.dialect.quote, found.width), (Some(b'"'), 3));
    assert!(found.evidence.rows >= 20, "{} rows", found.evidence.rows);
}

#[test]
fn line_ends_are_told_apart() {
    let lines = ["id,name", "1,Ann", "2,Bob"];
    assert_eq!(sniffed(&lines.join("\n")).dialect.line_end, LineEnd::Lf);
    assert_eq!(sniffed(&lines.join("\r\n")).dialect.line_end, LineEnd::CrLf);
    assert_eq!(sniffed(&lines.join("\r")).dialect.line_end, LineEnd::Cr);
    assert_eq!(sniffed("id,name\n1,Ann\r\n2,Bob\n").dialect.line_end, LineEnd::Mixed);
}

#[test]
fn ragged_rows_and_trailing_delimiters_keep_the_delimiter() {
    let text = "id;name;city\n1;Ann;Rome;\n2;Bob;Wien;\n3;Cy\n4;Di;Oslo;\n";
    assert_eq!(sniffed(text).dialect.delimiter, Delimiter::SEMICOLON);
}

#[test]
fn the_sep_line_is_obeyed_and_skipped() {
    let found = sniffed("sep=;\nname;email\nAnn, B;ann@example.com\n");
    assert!(found.sep_line);
    assert_eq!(found.dialect.delimiter, Delimiter::SEMICOLON);
    assert_eq!((found.preamble.lines, found.table_start), (1, 6));
}

#[test]
fn an_empty_sample_gives_the_defaults() {
    for text in ["", "\n\n\r\n", "   "] {
        let found = sniffed(text);
        assert_eq!(found.dialect.delimiter, Delimiter::COMMA, "{text:?}");
        assert_eq!((found.confidence, found.header_rows), (0.0, 0), "{text:?}");
    }
}

#[test]
fn forced_options_win() {
    let mut options = DialectOptions::default();
    options.delimiter = Some(Delimiter::PIPE);
    options.quote = MarkOption::None;
    options.escape = MarkOption::Byte(b'\\');
    options.header = HeaderOption::Rows(2);
    options.skip_lines = Some(1);
    let found = sniff(b"x\na,b|c\nd,e|f\n1,2|3\n", true, &options);
    assert_eq!(found.dialect.delimiter, Delimiter::PIPE);
    assert_eq!((found.dialect.quote, found.dialect.escape), (None, Some(b'\\')));
    assert_eq!((found.header_rows, found.preamble.lines, found.body_start), (2, 1, 14));
}

#[test]
fn sniffed_survives_json() {
    let found = sniffed(&table("|~|"));
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Sniffed>(&json).unwrap(), found);
}

#[test]
fn a_cell_that_needs_its_quotes_outweighs_marks_in_odd_places() {
    let sample =
        b"name;role;notes\nAlan;Head of \"Hut 8\";\nEva;\"Boss;a\nZoe;Buyer;x\nTom;Clerk;y\n\
        Ana;\"Sales\n lead\";\"says \"\"hi\"\"; often\"\n";
    let sniffed = sniff(sample, true, &DialectOptions::default());
    assert_eq!(sniffed.dialect.quote, Some(b'"'));
    let inches = b"name;size\nPipe;3\"\nRod;5\"\nTube;9\"\n";
    assert_eq!(sniff(inches, true, &DialectOptions::default()).dialect.quote, None);
}

#[test]
fn a_space_separates_a_column_of_values_from_words() {
    for text in [
        "Count City Age Date First\n20 Oslo 40 2022-04-06 Maria\n",
        "amount city first\n35.26 Oslo Ann\n36.69 Rome Bob\n51.17 Wien Cy\n",
        "Weight Waist Pulse\n191 36 50\n189 37 52\n193 38 58\n",
    ] {
        let found = sniffed(text);
        assert_eq!(found.dialect.delimiter.as_bytes(), b" ", "{text} {found:?}");
        assert_eq!(found.header_rows, 1, "{text}");
    }
    for list in [
        "Address\n12 Main Street\n34 Oak Avenue\n56 Elm Road\n",
        "Mobile phone number\n555 123 4567\n555 234 5678\n555 345 6789\n",
    ] {
        assert_eq!(sniffed(list).width, 1, "{list}");
    }
}

#[test]
fn comments_among_the_rows_are_in_no_dialect() {
    let text = "# a list, of leads\nid,name,email\n# first; second\n1,Ann,ann@example.com\n\
                # third\n# and fourth\n2,Bob,bob@example.com\n";
    let found = sniffed(text);
    assert_eq!((found.dialect.delimiter, found.width), (Delimiter::COMMA, 3));
    assert_eq!((found.header_rows, found.preamble.lines), (1, 1));
}

#[test]
fn short_rows_do_not_make_a_list_of_a_table() {
    for text in ["a,b,c\n1\n4,5,6\n", "test1,test2\n#testing\n1,2\n"] {
        assert_eq!(sniffed(text).dialect.delimiter, Delimiter::COMMA, "{text}");
        assert!(sniffed(text).width > 1, "{text}");
    }
}

#[test]
fn cells_and_rows_longer_than_the_first_look_are_read() {
    let long = "Word, and word. ".repeat(900);
    let text = format!("about,status\n\"{long}\",new\n\"{long}\",old\n\"short\",old\n");
    let found = sniffed(&text);
    assert_eq!((found.dialect.delimiter, found.width), (Delimiter::COMMA, 2));
    assert_eq!((found.dialect.quote, found.header_rows), (Some(b'"'), 1));
    let row = |value: &str| vec![value; 2_400].join(",") + "\n";
    let wide = format!("{}{}{}", row("column"), row("12.5"), row("13.5"));
    let found = sniffed(&wide);
    assert_eq!((found.dialect.delimiter, found.width), (Delimiter::COMMA, 2_400));
    assert_eq!(found.header_rows, 1);
}

#[test]
fn a_few_quoted_cells_outweigh_one_that_is_never_closed() {
    let mut text = String::from("id;name;city\n");
    for row in 0..60 {
        text += &match row {
            7 => format!("{row};\"Acme &C .;Rome\n"),
            20 | 40 => format!("{row};\"Acme {row}\";Rome\n"),
            _ => format!("{row};Acme {row};Rome\n"),
        };
    }
    assert_eq!(sniffed(&text).dialect.quote, Some(b'"'));
    let text = "id;site;city\n1;https://a.example;Rome\n\"2;https://b.example;Oslo\n\
                3;\"https://c.example/?q=a;b\";Wien\n4;https://d.example;Paris\n";
    assert_eq!(sniffed(text).dialect.quote, Some(b'"'));
}

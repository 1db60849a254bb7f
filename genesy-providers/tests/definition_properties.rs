//! What holds of any lead and of any text that is read as a definition.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use genesy_core::waterfall::{LeadField, LeadInputs};
use genesy_providers::definition::{Body, Definition, DefinitionError};
use proptest::prelude::*;
use proptest::sample::Index;

const FILE: &str = "providers/mutated.toml";

const BUILT_IN: [&str; 3] = [
    include_str!("../src/definition/built_in/orion_connect.toml"),
    include_str!("../src/definition/built_in/astra_dialer.toml"),
    include_str!("../src/definition/built_in/nimbus_lookup.toml"),
];

const SENDS_ALL: &str = r#"
id = "a"
timeout_ms = 1
[request]
method = "POST"
base_url = "https://api.example.com/v1"
path = "{email}/-{full_name}./{company_name}{job_title}/%2e{last_name}"
query = { a = "{email}", b = "{full_name}?", c = "{country?}" }
headers = { x-a = "{email}" }
body.json = { a = "{email}", b = ["{full_name}", { c = "{country?}" }] }
[auth]
place = "none"
[response]
phone = ["/phone"]
"#;

/// Texts with much in them that means something in an address.
fn text() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "/", "?", "#", "..", ".", "%2f", "%2e", "%", "\n", "\r", "\t", "\\", "@", ":", "//", "&",
        "=", "+", " ", "é", "日本", "\u{0}", "\u{202e}", "{email}", "a",
    ]);
    prop_oneof![
        3 => prop::collection::vec(parts, 1..8).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

/// A change to a text of bytes.
#[derive(Debug, Clone)]
enum Change {
    Delete(Index, usize),
    Duplicate(Index, usize),
    Replace(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = || {
        let telling = b"{}[]\"'=.\n#\\0123456789-_?~/:%,tf".to_vec();
        prop_oneof![
            prop::collection::vec(any::<u8>(), 1..4),
            prop::sample::select(telling).prop_map(|byte| vec![byte]),
        ]
    };
    prop_oneof![
        (any::<Index>(), 1..40usize).prop_map(|(at, len)| Change::Delete(at, len)),
        (any::<Index>(), 1..200usize).prop_map(|(at, len)| Change::Duplicate(at, len)),
        (any::<Index>(), bytes()).prop_map(|(at, bytes)| Change::Replace(at, bytes)),
        (any::<Index>(), bytes()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
    ]
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>) {
        let span = |at: &Index, len: usize| {
            let start = at.index(text.len() + 1);
            start..(start + len).min(text.len())
        };
        let (range, new) = match self {
            Self::Delete(at, len) => (span(at, *len), Vec::new()),
            Self::Duplicate(at, len) => {
                let range = span(at, *len);
                (range.start..range.start, text[range].to_vec())
            }
            Self::Replace(at, bytes) => (span(at, bytes.len()), bytes.clone()),
            Self::Insert(at, bytes) => (span(at, 0), bytes.clone()),
        };
        text.splice(range, new);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    })]

    #[test]
    fn what_a_lead_says_never_leaves_its_place(
        texts in prop::collection::vec(text(), LeadField::ALL.len()),
    ) {
        let definition = Definition::parse(SENDS_ALL, "all.toml").unwrap();
        let request = definition.request;
        let mut lead = LeadInputs::default();
        LeadField::ALL.iter().copied().zip(&texts).for_each(|(field, text)| lead.set(field, text));
        let said = |field| lead.get(field).unwrap_or_default();
        if let Body::Json(body) = &request.body {
            let body = body.render(&lead);
            prop_assert_eq!(body["a"].as_str(), lead.get(LeadField::Email));
        }
        let Some(url) = request.url(&request.base_url, &lead) else { return Ok(()) };
        prop_assert_eq!(url.host_str(), Some("api.example.com"));
        prop_assert_eq!((url.scheme(), url.port(), url.fragment()), ("https", None, None));
        prop_assert_eq!((url.username(), url.password()), ("", None));
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 5, "{}", url);
        prop_assert_eq!(segments[0], "v1");
        let expected = [
            said(LeadField::Email).to_owned(),
            format!("-{}.", said(LeadField::FullName)),
            format!("{}{}", said(LeadField::CompanyName), said(LeadField::JobTitle)),
            format!(".{}", said(LeadField::LastName)),
        ];
        for (segment, expected) in segments[1..].iter().zip(expected) {
            prop_assert_eq!(decoded(segment), expected.into_bytes());
        }
        let mut expected = vec![
            ("a", said(LeadField::Email).to_owned()),
            ("b", format!("{}?", said(LeadField::FullName))),
        ];
        expected.extend(lead.get(LeadField::Country).map(|text| ("c", text.to_owned())));
        let pairs: Vec<_> = url.query_pairs().collect();
        prop_assert_eq!(pairs.len(), expected.len());
        for ((name, value), expected) in pairs.iter().zip(&expected) {
            prop_assert_eq!((name.as_ref(), value.as_ref()), (expected.0, expected.1.as_str()));
        }
    }

    #[test]
    fn any_change_gives_a_definition_or_an_error_that_says_where(
        which in 0..BUILT_IN.len(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut bytes = BUILT_IN[which].as_bytes().to_vec();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.split('\n').count();
        if let Err(error) = Definition::parse(&text, FILE) {
            prop_assert!(error.to_string().starts_with(FILE), "{}", error);
            prop_assert!(error.to_string().len() < 1000, "{}", error);
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
            let DefinitionError::Wrong { line, found, expected, .. } = error else {
                panic!("nothing but the text was read")
            };
            prop_assert!((1..=lines).contains(&line));
            prop_assert!(!found.is_empty() && !expected.is_empty());
        }
    }
}

#[test]
fn deep_nesting_ends_in_an_error() {
    let dotted = vec!["a"; 30_000].join(".");
    let inline = format!("{}1{}", "{a=".repeat(5_000), "}".repeat(5_000));
    let arrays = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let level = vec!["a"; 79].join(".");
    let mixed = format!("{}1{}", format!("{{{level}=").repeat(70), "}".repeat(70));
    for text in [
        format!("{dotted} = 1"),
        format!("[{dotted}]"),
        format!("a = {inline}"),
        format!("a = {arrays}"),
        format!("[{level}]\na = {mixed}"),
    ] {
        let error = Definition::parse(&text, FILE).unwrap_err();
        assert!(error.to_string().len() < 1000, "{error}");
    }
}

/// The bytes that a segment stands for.
fn decoded(segment: &str) -> Vec<u8> {
    let mut parts = segment.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    bytes
}

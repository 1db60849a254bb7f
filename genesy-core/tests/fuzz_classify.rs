//! What no reply may break, whatever its codes and its text are.

#![cfg(feature = "verification")]

use genesy_core::verification::classify::{Command, Meaning, classify, source};
use genesy_core::verification::reply::{EnhancedCode, Keywords, Reply};
use proptest::prelude::*;

fn any_command() -> impl Strategy<Value = Command> {
    prop::sample::select(vec![
        Command::Greeting,
        Command::Hello,
        Command::StartTls,
        Command::Mail,
        Command::Recipient,
    ])
}

fn any_enhanced() -> impl Strategy<Value = Option<EnhancedCode>> {
    let class = prop::sample::select(vec![2_u8, 4, 5]);
    let detail = prop_oneof![4 => 0..30_u16, 1 => 0..=999_u16];
    prop::option::of(
        (class, 0..=8_u16, detail)
            .prop_map(|(class, subject, detail)| EnhancedCode::new(class, subject, detail)),
    )
}

/// Words of real replies in any order, and noise.
fn any_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        9 => prop::sample::select(vec![
            "User unknown", "no such user", "mailbox", "does not exist", "is disabled", "please try <b@example.org>",
            "has moved", "domain does not accept mail", "blocked", "spamhaus", "sender", "quota", "Greylisted",
            "in 300 seconds", "if", "unknown", "recipient", "<ada@example.com>:", "address rejected", "5.7.1",
            "Requested action not taken: mailbox unavailable", "Recipient address rejected: Access denied",
            "AS(201806281)", "[x.eop.prod.protection.outlook.com]", "is locked", "due to inactivity", "header",
            "all recipients are invalid", "not local address", "host", "...",
            "not", "no", "nobody", "n't", "found", "known", "here", "by that name", "exists", "existiert", "nicht", "user",
            "Recepient", "unkown", "maibox", "invlaid",
            "try again later", ".", ";", "\u{7528}\u{6237}", "\u{4e0d}\u{5b58}\u{5728}", "\u{fffd}", "@", "ada", "example.com",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn fuzz_classify_never_breaks_the_rules(
        command in any_command(),
        code in prop_oneof![200..=599_u16, 400..=599_u16],
        enhanced in any_enhanced(),
        text in any_text(),
        recipient in prop::option::of(prop::sample::select(vec!["ada@example.com", "", "@", "user@b"])),
    ) {
        let reply = Reply { code, enhanced, keywords: Keywords::default(), text: &text };
        let found = classify(command, &reply, recipient);
        prop_assert!(source(found.rule).is_some(), "{} has no source", found.rule);
        prop_assert_eq!(found.meaning == Meaning::Accepted, reply.is_positive());
        if found.meaning.is_undeliverable() {
            prop_assert!(reply.is_permanent() && command == Command::Recipient);
            prop_assert!(enhanced.is_none_or(|code| code.subject != 7 && code.class == 5));
            // A mailbox is, whoever asks.
            let words = text.to_lowercase().replace("blocked due to inactivity", "");
            let against = ["blocked", "spamhaus", "sender", "quota", "greylisted", "5.7.1", "later"];
            prop_assert!(against.iter().all(|word| !words.contains(word)), "{}", text);
        }
        if let Meaning::Greylisted { retry_after_s } = found.meaning {
            prop_assert!(retry_after_s.is_none_or(|seconds| seconds > 0));
        }
        prop_assert_eq!(classify(command, &reply, recipient), found, "it is a function");
    }

    #[test]
    fn fuzz_classify_without_words_is_by_the_enhanced_code(code in 500..=599_u16, enhanced in any_enhanced()) {
        let reply = Reply { code, enhanced, keywords: Keywords::default(), text: "" };
        let found = classify(Command::Recipient, &reply, Some("ada@example.com")).meaning;
        let says_so = enhanced.is_some_and(|code| {
            code.class == 5 && matches!((code.subject, code.detail), (1, 1 | 2 | 3 | 10) | (2, 1))
        });
        prop_assert!(says_so || !found.is_undeliverable());
    }
}

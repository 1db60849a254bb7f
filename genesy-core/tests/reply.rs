//! Replies are read as servers send them, and what is no reply ends in a defined state.

#![cfg(feature = "verification")]

use genesy_core::verification::reply::{
    EnhancedCode, Keyword, Keywords, LINE_OCTETS_MAX, LINES_MAX, REPLY_OCTETS_MAX, ReplyError,
    ReplyReader, TEXT_BYTES_MAX,
};

/// Code, enhanced code and text of every reply in `bytes`, or its error.
fn all(bytes: &[u8]) -> Vec<Result<(u16, String, String), ReplyError>> {
    let mut reader = ReplyReader::default();
    let mut rest = bytes;
    let mut found = Vec::new();
    while let Some(result) = reader.read(&mut rest) {
        found.push(result.map(|reply| {
            let enhanced = reply.enhanced.map(|code| code.to_string()).unwrap_or_default();
            (reply.code, enhanced, reply.text.to_owned())
        }));
    }
    assert!(rest.is_empty());
    found
}

fn reply(code: u16, enhanced: &str, text: &str) -> Result<(u16, String, String), ReplyError> {
    Ok((code, enhanced.to_owned(), text.to_owned()))
}

#[test]
fn one_line() {
    for (bytes, expected) in [
        ("250 2.1.5 Ok\r\n", reply(250, "2.1.5", "Ok")),
        ("250 ok\n", reply(250, "", "ok")),
        ("250\r\n", reply(250, "", "")),
        ("250 \r\n", reply(250, "", "")),
        ("550 5.1.1\r\n", reply(550, "5.1.1", "")),
        ("550 #5.1.0 Address rejected.\r\n", reply(550, "5.1.0", "Address rejected.")),
        ("550  a \t b\rc \r\n", reply(550, "", "a b c")),
        ("354 go\r\n", reply(354, "", "go")),
    ] {
        assert_eq!(all(bytes.as_bytes()), [expected], "{bytes:?}");
    }
}

#[test]
fn several_lines() {
    for (bytes, expected) in [
        (
            "550-5.1.1 No\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n",
            reply(550, "5.1.1", "No such user"),
        ),
        ("550-one\r\n550-\r\n550\r\n", reply(550, "", "one")),
        ("550-one\n550 5.7.1 two\n", reply(550, "5.7.1", "one two")),
        ("550-5.1.1 one\n550 5.7.1 two\n", reply(550, "5.1.1", "one 5.7.1 two")),
        // Gmail breaks its lines in the middle of a sentence.
        ("550-5.1.1 does not\r\n550 5.1.1 exist.\r\n", reply(550, "5.1.1", "does not exist.")),
        ("\r\n550-one\r\n\r\n550 two\r\n", reply(550, "", "one two")),
    ] {
        assert_eq!(all(bytes.as_bytes()), [expected], "{bytes:?}");
    }
    assert_eq!(
        all(b"220 a\r\n250-b\r\n250 c\r\n250 d\r\n"),
        [reply(220, "", "a"), reply(250, "", "b c"), reply(250, "", "d")]
    );
}

#[test]
fn the_code_of_the_last_line_counts() {
    let bytes = b"250-2.0.0 mx.example.com\r\n250-STARTTLS\r\n421 4.3.2 closing\r\n";
    assert_eq!(all(bytes), [reply(421, "4.3.2", "closing")]);
    let mut reader = ReplyReader::default();
    let reply = reader.read(&mut bytes.as_slice()).expect("whole").expect("well formed");
    assert_eq!(reply.keywords, Keywords::default());
}

#[test]
fn keywords_are_found_however_long_the_text_is() {
    let long = format!("250-{}\r\n", "x".repeat(TEXT_BYTES_MAX * 2));
    let bytes = format!(
        "250-mx.example.com STARTTLS\r\n{long}250-size 10\r\n250-Pipelining\r\n250 8BITMIME\r\n"
    );
    let mut reader = ReplyReader::default();
    let reply = reader.read(&mut bytes.as_bytes()).expect("whole").expect("well formed");
    assert_eq!(reply.keywords, Keywords::of(&[Keyword::Pipelining, Keyword::EightBitMime]));
    // The first line names the server.
    let first =
        reader.read(&mut b"250 STARTTLS\r\n".as_slice()).expect("whole").expect("well formed");
    assert_eq!(first.keywords, Keywords::default());
}

#[test]
fn what_is_no_reply() {
    for bytes in [
        "HTTP/1.1 400 Bad Request\r\n",
        "199 x\r\n",
        "600 x\r\n",
        "25\r\n",
        "250x\r\n",
        "250_x\r\n",
        " 250 x\r\n",
        "\u{feff}250 x\r\n",
        "-\r\n",
        "250-a\r\ngarbage\r\n",
        "250\tx\r\n",
    ] {
        assert_eq!(all(bytes.as_bytes()), [Err(ReplyError::Malformed)], "{bytes:?}");
    }
    // What comes behind is read as if nothing had been.
    assert_eq!(
        all(b"250-a\r\ngarbage\r\n250 ok\r\n"),
        [Err(ReplyError::Malformed), reply(250, "", "ok")]
    );
}

#[test]
fn limits() {
    let longest = format!("250 {}\r\n", "x".repeat(LINE_OCTETS_MAX - 4));
    let whole = all(longest.as_bytes());
    assert_eq!(whole, [reply(250, "", &"x".repeat(TEXT_BYTES_MAX))]);
    let longer = format!("250 {}", "x".repeat(LINE_OCTETS_MAX));
    assert_eq!(all(longer.as_bytes())[0], Err(ReplyError::TooLong));
    assert_eq!(all(longest.replace('\r', "x").as_bytes()).len(), 1);

    let lines = "250-x\r\n".repeat(usize::from(LINES_MAX));
    assert_eq!(all(lines.as_bytes()), []);
    assert_eq!(all(format!("{lines}250 x\r\n").as_bytes()), [Err(ReplyError::TooLong)]);
    let empty = "\r\n".repeat(usize::from(LINES_MAX) + 1);
    assert_eq!(all(empty.as_bytes()), [Err(ReplyError::TooLong)], "empty lines count");

    let long = format!("250-{}\r\n", "x".repeat(2000));
    let octets = long.repeat(REPLY_OCTETS_MAX / long.len() + 1);
    assert_eq!(all(octets.as_bytes()), [Err(ReplyError::TooLong)]);
}

#[test]
fn between_replies_it_is_stored_as_null() {
    let mut reader = ReplyReader::default();
    assert_eq!(serde_json::to_string(&reader).expect("JSON"), "null");
    assert!(!reader.is_within_reply());
    let mut bytes = b"550-5.1.1 ada@example.com is\r\n550 5.1".as_slice();
    assert!(reader.read(&mut bytes).is_none() && reader.is_within_reply());
    let shown = format!("{reader:?}");
    assert!(!shown.contains("ada"), "{shown}");

    let stored = serde_json::to_string(&reader).expect("JSON");
    let mut elsewhere: ReplyReader = serde_json::from_str(&stored).expect("the same");
    assert!(elsewhere == reader);
    for reader in [&mut reader, &mut elsewhere] {
        let reply =
            reader.read(&mut b".1 unknown\r\n".as_slice()).expect("whole").expect("well formed");
        assert_eq!((reply.code, reply.enhanced), (550, Some(EnhancedCode::new(5, 1, 1))));
        assert_eq!(reply.text, "ada@example.com is unknown");
        assert!(!format!("{reply:?}").contains("ada"));
        assert_eq!(serde_json::to_string(reader).expect("JSON"), "null");
    }
}

#[test]
fn any_stored_state_is_taken_up_without_a_panic() {
    let stored = format!(
        r#"{{"code":7,"text":"{}","lines":65535,"octets":18446744073709551615,"line":"{}","line_octets":18446744073709551615}}"#,
        "x".repeat(TEXT_BYTES_MAX * 2),
        "0".repeat(LINE_OCTETS_MAX * 2)
    );
    let mut reader: ReplyReader = serde_json::from_str(&stored).expect("a state");
    let mut bytes = b"250 x\r\n250 y\r\n".as_slice();
    while reader.read(&mut bytes).is_some() {}
    assert!(!reader.is_within_reply());
}

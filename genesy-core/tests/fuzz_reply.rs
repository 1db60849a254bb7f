//! Any bytes in any pieces: the same replies as in one piece, within the limits.

#![cfg(feature = "verification")]

use genesy_core::verification::classify::{Command, classify};
use genesy_core::verification::reply::{
    LINE_OCTETS_MAX, REPLY_OCTETS_MAX, ReplyError, ReplyReader, TEXT_BYTES_MAX,
};
use proptest::prelude::*;

/// Bytes of a stored reader at most: two letters and a comma, or four, for one octet.
const STORED_BYTES_MAX: usize = 8 * 1024;

type Read = Vec<Result<(u16, Option<String>, String, String), ReplyError>>;

/// Reads all of `bytes` into `read`.
fn read_all(reader: &mut ReplyReader, mut bytes: &[u8], read: &mut Read) {
    loop {
        let left = bytes.len();
        let Some(result) = reader.read(&mut bytes) else { break };
        assert!(bytes.len() < left, "it goes on");
        read.push(result.map(|reply| {
            assert!((200..=599).contains(&reply.code) && reply.text.len() <= TEXT_BYTES_MAX);
            assert!(!reply.text.contains("  ") && !reply.text.contains(char::is_control));
            assert_eq!(reply.text.trim(), reply.text);
            let _ = reply.fingerprint("ada@example.com");
            let _ = classify(Command::Recipient, &reply, Some("ada@example.com"));
            let enhanced = reply.enhanced.map(|code| code.to_string());
            (reply.code, enhanced, format!("{:?}", reply.keywords), reply.text.to_owned())
        }));
    }
    assert!(bytes.is_empty());
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "250 ", "250-", "550 5.1.1 ", "550-5.1.1 ", "421-", "5.7.1 ", "STARTTLS", "8bitmime ",
            "x", " ", "\t", "<ada@example.com>", "\u{e9}\u{2028}",
        ]).prop_map(|part| part.as_bytes().to_vec()),
        4 => prop::sample::select(vec!["\r\n", "\n", "\r", "\n\n"])
            .prop_map(|part| part.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..12),
        1 => (any::<u8>(), 1..LINE_OCTETS_MAX * 3 / 2).prop_map(|(octet, count)| vec![octet; count]),
        1 => (1..300_usize).prop_map(|count| b"250-x\r\n".repeat(count)),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn fuzz_reply_in_pieces_is_the_reply_in_one(
        bytes in any_bytes(),
        sizes in prop::collection::vec((1..700_usize, any::<bool>()), 1..20),
    ) {
        let mut in_one = Read::new();
        let mut whole = ReplyReader::default();
        read_all(&mut whole, &bytes, &mut in_one);

        let (mut in_pieces, mut reader) = (Read::new(), ReplyReader::default());
        let mut rest = bytes.as_slice();
        for (size, is_stored) in sizes.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*size));
            read_all(&mut reader, piece, &mut in_pieces);
            rest = after;
            if *is_stored {
                let stored = serde_json::to_string(&reader).expect("JSON");
                prop_assert!(stored.len() <= STORED_BYTES_MAX, "{} bytes", stored.len());
                reader = serde_json::from_str(&stored).expect("the same");
            }
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(in_pieces, in_one);
        prop_assert!(reader == whole);
    }

    #[test]
    fn fuzz_reply_byte_by_byte(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut in_one, mut in_pieces) = (Read::new(), Read::new());
        read_all(&mut ReplyReader::default(), &bytes, &mut in_one);
        let mut reader = ReplyReader::default();
        for byte in &bytes {
            read_all(&mut reader, std::slice::from_ref(byte), &mut in_pieces);
        }
        prop_assert_eq!(in_pieces, in_one);
    }

    #[test]
    fn fuzz_reply_without_end_is_given_up(line in "2[0-9]{2}-[ -~]{0,80}\r\n") {
        let mut reader = ReplyReader::default();
        let octets_max = REPLY_OCTETS_MAX + line.len();
        let lines = octets_max / line.len() + 1;
        let given_up = (0..lines).any(|_| reader.read(&mut line.as_bytes()) == Some(Err(ReplyError::TooLong)));
        prop_assert!(given_up);
    }
}

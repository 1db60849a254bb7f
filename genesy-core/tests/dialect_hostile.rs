//! Whatever the bytes are: an answer, the same each time, within the sample.

use genesy_core::csv::dialect::{Delimiter, DialectOptions, MarkOption, sniff};
use proptest::prelude::*;

fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b",;|\t\"'\\\r\n: ^~#=".to_vec()),
        4 => prop::sample::select(b"abz09.@-".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..1_500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_forced_dialect_is_respected(sample in csv_like(), quote: u8, skip in 0_usize..9) {
        let mut options = DialectOptions::default();
        options.delimiter = Some(Delimiter::SEMICOLON);
        options.quote = MarkOption::Byte(quote);
        options.escape = MarkOption::None;
        options.skip_lines = Some(skip);
        let dialect = sniff(&sample, true, &options).dialect;
        prop_assert_eq!(dialect.delimiter, Delimiter::SEMICOLON);
        prop_assert_eq!((dialect.quote, dialect.escape), (Some(quote), None));
    }
}

#[test]
fn large_samples_of_one_shape_are_no_trouble() {
    let shapes: [&[u8]; 8] =
        [b"x", b",", b"\"", b"\n", b"\",\n", b"\"a\n,", b"a,\"", b"a\\\",'b'|;\t"];
    for shape in shapes {
        let sample = shape.repeat((1 << 20) / shape.len());
        let found = sniff(&sample, true, &DialectOptions::default());
        assert!(found.body_start <= sample.len());
    }
}

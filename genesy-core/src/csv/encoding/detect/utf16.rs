//! UTF-16 without a byte order mark.

use super::Encoding;

/// Bytes that are looked at.
const SAMPLE_BYTES_MAX: usize = 16 * 1024;

/// The byte order of `sample`, if it reads as UTF-16: with units whose high byte is zero, and units
/// looked at.
///
/// Every file has ASCII characters, at the least its delimiters and line ends, and each puts a zero
/// byte on the same side. Read the right way round, the units are characters of text.
pub(in crate::csv::encoding) fn looks_like_utf16(
    sample: &[u8],
) -> Option<(Encoding, usize, usize)> {
    let start = &sample[..sample.len().min(SAMPLE_BYTES_MAX)];
    memchr::memchr(0, start)?;
    let little = Units::count(start, u16::from_le_bytes);
    let big = Units::count(start, u16::from_be_bytes);
    let (encoding, units) = match (little.is_text(), big.is_text()) {
        (true, true) if little.ascii >= big.ascii => (Encoding::Utf16Le, little),
        (true, false) => (Encoding::Utf16Le, little),
        (_, true) => (Encoding::Utf16Be, big),
        (false, false) => return None,
    };
    Some((encoding, units.zero_high, units.all))
}

#[derive(Debug, Default)]
struct Units {
    all: usize,
    /// High byte zero.
    zero_high: usize,
    /// Printable ASCII, tabs and line ends.
    ascii: usize,
    /// Both bytes are printable ASCII: what single-byte text looks like in pairs.
    ascii_pairs: usize,
    /// Control characters, noncharacters, private use and lone surrogates.
    odd: usize,
}

impl Units {
    fn count(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Self {
        let mut units = Self::default();
        let mut after_high_surrogate = false;
        for pair in bytes.chunks_exact(2) {
            let unit = read([pair[0], pair[1]]);
            units.all += 1;
            units.zero_high += usize::from(unit < 0x100);
            units.ascii += usize::from(matches!(unit, 0x20..=0x7E | 0x09 | 0x0A | 0x0D));
            units.ascii_pairs += usize::from(pair.iter().all(|byte| matches!(byte, 0x20..=0x7E)));
            let is_low = matches!(unit, 0xDC00..=0xDFFF);
            let is_odd = matches!(
                unit,
                0..=0x08 | 0x0B | 0x0E..=0x1F | 0x7F..=0x9F | 0xE000..=0xF8FF | 0xFFFE | 0xFFFF
            );
            units.odd += usize::from(is_odd || is_low != after_high_surrogate);
            after_high_surrogate = matches!(unit, 0xD800..=0xDBFF);
        }
        units
    }

    fn is_text(&self) -> bool {
        self.ascii > 0
            && self.ascii * 50 >= self.all
            && self.odd * 50 <= self.all
            && self.ascii_pairs * 2 <= self.all
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, looks_like_utf16};

    fn order(sample: &[u8]) -> Option<Encoding> {
        looks_like_utf16(sample).map(|(encoding, ..)| encoding)
    }

    #[test]
    fn text_of_any_script_in_both_orders() {
        for text in
            ["name,land\nAda,UK\n", "имя;страна\nИван;Россия\n", "王伟\n李娜\n", "한국,日本\n"]
        {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(order(&little), Some(Encoding::Utf16Le), "{text}");
            assert_eq!(order(&big), Some(Encoding::Utf16Be), "{text}");
        }
    }

    #[test]
    fn stray_zero_bytes_are_not_utf16() {
        assert_eq!(order(b"name,land\nAda\0,UK\nBob,\0DE\n"), None);
        assert_eq!(order(b"\0\0\0\0\0\0"), None);
        assert_eq!(order(b"name,land"), None);
    }
}

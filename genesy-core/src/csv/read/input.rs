//! The bytes a reader works on, and which of them are known to be text.

/// Bytes of a slice that are checked to be UTF-8 at a time.
const TEXT_BYTES: usize = 16 * 1024;

/// The bytes not read yet: a slice of the caller's, or what was fed so far.
#[derive(Debug)]
pub(super) enum Input<'i> {
    /// The whole input, and the part of it that is known to be UTF-8.
    Slice { bytes: &'i [u8], text: &'i str, text_start: usize },
    /// What was fed and is still needed.
    Fed { bytes: FedBytes, is_last: bool },
}

/// What was fed.
#[derive(Debug)]
pub(super) enum FedBytes {
    /// All of it is UTF-8, but for a last character that is not whole yet.
    Text { text: String, unfinished: Vec<u8> },
    /// It is not, or nobody asked.
    Bytes(Vec<u8>),
}

impl<'i> Input<'i> {
    pub(super) const fn slice(bytes: &'i [u8]) -> Self {
        Input::Slice { bytes, text: "", text_start: 0 }
    }

    pub(super) const fn fed() -> Self {
        Input::Fed { bytes: FedBytes::Bytes(Vec::new()), is_last: false }
    }

    /// Finds out which bytes are UTF-8, too: before the first byte.
    pub(super) fn find_text(&mut self) {
        if let Input::Fed { bytes, .. } = self {
            *bytes = FedBytes::Text { text: String::new(), unfinished: Vec::new() };
        }
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Input::Slice { bytes, .. } => bytes,
            Input::Fed { bytes: FedBytes::Text { text, .. }, .. } => text.as_bytes(),
            Input::Fed { bytes: FedBytes::Bytes(bytes), .. } => bytes,
        }
    }

    /// The bytes from `start` to `end` as text, where they are known to be.
    #[inline(always)]
    pub(super) fn text(&self, start: usize, end: usize) -> Option<&str> {
        match self {
            Input::Slice { text, text_start, .. } => {
                text.get(start.wrapping_sub(*text_start)..end.wrapping_sub(*text_start))
            }
            Input::Fed { bytes: FedBytes::Text { text, .. }, .. } => text.get(start..end),
            Input::Fed { bytes: FedBytes::Bytes(_), .. } => None,
        }
    }

    /// The bytes from `start` on, as far as they are known to be text.
    pub(super) fn text_from(&self, start: usize) -> &str {
        let text = match self {
            Input::Slice { text, text_start, .. } => text.get(start.wrapping_sub(*text_start)..),
            Input::Fed { bytes: FedBytes::Text { text, .. }, .. } => text.get(start..),
            Input::Fed { bytes: FedBytes::Bytes(_), .. } => None,
        };
        text.unwrap_or_default()
    }

    /// Whether no more bytes follow.
    pub(super) const fn is_last(&self) -> bool {
        match self {
            Input::Slice { .. } => true,
            Input::Fed { is_last, .. } => *is_last,
        }
    }

    /// Checks a slice's bytes from `start` on, `length` of them at least, where that is not done.
    pub(super) fn check_text(&mut self, start: usize, length: usize) {
        let Input::Slice { bytes, text, text_start } = self else { return };
        let checked_end = *text_start + text.len();
        if *text_start <= start && (start + length).min(bytes.len()) <= checked_end {
            return;
        }
        let rest = &bytes[start..];
        let end = rest.len().min(length.max(TEXT_BYTES));
        // A character that begins before the end is left out if it goes on behind it.
        let is_begin = |byte: &u8| byte & 0xC0 != 0x80;
        let behind = rest[..rest.len().min(end + 1)].iter().rev().take(4).position(is_begin);
        let cut = if end < rest.len() { behind.unwrap_or(0) } else { 0 };
        *text = valid_start(&rest[..end - cut]);
        *text_start = start;
    }
}

/// The text that `bytes` begins with.
fn valid_start(bytes: &[u8]) -> &str {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

impl FedBytes {
    /// Adds a chunk.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let (text, unfinished) = match self {
            Self::Text { text, unfinished } => (text, unfinished),
            Self::Bytes(bytes) => return bytes.extend_from_slice(chunk),
        };
        let before = std::mem::take(unfinished);
        let joined = if before.is_empty() { Vec::new() } else { [&before, chunk].concat() };
        let chunk = if before.is_empty() { chunk } else { &joined };
        let valid = valid_start(chunk);
        text.push_str(valid);
        let rest = &chunk[valid.len()..];
        match std::str::from_utf8(rest) {
            Err(error) if error.error_len().is_some() => *self = Self::no_text(text, rest),
            // Nothing, or the start of a character.
            Ok(_) | Err(_) => unfinished.extend_from_slice(rest),
        }
    }

    /// Adds the text that `decode` appends; says how long it is.
    pub(super) fn push_text(&mut self, decode: impl FnOnce(&mut String)) -> usize {
        match self {
            Self::Text { text, unfinished } if unfinished.is_empty() => {
                let before = text.len();
                decode(text);
                text.len() - before
            }
            Self::Text { .. } | Self::Bytes(_) => {
                let mut text = String::new();
                decode(&mut text);
                self.push(text.as_bytes());
                text.len()
            }
        }
    }

    /// No more bytes follow: a last character that is not whole is no text.
    pub(super) fn finish(&mut self) {
        if let Self::Text { text, unfinished } = self
            && !unfinished.is_empty()
        {
            *self = Self::no_text(text, unfinished);
        }
    }

    /// Takes bytes off the front.
    pub(super) fn drop_front(&mut self, length: usize) {
        match self {
            Self::Bytes(bytes) => drop(bytes.drain(..length)),
            Self::Text { text, .. } if text.is_char_boundary(length) => {
                drop(text.drain(..length));
            }
            // A record that is too long was cut within a character.
            Self::Text { text, unfinished } => {
                *self = Self::no_text(text, unfinished);
                self.drop_front(length);
            }
        }
    }

    /// What was text up to here, and what follows it.
    fn no_text(text: &mut String, rest: &[u8]) -> Self {
        let mut bytes = std::mem::take(text).into_bytes();
        bytes.extend_from_slice(rest);
        Self::Bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FedBytes, Input, TEXT_BYTES};

    proptest! {
        #[test]
        fn fed_bytes_are_the_bytes_that_were_fed(
            pieces in prop::collection::vec(
                prop_oneof![8 => "[a-zé日😀]{0,5}".prop_map(String::into_bytes), 1 => any::<[u8; 2]>().prop_map(Vec::from)],
                0..9,
            ),
            chunk in 1_usize..5,
            front in any::<prop::sample::Index>(),
        ) {
            let all = pieces.concat();
            let mut input = Input::fed();
            input.find_text();
            let Input::Fed { bytes, .. } = &mut input else { unreachable!() };
            all.chunks(chunk).for_each(|chunk| bytes.push(chunk));
            bytes.finish();
            prop_assert_eq!(matches!(bytes, FedBytes::Text { .. }), std::str::from_utf8(&all).is_ok());
            let front = front.index(all.len() + 1);
            bytes.drop_front(front);
            prop_assert_eq!(input.bytes(), &all[front..]);
        }
    }

    #[test]
    fn text_of_a_slice_is_found_up_to_what_is_none() {
        let mut bytes = "é".repeat(TEXT_BYTES).into_bytes();
        let input = |bytes: &[u8], start| {
            let mut input = Input::slice(bytes);
            input.check_text(start, 10);
            let Input::Slice { text, text_start, .. } = input else { unreachable!() };
            assert_eq!(text_start, start);
            text.len()
        };
        assert_eq!(input(&bytes, 0), TEXT_BYTES);
        assert_eq!(input(&bytes, 4), TEXT_BYTES);
        // Within a character there is none.
        assert_eq!(input(&bytes, 5), 0);
        bytes[1000] = b'x';
        assert_eq!(input(&bytes, 0), 1001);
        assert_eq!(input(&bytes[..20], 2), 18);
    }
}

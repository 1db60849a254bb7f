//! The single-byte encodings that text gets read in by mistake.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::codepage::{CP437, CP850, Codec};

/// A single-byte encoding that text gets read in by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// windows-1252. It stands for ISO 8859-1 too: the control characters that are there in place of
    /// its own have their bytes as well.
    Western,
    /// Mac OS Roman.
    MacRoman,
    Cp850,
    Cp437,
}

/// All of them, the commonest first.
pub(crate) const PAGES: [Page; 4] = [Page::Western, Page::MacRoman, Page::Cp850, Page::Cp437];

impl Page {
    const fn codec(self) -> Codec {
        match self {
            Self::Western => Codec::Whatwg(encoding_rs::WINDOWS_1252),
            Self::MacRoman => Codec::Whatwg(encoding_rs::MACINTOSH),
            Self::Cp850 => Codec::CodePage(&CP850),
            Self::Cp437 => Codec::CodePage(&CP437),
        }
    }

    /// The character that `byte` is read as: every byte of the pages is one.
    #[inline]
    pub(crate) fn decode(self, byte: u8) -> char {
        CHARACTERS.read_as[self as usize][usize::from(byte)]
    }

    /// The byte of `character`, if the page has it.
    #[inline]
    pub(crate) fn encode(self, character: char) -> Option<u8> {
        match character {
            '\0'..='\x7F' => Some(character as u8),
            _ => bytes_of(character).map(|bytes| bytes[self as usize]).filter(|&byte| byte != 0),
        }
    }
}

/// A character's bytes in each of [`PAGES`], or 0 where it has none.
pub(crate) type Bytes = [u8; PAGES.len()];

/// The bytes of a character beyond ASCII, if one of the pages has it.
#[inline]
pub(crate) fn bytes_of(character: char) -> Option<Bytes> {
    let Characters { latin, all, .. } = &*CHARACTERS;
    if let Some(bytes) = latin.get((character as usize).wrapping_sub(0x80)) {
        return Some(*bytes).filter(|bytes| *bytes != Bytes::default());
    }
    let found = all.binary_search_by_key(&character, |&(known, _)| known).ok()?;
    Some(all[found].1)
}

/// The characters of the pages.
struct Characters {
    /// By page and byte.
    read_as: [[char; 256]; PAGES.len()],
    /// The bytes of those from U+0080 on, each at its place: nearly all that names have.
    latin: [Bytes; LATIN],
    /// The bytes of all that are not ASCII, sorted.
    all: Vec<(char, Bytes)>,
}

/// Characters that are found without a search: the Latin-1 Supplement and Latin Extended-A.
const LATIN: usize = 0x180 - 0x80;

static CHARACTERS: LazyLock<Characters> = LazyLock::new(|| {
    let mut read_as = [[char::REPLACEMENT_CHARACTER; 256]; PAGES.len()];
    let mut characters = BTreeMap::<char, Bytes>::new();
    for page in PAGES {
        for byte in 0..=u8::MAX {
            let Some(character) = page.codec().decode_byte(byte) else { continue };
            read_as[page as usize][usize::from(byte)] = character;
            if byte >= 0x80 {
                characters.entry(character).or_default()[page as usize] = byte;
            }
            // Read as ISO 8859-1 proper, these bytes became the control characters themselves.
            if page == Page::Western && (0x80..0xA0).contains(&byte) {
                characters.entry(char::from(byte)).or_default()[page as usize] = byte;
            }
        }
    }
    let mut latin = [Bytes::default(); LATIN];
    for (&character, &bytes) in &characters {
        if let Some(place) = latin.get_mut(character as usize - 0x80) {
            *place = bytes;
        }
    }
    Characters { read_as, latin, all: characters.into_iter().collect() }
});

#[cfg(test)]
mod tests {
    use super::{PAGES, Page};

    #[test]
    fn every_byte_is_a_character_and_comes_back() {
        for page in PAGES {
            for byte in 0..=u8::MAX {
                assert_ne!(page.decode(byte), char::REPLACEMENT_CHARACTER, "{page:?} {byte:#x}");
                assert_eq!(page.encode(page.decode(byte)), Some(byte), "{page:?} {byte:#x}");
            }
        }
    }

    #[test]
    fn controls_of_iso_8859_1_have_their_bytes() {
        assert_eq!(Page::Western.encode('\u{96}'), Some(0x96));
        assert_eq!(Page::Western.encode('–'), Some(0x96));
        assert_eq!(Page::MacRoman.encode('\u{96}'), None);
        assert_eq!(Page::Cp850.encode('€'), None);
        assert_eq!(Page::Cp437.encode('日'), None);
    }
}

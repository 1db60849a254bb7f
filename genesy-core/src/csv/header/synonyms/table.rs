//! The lists of `*.txt`, folded, sorted and packed into `table.bin`, which is searched as it is: the first
//! header costs no more than the next.
//!
//! Layout, little-endian: the `u16` numbers of synonyms and of words; an entry for each synonym, sorted by key,
//! and one for each word, sorted; then the strings. An entry says where its string begins in the file (`u32`)
//! and how many bytes it has (`u8`). A synonym's entry begins with its letter set (`u64`) and goes on with the
//! bytes of the line as written, which stands behind the key (`u8`, 0 if it is the key), the role's place in
//! [`ROLES`] with [`WEAK`] (`u8`), and the language's place in [`LANGUAGES`] (`u8`). A word's goes on with its
//! kinds (`u8`).

use super::{Role, WordKinds};
use crate::csv::header::Field;

/// BCP 47 tags; of equal entries the first language is named as the reason.
pub(super) const LANGUAGES: [&str; 23] = [
    "en", "es", "fr", "de", "it", "pt", "nl", "pl", "sv", "da", "nb", "cs", "tr", "ru", "uk", "ja",
    "zh", "ko", "ar", "hu", "ro", "el", "fi",
];

/// The roles by their number in the table: the fields, then the others.
pub(super) const ROLES: [Role; Field::ALL.len() + 3] = {
    let mut roles = [Role::Other; Field::ALL.len() + 3];
    let mut index = 0;
    while index < Field::ALL.len() {
        roles[index] = Role::Field(Field::ALL[index]);
        index += 1;
    }
    roles[index] = Role::Name;
    roles[index + 1] = Role::Content;
    roles
};

/// Added to the role of a weak synonym.
pub(super) const WEAK: u8 = 0x80;

/// The test `write_the_table` writes it.
static TABLE: &[u8] = include_bytes!("table.bin");

pub(super) const COUNTS_BYTES: usize = 4;
pub(super) const SYNONYM_BYTES: usize = 16;
pub(super) const WORD_BYTES: usize = 6;

/// The entries of the synonyms.
pub(super) static SYNONYMS: &[[u8; SYNONYM_BYTES]] =
    TABLE.split_at(COUNTS_BYTES).1.split_at(SYNONYM_BYTES * count(0)).0.as_chunks().0;

/// The entries of the words.
pub(super) static WORDS: &[[u8; WORD_BYTES]] = TABLE
    .split_at(COUNTS_BYTES + SYNONYM_BYTES * count(0))
    .1
    .split_at(WORD_BYTES * count(1))
    .0
    .as_chunks()
    .0;

const fn count(index: usize) -> usize {
    u16::from_le_bytes([TABLE[2 * index], TABLE[2 * index + 1]]) as usize
}

/// One line of a list.
#[derive(Debug, Clone, Copy)]
pub(in crate::csv::header) struct Synonym {
    pub(super) entry: [u8; SYNONYM_BYTES],
}

impl Synonym {
    /// Which letters occur, one bit each (several letters share a bit).
    pub(in crate::csv::header) fn letter_set(self) -> u64 {
        self.entry.first_chunk().map_or(0, |set| u64::from_le_bytes(*set))
    }

    pub(super) fn key_bytes(self) -> &'static [u8] {
        let [.., a, b, c, d, length, _, _, _] = self.entry;
        bytes([a, b, c, d], 0, length)
    }

    /// The folded words run together.
    pub(in crate::csv::header) fn key(self) -> &'static str {
        text(self.key_bytes())
    }

    /// The line as written.
    pub(in crate::csv::header) fn text(self) -> &'static str {
        match self.entry {
            [.., 0, _, _] => self.key(),
            [.., a, b, c, d, key, length, _, _] => text(bytes([a, b, c, d], key, length)),
        }
    }

    pub(in crate::csv::header) fn role(self) -> Role {
        let [.., role, _] = self.entry;
        ROLES.get(usize::from(role & !WEAK)).copied().unwrap_or(Role::Other)
    }

    pub(in crate::csv::header) const fn is_weak(self) -> bool {
        let [.., role, _] = self.entry;
        role & WEAK != 0
    }

    /// BCP 47 tag.
    pub(in crate::csv::header) fn language(self) -> &'static str {
        let [.., language] = self.entry;
        LANGUAGES.get(usize::from(language)).copied().unwrap_or_default()
    }
}

/// The word of an entry, and its kinds.
pub(super) fn word([a, b, c, d, length, kinds]: [u8; WORD_BYTES]) -> (&'static [u8], WordKinds) {
    (bytes([a, b, c, d], 0, length), WordKinds(kinds))
}

fn bytes(start: [u8; 4], skipped: u8, length: u8) -> &'static [u8] {
    let start = u32::from_le_bytes(start) as usize + usize::from(skipped);
    TABLE.get(start..start + usize::from(length)).unwrap_or_default()
}

/// The table holds UTF-8.
pub(super) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

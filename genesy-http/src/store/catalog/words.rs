//! The words of all leads, for the search: each is the beginning of a word of the name, the company or the
//! e-mail address.
//!
//! A search looks through all of it, in some milliseconds for a million leads, so it knows every lead as
//! soon as it is committed, and nothing has to be kept in step on the disk.

use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization;

/// Leads of a block.
pub(super) const BLOCK_LEADS: usize = if cfg!(test) { 16 } else { 1024 };
/// Words of one search at most: those behind them are not looked at.
const WORDS_MAX: usize = 8;
/// What each word begins with.
const START: u8 = b' ';

/// The words of leads, by their slots.
#[derive(Default)]
pub(super) struct Words {
    blocks: Vec<Block>,
}

/// Some leads' words, one lead behind the other.
#[derive(Default)]
struct Block {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Words {
    /// Adds a lead behind all others.
    pub(super) fn push(&mut self, words: &[u8]) {
        if self.blocks.last().is_none_or(|block| block.ends.len() == BLOCK_LEADS) {
            self.blocks.push(Block::default());
        }
        let Some(block) = self.blocks.last_mut() else { return };
        block.text.extend_from_slice(words);
        block.ends.push(index(block.text.len()));
        if block.ends.len() == BLOCK_LEADS {
            block.text.shrink_to_fit();
        }
    }

    /// Gives a lead other words.
    pub(super) fn set(&mut self, slot: usize, words: &[u8]) {
        let Some(block) = self.blocks.get_mut(slot / BLOCK_LEADS) else { return };
        let (start, end) = block.range(slot % BLOCK_LEADS);
        if block.text[start..end] == *words {
            return;
        }
        block.text.splice(start..end, words.iter().copied());
        for other in &mut block.ends[slot % BLOCK_LEADS..] {
            *other = index(*other as usize + words.len() - (end - start));
        }
    }

    /// Gives up the places of those that are not kept.
    pub(super) fn retain(&mut self, mut is_kept: impl FnMut(usize) -> bool) {
        let mut kept = Self::default();
        for (number, block) in std::mem::take(&mut self.blocks).into_iter().enumerate() {
            for place in 0..block.ends.len() {
                if is_kept(number * BLOCK_LEADS + place) {
                    let (start, end) = block.range(place);
                    kept.push(&block.text[start..end]);
                }
            }
        }
        *self = kept;
    }

    /// Whether a search finds a lead.
    pub(super) fn has(&self, search: &Search, slot: usize) -> bool {
        self.blocks.get(slot / BLOCK_LEADS).is_some_and(|block| {
            let (start, end) = block.range(slot % BLOCK_LEADS);
            let words = &block.text[start..end];
            search.finders.iter().all(|finder| finder.find(words).is_some())
        })
    }

    /// Visits the slots of a block that a search finds, in rising order.
    pub(super) fn find(&self, search: &Search, number: usize, mut visit: impl FnMut(usize)) {
        let (Some(block), Some((first, rest))) =
            (self.blocks.get(number), search.finders.split_first())
        else {
            return;
        };
        let (mut at, mut place) = (0, 0);
        while let Some(hit) = first.find(&block.text[at..]) {
            while block.ends[place] as usize <= at + hit {
                place += 1;
            }
            let (start, end) = block.range(place);
            let words = &block.text[start..end];
            if rest.iter().all(|finder| finder.find(words).is_some()) {
                visit(number * BLOCK_LEADS + place);
            }
            at = end;
        }
    }
}

impl Block {
    /// Where the words of a lead are.
    fn range(&self, place: usize) -> (usize, usize) {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        (start as usize, self.ends[place] as usize)
    }
}

/// What is searched for.
pub(super) struct Search {
    finders: Vec<Finder<'static>>,
}

impl Search {
    /// A search for words as people write them; nothing if there is no word in it.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut folded = Vec::new();
        fold(text, &mut folded);
        let mut words: Vec<&[u8]> =
            folded.split(|byte| *byte == START).filter(|word| !word.is_empty()).collect();
        words.truncate(WORDS_MAX);
        // The longest is the rarest, mostly.
        words.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
        words.dedup();
        let finders =
            words.iter().map(|word| Finder::new(&[&[START], *word].concat()).into_owned());
        let finders: Vec<Finder<'static>> = finders.collect();
        (!finders.is_empty()).then_some(Self { finders })
    }
}

/// Adds the words of a text, in lower case and without accents.
pub(super) fn fold(text: &str, words: &mut Vec<u8>) {
    let mut is_within = false;
    if text.is_ascii() {
        for byte in text.bytes() {
            let is_letter = byte.is_ascii_alphanumeric();
            if is_letter && !is_within {
                words.push(START);
            }
            if is_letter {
                words.push(byte.to_ascii_lowercase());
            }
            is_within = is_letter;
        }
        return;
    }
    let mut bytes = [0; 4];
    for character in text.nfkd().flat_map(char::to_lowercase) {
        if is_skipped(character) {
            continue;
        }
        let is_letter = is_letter(character);
        if is_letter && !is_within {
            words.push(START);
        }
        if is_letter {
            match plain(character) {
                Some(plain) => words.extend_from_slice(plain.as_bytes()),
                None => words.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes()),
            }
        }
        is_within = is_letter;
    }
}

/// Accents, points of vowels that people leave out, and what is not seen.
const fn is_skipped(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5BD}' | '\u{640}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}')
}

/// Whether it is part of a word: whatever is no punctuation, so marks of any script and emoji are.
fn is_letter(character: char) -> bool {
    character.is_alphanumeric()
        || !(character.is_whitespace()
            || character.is_control()
            || matches!(character, '\0'..='\u{BF}' | '\u{D7}' | '\u{F7}' | '\u{2000}'..='\u{206F}'
                | '\u{3000}'..='\u{303F}' | '\u{60C}' | '\u{61B}' | '\u{61F}' | '\u{964}' | '\u{965}'))
}

/// How letters are typed that no accent can be taken from.
const fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_LEADS, Search, Words, fold};

    fn is_found(q: &str, text: &str) -> bool {
        let (mut words, mut folded, mut found) = (Words::default(), Vec::new(), Vec::new());
        fold(text, &mut folded);
        words.push(&folded);
        let Some(search) = Search::new(q) else { return false };
        words.find(&search, 0, |slot| found.push(slot));
        found == [0]
    }

    #[test]
    fn words_are_found_as_people_write_them() {
        for (q, text) in [
            ("asa", "Åsa Öberg"),
            ("Öb å", "asa oberg"),
            ("soren", "Søren"),
            ("STRAS", "Straße"),
            ("नाम", "मेरा नाम"),
            ("ना", "मेरा नाम"),
            ("สมชาย", "สมชาย ใจดี"),
            ("محمد", "مُحَمَّد"),
            ("山田", "山田太郎"),
            ("👩‍💻", "Ada 👩‍💻"),
            ("ada@example.com", "<Ada@Example.com>"),
            ("ada \"NEAR(lov*", "near Lovelace, Ada"),
            ("ｅｍａｉｌ", "Email"),
            ("a a ad", "ada"),
        ] {
            assert!(is_found(q, text), "{q} in {text}");
        }
        for (q, text) in [
            ("da", "ada"),
            ("ada x", "ada"),
            ("*", "ada *"),
            ("", "ada"),
            ("म", "नाम"),
            ("adal", "ada l"),
        ] {
            assert!(!is_found(q, text), "{q} in {text}");
        }
        let long = "x".repeat(100_000);
        assert!(is_found(&long, &long) && !is_found(&format!("{long}y"), &long));
    }

    #[test]
    fn leads_keep_their_words_when_others_change() {
        let text = |lead: usize| format!(" lead{lead}x com");
        let mut words = Words::default();
        let leads = 2 * BLOCK_LEADS + 7;
        (0..leads).for_each(|lead| words.push(text(lead).as_bytes()));
        words.set(3, b"");
        words.set(5, b" other");
        words.set(BLOCK_LEADS + 1, b" a longer text than it was");
        let find = |words: &Words, q: &str| {
            let (search, mut found) = (Search::new(q).expect("a word"), Vec::new());
            for block in 0..words.blocks.len() {
                words.find(&search, block, |slot| found.push(slot));
            }
            found
        };
        for lead in (0..leads).filter(|lead| ![3, 5, BLOCK_LEADS + 1].contains(lead)) {
            assert_eq!(find(&words, &format!("lead{lead}x")), [lead]);
        }
        assert_eq!(find(&words, "com").len(), leads - 3);
        assert_eq!(
            (find(&words, "oth"), find(&words, "was long")),
            (vec![5], vec![BLOCK_LEADS + 1])
        );
        words.retain(|slot| slot % 2 == 1);
        assert_eq!(find(&words, &format!("lead{}x", 2 * BLOCK_LEADS - 1)), [BLOCK_LEADS - 1]);
        assert_eq!(find(&words, "com").len(), leads / 2 - 3);
    }
}

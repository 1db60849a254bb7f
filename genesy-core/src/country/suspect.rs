//! Telling quickly whether a cell may be mojibake, and finding what became of a name by it when the
//! case was changed afterwards.
//!
//! A name's UTF-8 bytes, each read as a character, and those characters in capitals: a page maps
//! several bytes to the same capital, so the bytes are gone, but not their *classes*: all bytes that
//! some page takes for the same letter, whatever its case. The key of a name's classes is the same
//! for all pages and cases.

use std::str::Chars;
use std::sync::LazyLock;

use super::fold::{Gapped, Key};
use super::pages::{PAGES, Page};

/// The key of the classes of a name's bytes.
pub fn garbled_key(name: &str) -> Key {
    name.bytes().fold(Key::EMPTY, with_byte)
}

/// What the walk over a cell found out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Suspicion {
    /// Whether the cell may be UTF-8 that was read in the page.
    pub(super) is_utf8: bool,
    /// What `find` said to the first key that it knows.
    pub(super) found: Option<u8>,
}

/// Reads `cell` as UTF-8 that was taken for `page`, in any case; `find` looks keys up.
pub(super) fn read(cell: &str, page: Page, find: &dyn Fn(Key) -> Option<u8>) -> Suspicion {
    let mut walk =
        Walk { page, find, steps: 0, suspicion: Suspicion { is_utf8: false, found: None } };
    walk.on(cell.chars(), START, Key::EMPTY);
    walk.suspicion
}

/// What one look at a cell tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glance {
    /// It may be UTF-8 that was read in some page, in any case.
    pub(super) may_be_utf8: bool,
    /// As [`skeleton_key`](super::fold::skeleton_key) makes it.
    pub(super) skeleton: Key,
}

/// Looks at `cell` once. Nothing where a character outside ASCII is in none of the pages.
pub(super) fn glance(cell: &str) -> Option<Glance> {
    // A byte for each page.
    let mut open = ALL * u32::from(START);
    let glyphs = &*GLYPHS;
    let mut skeleton = Gapped::EMPTY;
    for character in cell.chars() {
        skeleton.add(character, !character.is_ascii());
        if character.is_ascii() {
            // What [`Walk::swallowed`] may make of it, and which ones may be the second of two.
            let (role, is_second) = match character {
                ' ' => (u32::from(role(NO_BREAK_SPACE)), false),
                'S' => (ALL * u32::from(role(NO_BREAK_SPACE) | LEADING), true),
                'F' => (ALL * u32::from(LEADING), false),
                'I' => (ALL * u32::from(LEADING), true),
                'L' => (0, true),
                _ => (0, false),
            };
            let kept = if is_second { open } else { open & ALL };
            open = kept | if role == 0 { 0 } else { after_in_all(open, role) };
        } else {
            let roles = glyphs.of(character)?.roles;
            open = after_in_all(open, u32::from_le_bytes(roles));
        }
    }
    // The last byte may be a no-break space that was trimmed.
    let may_be_utf8 = open & ((ALL * u32::from(START)) | u32::from(ONE_MISSING)) != 0;
    Some(Glance { may_be_utf8, skeleton: skeleton.key })
}

/// One in each byte.
const ALL: u32 = 0x0101_0101;
/// The first byte of two, three or four.
const LEADING: Role = 0b1110;

/// As [`after`], for the four pages at once.
const fn after_in_all(open: u32, roles: u32) -> u32 {
    let continued = (open >> 1) & 0x0707_0707 & ((roles & ALL) * 0xFF);
    let begun = ((open & ALL) * LEADING as u32) & roles;
    continued | begun
}

/// Whether `cell` is written as words are, letters alone and the first one of each a capital.
pub(super) fn is_capitalized(cell: &str) -> bool {
    let mut last = ' ';
    let mut found = false;
    let fits = cell.chars().all(|character| {
        let starts = !last.is_alphabetic();
        last = character;
        found |= starts && character.is_uppercase();
        match (character.is_ascii(), starts) {
            (false, _) if !character.is_alphabetic() => false,
            (_, true) => !character.is_lowercase(),
            (_, false) => !character.is_uppercase(),
        }
    });
    fits && found
}

/// Sets of how many continuation bytes may be missing: bit `n` stands for `n` of them.
type Open = u8;

/// Between characters.
const START: Open = 1;
/// One byte is missing.
const ONE_MISSING: Open = 2;
/// Most characters looked at in all the ways to read a cell.
const STEPS_MAX: u32 = 1_000;

struct Walk<'a> {
    page: Page,
    find: &'a dyn Fn(Key) -> Option<u8>,
    steps: u32,
    suspicion: Suspicion,
}

impl Walk<'_> {
    fn on(&mut self, mut rest: Chars<'_>, mut open: Open, mut key: Key) {
        while let Some(character) = rest.next() {
            self.steps += 1;
            if self.steps > STEPS_MAX || self.suspicion.found.is_some() {
                return;
            }
            if character.is_ascii() {
                self.swallowed(character, &rest, open, key);
                if open & START == 0 {
                    return;
                }
                open = START;
                key = key.with(character.to_ascii_lowercase());
                continue;
            }
            let Some(glyph) = GLYPHS.of(character) else { return };
            let (class, role) =
                (glyph.classes[self.page as usize], glyph.roles[self.page as usize]);
            open = after(open, role);
            if open == 0 {
                return;
            }
            key = key.with(char::from(class));
        }
        if open & START != 0 {
            self.end(key);
        }
        if open & ONE_MISSING != 0 && self.page == Page::Western {
            self.end(with_byte(key, NO_BREAK_SPACE));
        }
    }

    fn end(&mut self, key: Key) {
        self.suspicion.is_utf8 = true;
        self.suspicion.found = self.suspicion.found.or((self.find)(key));
    }

    /// Goes on as if `character` came of a byte whose character a later step made ASCII: a no-break
    /// space made a plain one, or `ß`, `ı` and the ligatures, whose capitals are ASCII.
    fn swallowed(&mut self, character: char, rest: &Chars<'_>, open: Open, key: Key) {
        let mut rest = rest.clone();
        let byte = match character {
            ' ' if self.page == Page::Western => Some(NO_BREAK_SPACE),
            'I' => self.page.encode('ı'),
            'S' | 'F' => rest
                .next()
                .and_then(|next| joined(character, next))
                .and_then(|c| self.page.encode(c)),
            _ => None,
        };
        let Some(byte) = byte else { return };
        let open = after(open, role(byte));
        if open != 0 {
            self.on(rest, open, with_byte(key, byte));
        }
    }
}

/// The character whose capitals are `first` and `second`.
pub(super) const fn joined(first: char, second: char) -> Option<char> {
    match (first, second) {
        ('S', 'S') => Some('ß'),
        ('F', 'I') => Some('ﬁ'),
        ('F', 'L') => Some('ﬂ'),
        _ => None,
    }
}

pub(super) const NO_BREAK_SPACE: u8 = 0xA0;

/// What a byte can be in UTF-8: bit 0 says a continuation byte, bit `n` the first of `n` more.
type Role = u8;

const fn role(byte: u8) -> Role {
    match byte {
        0x80..=0xBF => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 4,
        0xF0..=0xF4 => 8,
        _ => 0,
    }
}

/// The state after one more byte.
const fn after(open: Open, role: Role) -> Open {
    let continued = if role & 1 != 0 { open >> 1 } else { 0 };
    let begun = if open & START != 0 { role & !1 } else { 0 };
    continued | begun
}

fn with_byte(key: Key, byte: u8) -> Key {
    match byte {
        0..0x80 => key.with(char::from(byte.to_ascii_lowercase())),
        _ => key.with(char::from(GLYPHS.classes[usize::from(byte)])),
    }
}

/// What a character may stand for in each page, whatever its case.
#[derive(Clone, Copy, Default)]
struct Glyph {
    roles: [Role; PAGES.len()],
    classes: [u8; PAGES.len()],
}

/// The characters of all pages and their other cases.
struct Glyphs {
    /// The smallest byte of each byte's class.
    classes: [u8; 256],
    /// One more than the position in `glyphs`, for characters from [`FIRST`] on.
    places: Vec<u16>,
    glyphs: Vec<Glyph>,
}

const FIRST: usize = 0x80;
/// The end of the box-drawing characters and geometric shapes: few characters lie beyond it.
const LAST: char = '\u{2600}';

impl Glyphs {
    #[inline]
    fn of(&self, character: char) -> Option<&Glyph> {
        let place = *self.places.get(place(character)?)?;
        self.glyphs.get(usize::from(place).checked_sub(1)?)
    }
}

/// The ligatures and the private character of MacRoman are placed behind the others.
#[inline]
const fn place(character: char) -> Option<usize> {
    match character {
        '\0'..='\x7F' => None,
        '\u{80}'..LAST => Some(character as usize - FIRST),
        '\u{FB01}' => Some(LAST as usize - FIRST),
        '\u{FB02}' => Some(LAST as usize - FIRST + 1),
        '\u{F8FF}' => Some(LAST as usize - FIRST + 2),
        _ => None,
    }
}

static GLYPHS: LazyLock<Glyphs> = LazyLock::new(|| {
    let mut glyphs = Glyphs {
        classes: classes(),
        places: vec![0; LAST as usize - FIRST + 3],
        glyphs: Vec::new(),
    };
    for page in PAGES {
        for byte in 0x80..=u8::MAX {
            for character in cases(page.decode(byte)).into_iter().flatten() {
                let Some(place) = place(character) else { continue };
                if glyphs.places[place] == 0 {
                    glyphs.glyphs.push(Glyph::default());
                    // A few hundred characters.
                    glyphs.places[place] = glyphs.glyphs.len() as u16;
                }
                let at = usize::from(glyphs.places[place]) - 1;
                let glyph = &mut glyphs.glyphs[at];
                glyph.roles[page as usize] |= role(byte);
                glyph.classes[page as usize] = glyphs.classes[usize::from(byte)];
            }
        }
    }
    glyphs
});

/// Unites the bytes that some page takes for one letter in two cases.
fn classes() -> [u8; 256] {
    let mut classes: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    for page in PAGES {
        let all = || (0x80..=u8::MAX).map(|byte| (byte, cases(page.decode(byte))));
        for (byte, ours) in all() {
            let others = all().filter(|(_, theirs)| {
                ours.iter().flatten().any(|case| theirs.iter().flatten().any(|other| other == case))
            });
            for (other, _) in others {
                let (one, two) = (classes[usize::from(byte)], classes[usize::from(other)]);
                let (low, high) = (one.min(two), one.max(two));
                classes.iter_mut().filter(|class| **class == high).for_each(|class| *class = low);
            }
        }
    }
    classes
}

/// A character and what it becomes by changes of case, once and back, where that is outside ASCII.
fn cases(character: char) -> [Option<char>; 6] {
    let keep = |changed: Option<char>| changed.filter(|changed| !changed.is_ascii());
    let upper = keep(single(character.to_uppercase()));
    let lower = keep(single(character.to_lowercase()));
    let lower_again = keep(upper.and_then(|upper| single(upper.to_lowercase())));
    let upper_again = keep(lower.and_then(|lower| single(lower.to_uppercase())));
    // At the end of a word, a sigma in lower case is another character.
    let last = if character == 'Σ' || character == 'σ' { Some('ς') } else { None };
    [Some(character), upper, lower, lower_again, upper_again, last]
}

/// The only character, if it is one.
pub(super) fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

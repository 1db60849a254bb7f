//! What the characters of the single-byte encodings may be bytes of, whatever their case.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::misread::PAGES;

/// The byte of the no-break space in windows-1252.
pub(super) const NO_BREAK_SPACE: u8 = 0xA0;

/// What a byte can be in UTF-8: bit 0 says a continuation byte, bit `n` the first of `n` more.
pub(super) type Role = u8;

/// The role of a byte.
pub(super) const fn role(byte: u8) -> Role {
    match byte {
        0x80..=0xBF => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 4,
        0xF0..=0xF4 => 8,
        _ => 0,
    }
}

/// What a character may stand for in each page, whatever its case.
#[derive(Clone, Copy, Default)]
pub(super) struct Glyph {
    /// What its bytes can be in UTF-8, by page.
    pub(super) roles: [Role; PAGES.len()],
    /// The class of its bytes, by page.
    pub(super) classes: [u8; PAGES.len()],
}

/// The characters of all pages and their other cases.
pub(super) struct Glyphs {
    /// The smallest byte of each byte's class.
    pub(super) classes: [u8; 256],
    /// One more than the position in `glyphs`, for characters from [`FIRST`] on.
    places: Vec<u16>,
    glyphs: Vec<Glyph>,
}

const FIRST: usize = 0x80;
/// The end of the box-drawing characters and geometric shapes: few characters lie beyond it.
const LAST: char = '\u{2600}';

impl Glyphs {
    /// The glyph of a character, if some page has it in some case.
    #[inline]
    pub(super) fn of(&self, character: char) -> Option<&Glyph> {
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

/// Made once, of the pages.
pub(super) static GLYPHS: LazyLock<Glyphs> = LazyLock::new(|| {
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
        let mut bytes = BTreeMap::new();
        for byte in 0x80..=u8::MAX {
            for case in cases(page.decode(byte)).into_iter().flatten() {
                let other = *bytes.entry(case).or_insert(byte);
                let (one, two) = (classes[usize::from(byte)], classes[usize::from(other)]);
                if one != two {
                    let (low, high) = (one.min(two), one.max(two));
                    let united = classes.iter_mut().filter(|class| **class == high);
                    united.for_each(|class| *class = low);
                }
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

#[cfg(test)]
mod tests {
    use super::GLYPHS;

    #[test]
    fn letters_are_of_one_class_in_both_cases() {
        for (upper, lower) in [('É', 'é'), ('Ñ', 'ñ'), ('Ÿ', 'ÿ'), ('Œ', 'œ'), ('Σ', 'ς')]
        {
            let (upper, lower) = (GLYPHS.of(upper).unwrap(), GLYPHS.of(lower).unwrap());
            assert_eq!(upper.classes, lower.classes);
            assert_eq!(upper.roles, lower.roles);
        }
        assert!(GLYPHS.of('ﬁ').is_some() && GLYPHS.of('─').is_some());
        assert!(GLYPHS.of('Б').is_none() && GLYPHS.of('日').is_none() && GLYPHS.of('a').is_none());
    }

    #[test]
    fn classes_tell_most_bytes_apart() {
        let mut classes = GLYPHS.classes[0x80..].to_vec();
        classes.sort_unstable();
        classes.dedup();
        assert!(classes.len() >= 30, "{} classes", classes.len());
        assert!(
            GLYPHS.classes[..0x80]
                .iter()
                .enumerate()
                .all(|(byte, &class)| byte == usize::from(class))
        );
    }
}

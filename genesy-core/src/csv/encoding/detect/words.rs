//! How many cells become known words in each encoding.

use unicode_normalization::UnicodeNormalization;

use super::super::CellDecoder;
use super::{Cell, Encoding, Trial};

/// Distinct cells that are looked up, the most frequent first: columns of countries repeat.
const CELLS_MAX: usize = 32;

/// Decoded words longer than this, in bytes of UTF-8, are not looked up.
const WORD_BYTES_MAX: usize = 96;

/// Counts for each trial the cells whose text `meaning` knows. Returns how many cells were looked at.
///
/// Many encodings give a cell the same text, which is then looked up once.
pub(super) fn count(
    cells: &[Cell<'_>],
    trials: &mut [Trial],
    meaning: &dyn Fn(&str) -> bool,
) -> usize {
    let decoders: Vec<_> = trials.iter().map(|trial| CellDecoder::new(trial.encoding)).collect();
    let cells = &cells[..cells.len().min(CELLS_MAX)];
    let mut texts: Vec<(String, bool)> = Vec::new();
    for cell in cells {
        texts.clear();
        for (trial, decoder) in trials.iter_mut().zip(&decoders) {
            let mut text = String::new();
            if decoder.decode_cell(cell.bytes, &mut text).is_some() {
                continue;
            }
            let seen =
                texts.iter().find(|(known, _)| *known == text).map(|&(_, is_known)| is_known);
            let is_known = seen.unwrap_or_else(|| {
                let is_known = is_known(&text, trial.encoding, meaning);
                texts.push((text, is_known));
                is_known
            });
            trial.known += usize::from(is_known);
        }
    }
    cells.len()
}

/// The texts of all cells in one encoding.
pub(super) fn texts(encoding: Encoding, cells: &[Cell<'_>]) -> Vec<String> {
    let decoder = CellDecoder::new(encoding);
    let decode = |cell: &Cell<'_>| {
        let mut text = String::new();
        decoder.decode_cell(cell.bytes, &mut text);
        text
    };
    cells.iter().map(decode).collect()
}

fn is_known(text: &str, encoding: Encoding, meaning: &dyn Fn(&str) -> bool) -> bool {
    text.split('|').any(|part| {
        let word = part.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        if word.is_ascii() || word.len() > WORD_BYTES_MAX || !word.chars().all(is_of_words) {
            return false;
        }
        if encoding == Encoding::Windows1258 {
            // Vietnamese comes with combining marks; dictionaries have the composed letters.
            let composed: String = word.nfc().collect();
            return meaning(&composed) || capitalised(&composed).is_some_and(|word| meaning(&word));
        }
        meaning(word) || capitalised(word).is_some_and(|word| meaning(&word))
    })
}

/// Control characters and symbols are in no word: such texts, the most, need no look-up.
fn is_of_words(character: char) -> bool {
    character.is_ascii()
        || character.is_alphanumeric()
        || matches!(
            character,
            '\u{300}'
                ..='\u{36F}' | '\u{A0}' | '·' | '’' | '‘' | '–' | '・' | '．' | '，' | '（' | '）'
        )
        || ('\u{E31}'..='\u{E4E}').contains(&character)
}

/// `ESPAÑA` and `españa` as `España`; nothing for words that are capitalised already.
fn capitalised(word: &str) -> Option<String> {
    let mut letters = word.chars().filter(|character| character.is_alphabetic());
    let first = letters.next()?;
    let is_title = first.is_uppercase() && letters.all(|letter| !letter.is_uppercase());
    if is_title || !word.chars().any(|c| c.is_uppercase() || c.is_lowercase()) {
        return None;
    }
    let mut inside = false;
    let mut out = String::with_capacity(word.len());
    for character in word.chars() {
        if inside {
            out.extend(character.to_lowercase());
        } else {
            out.extend(character.to_uppercase());
        }
        inside = character.is_alphanumeric();
    }
    Some(out)
}

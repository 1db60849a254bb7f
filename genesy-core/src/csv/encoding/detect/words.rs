//! How many cells become known words in each encoding.

use unicode_normalization::UnicodeNormalization;

use super::super::CellDecoder;
use super::{Cell, Encoding, Trial};

/// Distinct cells that are looked up, the most frequent first: columns of countries repeat.
const CELLS_MAX: usize = 32;

/// Decoded words longer than this, in bytes of UTF-8, are not looked up.
const WORD_BYTES_MAX: usize = 96;

/// Rewards each trial for the cells whose text `meaning` knows. Returns how many cells were looked at.
///
/// Many encodings give a cell the same text, which is then looked up once; a trial too far behind
/// for any reward to help is left out.
pub(super) fn reward(
    cells: &[Cell<'_>],
    trials: &mut [Trial],
    meaning: &dyn Fn(&str) -> bool,
) -> usize {
    let cells = &cells[..cells.len().min(CELLS_MAX)];
    let best = trials.iter().map(|trial| trial.cost).min().unwrap_or(0);
    let limit = best.saturating_add(cells.iter().map(|cell| reward_of(cell)).sum());
    let mut hopeful: Vec<_> = trials
        .iter_mut()
        .filter(|trial| trial.cost <= limit)
        .map(|trial| (CellDecoder::new(trial.encoding), trial))
        .collect();
    let mut text = String::new();
    let mut texts: Vec<(String, bool)> = Vec::new();
    for cell in cells {
        texts.clear();
        for (decoder, trial) in &mut hopeful {
            text.clear();
            if decoder.decode_cell(cell.bytes, &mut text).is_some() {
                continue;
            }
            let seen = texts.iter().find(|(seen, _)| *seen == text).map(|&(_, known)| known);
            let known = seen.unwrap_or_else(|| {
                let known = is_known(&text, trial.encoding, meaning);
                texts.push((text.clone(), known));
                known
            });
            if known {
                trial.known += 1;
                trial.cost -= reward_of(cell);
            }
        }
    }
    cells.len()
}

/// What a known word earns, in half nats: nearly what its letters cost, since a word of a
/// dictionary is likelier than its letters one by one.
pub(super) fn reward_of(cell: &Cell<'_>) -> i32 {
    let high = cell.bytes.iter().filter(|byte| !byte.is_ascii()).count();
    REWARD + REWARD_PER_BYTE * i32::try_from(high.min(REWARDED_BYTES_MAX)).unwrap_or(0)
}

const REWARD: i32 = 12;
const REWARD_PER_BYTE: i32 = 9;
const REWARDED_BYTES_MAX: usize = 16;

/// How many sequences of the cells are malformed in `encoding`.
pub(super) fn malformed(encoding: Encoding, cells: &[Cell<'_>]) -> usize {
    let decoder = CellDecoder::new(encoding);
    let mut text = String::new();
    for cell in cells {
        decoder.decode_cell(cell.bytes, &mut text);
    }
    text.matches(char::REPLACEMENT_CHARACTER).count()
}

/// Whether two encodings read all cells as the same text.
pub(super) fn read_alike(one: Encoding, other: Encoding, cells: &[Cell<'_>]) -> bool {
    let (one, other) = (CellDecoder::new(one), CellDecoder::new(other));
    let (mut text, mut other_text) = (String::new(), String::new());
    cells.iter().all(|cell| {
        text.clear();
        other_text.clear();
        one.decode_cell(cell.bytes, &mut text);
        other.decode_cell(cell.bytes, &mut other_text);
        text == other_text
    })
}

/// Whether a part of `text`, read from a file in `encoding`, is a known word.
pub(super) fn is_known(text: &str, encoding: Encoding, meaning: &dyn Fn(&str) -> bool) -> bool {
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

//! The cost of the letters that a single-byte encoding makes of the cells.

use std::sync::OnceLock;

use super::letters::{MODEL, SIDES};
use super::{Cell, Encoding};

/// Costs in half nats; a letter that suits its place costs 8 to 30.
mod cost {
    /// A byte that is no character.
    pub(super) const UNMAPPED: i32 = 60;
    /// A C1 control character.
    pub(super) const CONTROL: i32 = 50;
    /// A symbol that cells rarely hold: box drawing, mathematics.
    pub(super) const SYMBOL: i32 = 40;
    /// A quotation mark, dash, currency sign and the like.
    pub(super) const TYPOGRAPHIC: i32 = 26;
    /// What either of those costs more between letters.
    pub(super) const BETWEEN_LETTERS: i32 = 8;
    /// A letter that no language of the model uses.
    pub(super) const FOREIGN_LETTER: i32 = 34;
    /// A letter of another language than the sample's, on top of its cost there.
    pub(super) const OTHER_LANGUAGE: i32 = 6;
    /// Letters of two scripts side by side.
    pub(super) const MIXED_SCRIPTS: i32 = 24;
    /// An upper-case letter.
    pub(super) const UPPER: i32 = 2;
    /// An upper-case letter after a lower-case one.
    pub(super) const UPPER_AFTER_LOWER: i32 = 14;
    /// A lower-case letter before an upper-case one.
    pub(super) const LOWER_BEFORE_UPPER: i32 = 14;
}

/// A non-ASCII byte between its neighbours (zero at an end), and how much it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    before: u8,
    byte: u8,
    after: u8,
    weight: i32,
}

/// Distinct contexts that are weighed.
const CONTEXTS_MAX: usize = 512;

/// The distinct contexts of the cells' non-ASCII bytes.
pub(super) fn contexts(cells: &[Cell<'_>]) -> Vec<Context> {
    let mut all: Vec<u32> = Vec::new();
    for cell in cells {
        let bytes = cell.bytes;
        for (at, &byte) in bytes.iter().enumerate() {
            if !byte.is_ascii() {
                let before = at.checked_sub(1).map_or(0, |at| bytes[at]);
                let after = bytes.get(at + 1).copied().unwrap_or(0);
                all.push(u32::from_be_bytes([0, before, byte, after]));
            }
        }
    }
    all.sort_unstable();
    let group = |group: &[u32]| {
        let [_, before, byte, after] = group[0].to_be_bytes();
        // A name that returns in many cells says little more each time.
        let weight = 1 + group.len().ilog2();
        Context { before, byte, after, weight: i32::try_from(weight).unwrap_or(1) }
    };
    let mut contexts: Vec<_> = all.chunk_by(|a, b| a == b).map(group).collect();
    if contexts.len() > CONTEXTS_MAX {
        contexts.sort_by_key(|context| std::cmp::Reverse(context.weight));
        contexts.truncate(CONTEXTS_MAX);
    }
    contexts
}

/// What all contexts weigh together.
pub(super) fn weight(contexts: &[Context]) -> i32 {
    contexts.iter().map(|context| context.weight).sum()
}

/// What the contexts of bytes that start a sequence of UTF-8 weigh together.
pub(super) fn weight_of_leads(contexts: &[Context]) -> i32 {
    let leads = contexts.iter().filter(|context| context.byte >= 0xC2);
    leads.map(|context| context.weight).sum()
}

/// What `encoding` makes of the contexts, read as the one language that suits them best.
pub(super) fn cost(encoding: Encoding, contexts: &[Context]) -> i32 {
    let symbols = symbols(encoding);
    let mut shared = 0i32;
    let mut gains = vec![0i32; MODEL.languages()];
    for context in contexts {
        let before = symbols[usize::from(context.before)];
        let symbol = symbols[usize::from(context.byte)];
        let after = symbols[usize::from(context.after)];
        let mut one = case_cost(before, symbol, after);
        match symbol.kind {
            Kind::Letter(letter) => {
                let sides = symbol.side(before) * SIDES + symbol.side(after);
                let elsewhere = MODEL.cheapest(letter, sides) + cost::OTHER_LANGUAGE;
                one += elsewhere;
                for row in MODEL.rows(letter) {
                    let gain = elsewhere - row.cost(sides);
                    gains[usize::from(row.language)] += gain.max(0) * context.weight;
                }
                if symbol.mixes_with(before) || symbol.mixes_with(after) {
                    one += cost::MIXED_SCRIPTS;
                }
            }
            Kind::Cost(cost) => {
                one += cost;
                if before.is_letter() && after.is_letter() && !symbol.is_letter() {
                    one += cost::BETWEEN_LETTERS;
                }
            }
        }
        shared += one * context.weight;
    }
    let gains = gains.iter().zip(MODEL.rarities()).map(|(gain, rarity)| gain - rarity);
    shared - gains.max().unwrap_or(0).max(0)
}

fn case_cost(before: Symbol, symbol: Symbol, after: Symbol) -> i32 {
    match symbol.case {
        Case::Upper if before.case == Case::Lower => cost::UPPER_AFTER_LOWER,
        Case::Upper => cost::UPPER,
        Case::Lower if after.case == Case::Upper => cost::LOWER_BEFORE_UPPER,
        Case::Lower | Case::None => 0,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Upper,
    Lower,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    None,
    Latin,
    /// Any other: no encoding of the candidates has two besides Latin that matter.
    Other(u8),
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A letter of the model, by its place there.
    Letter(usize),
    /// Anything else costs the same everywhere.
    Cost(i32),
}

/// A byte as one encoding reads it.
#[derive(Clone, Copy, Debug)]
struct Symbol {
    kind: Kind,
    case: Case,
    script: Script,
    /// How neighbours see it: 0 no letter, 1 vowel, 2 consonant, 3 accented Latin letter.
    side: usize,
}

impl Symbol {
    const UNMAPPED: Self =
        Self { kind: Kind::Cost(cost::UNMAPPED), case: Case::None, script: Script::None, side: 0 };

    const fn is_letter(self) -> bool {
        self.side != 0
    }

    /// How `neighbour` counts for this letter.
    fn side(self, neighbour: Self) -> usize {
        if self.mixes_with(neighbour) { 0 } else { neighbour.side }
    }

    fn mixes_with(self, neighbour: Self) -> bool {
        self.script != Script::None
            && neighbour.script != Script::None
            && self.script != neighbour.script
    }

    fn new(character: char) -> Self {
        let lower = character.to_lowercase().next().unwrap_or(character);
        let case = match character {
            _ if lower != character => Case::Upper,
            _ if character.is_lowercase() => Case::Lower,
            _ => Case::None,
        };
        let script = script(character);
        let kind = match MODEL.find(lower) {
            Some(letter) => Kind::Letter(letter),
            None => Kind::Cost(cost_of_other(character)),
        };
        let side = match script {
            Script::None => 0,
            Script::Latin if !character.is_ascii() => 3,
            Script::Latin | Script::Other(_) if is_vowel(lower) => 1,
            Script::Latin | Script::Other(_) => 2,
        };
        Self { kind, case, script, side }
    }
}

/// The symbols of each encoding, made when first needed.
static SYMBOLS: [OnceLock<Box<[Symbol; 256]>>; Encoding::all().len()] =
    [const { OnceLock::new() }; Encoding::all().len()];

fn symbols(encoding: Encoding) -> &'static [Symbol; 256] {
    SYMBOLS[encoding as usize].get_or_init(|| {
        let mut symbols = Box::new([Symbol::UNMAPPED; 256]);
        for (symbol, byte) in symbols.iter_mut().zip(0..=u8::MAX) {
            if let Some(character) = encoding.codec().decode_byte(byte) {
                *symbol = Symbol::new(character);
            }
        }
        symbols
    })
}

fn cost_of_other(character: char) -> i32 {
    match character {
        '\u{80}'..='\u{9F}' => cost::CONTROL,
        _ if character.is_alphabetic() && !matches!(character, 'ª' | 'º') => cost::FOREIGN_LETTER,
        '€'
        | '£'
        | '§'
        | '°'
        | '®'
        | '©'
        | '™'
        | 'ª'
        | 'º'
        | '«'
        | '»'
        | '¿'
        | '¡'
        | '´'
        | '·'
        | '\u{A0}'
        | '\u{2010}'..='\u{2026}'
        | '\u{300}'..='\u{36F}' => cost::TYPOGRAPHIC,
        _ => cost::SYMBOL,
    }
}

fn script(character: char) -> Script {
    match character {
        'ª' | 'º' | 'µ' => Script::None,
        'A'..='Z' | 'a'..='z' => Script::Latin,
        // Combining marks of Vietnamese belong to the Latin letter before them.
        '\u{300}'..='\u{36F}' => Script::Latin,
        '\u{E31}'..='\u{E4E}' => Script::Other(0x0E),
        _ if !character.is_alphabetic() => Script::None,
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Script::Latin,
        _ => Script::Other(u8::try_from(u32::from(character) >> 8).unwrap_or(u8::MAX)),
    }
}

const fn is_vowel(lower: char) -> bool {
    matches!(
        lower,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'а'
            | 'е'
            | 'ё'
            | 'и'
            | 'о'
            | 'у'
            | 'ы'
            | 'э'
            | 'ю'
            | 'я'
            | 'і'
            | 'ї'
            | 'є'
            | 'α'
            | 'ε'
            | 'η'
            | 'ι'
            | 'ο'
            | 'υ'
            | 'ω'
            | 'ά'
            | 'έ'
            | 'ή'
            | 'ί'
            | 'ό'
            | 'ύ'
            | 'ώ'
    )
}

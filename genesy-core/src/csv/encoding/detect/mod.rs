//! Naming the encoding of a file from a sample of its bytes.
//!
//! Certain signs come first: a byte order mark, the zero bytes of UTF-16, valid UTF-8, escape
//! sequences. Then every remaining encoding is tried on the distinct non-ASCII cells and pays a
//! *cost* for what it makes of them, in half nats (-2 ln of a probability): for each letter by the
//! languages that use it and its neighbours, for odd case, symbols between letters and malformed
//! bytes; a cell that becomes a known word earns a reward. The cheapest encoding wins.

mod cells;
mod equivalents;
mod frequent;
mod garbled;
mod letters;
mod multi_byte;
mod single_byte;
mod utf16;
mod words;

use serde::{Deserialize, Serialize};

use self::cells::Cell;
pub(super) use self::utf16::looks_like_utf16;
use super::{Encoding, bom};

/// An encoding with what speaks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Detection {
    /// The encoding to read the file with.
    pub encoding: Encoding,
    /// How sure it is: 0 is a guess, 1 is certain.
    pub confidence: f32,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// Other encodings that read the sample as the very same text, the commonest first: which of them
    /// a short file is in cannot be told, and does not matter. Empty where it was told by certain
    /// signs, and for ASCII, which nearly every encoding reads alike.
    pub equivalents: Vec<Encoding>,
    /// The best encoding that reads the sample as another text, with its confidence.
    pub runner_up: Option<(Encoding, f32)>,
    /// Length of the byte order mark, to be skipped.
    pub bom_bytes: usize,
}

/// A fact about the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The caller chose the encoding.
    Forced,
    /// The sample starts with a byte order mark.
    ByteOrderMark,
    /// Every byte is ASCII, so that nearly any encoding fits.
    Ascii,
    /// Code units of UTF-16 whose high byte is zero, and code units looked at.
    ZeroBytes {
        /// Units with a zero high byte.
        count: usize,
        /// All units.
        of: usize,
    },
    /// Multi-byte sequences of valid UTF-8.
    Utf8Sequences {
        /// How many.
        count: usize,
    },
    /// Sequences that are malformed in the chosen encoding.
    Malformed {
        /// How many.
        count: usize,
    },
    /// Escape sequences of ISO-2022-JP.
    EscapeSequences {
        /// How many.
        count: usize,
    },
    /// Distinct non-ASCII cells that decode to known words.
    KnownWords {
        /// Cells that do.
        count: usize,
        /// Distinct non-ASCII cells looked at.
        of: usize,
    },
    /// Distinct cells whose text was garbled before the file was written, and tells nothing about it.
    Garbled {
        /// How many.
        count: usize,
    },
    /// The decoded letters were weighed against those of the known languages.
    Letters {
        /// Distinct non-ASCII cells looked at.
        cells: usize,
    },
}

/// Names the encoding of `sample`, the start of a file or all of it (`complete`).
///
/// `meaning` says whether a cell, decoded and trimmed, is a known word, such as the name of a
/// country in some language. It should be exact about accents, or it speaks for several encodings
/// alike; upper-case and lower-case cells are offered capitalised too.
///
/// The work is bounded whatever the sample holds.
pub fn detect(sample: &[u8], complete: bool, meaning: &dyn Fn(&str) -> bool) -> Detection {
    if let Some((encoding, bom_bytes)) = bom(sample) {
        return Detection { bom_bytes, ..certain(encoding, 1.0, Evidence::ByteOrderMark) };
    }
    if let Some((encoding, count, of)) = looks_like_utf16(sample) {
        return certain(encoding, 0.98, Evidence::ZeroBytes { count, of });
    }
    if sample.is_ascii() {
        return ascii(sample);
    }
    if let Some(detection) = utf8(sample, complete) {
        return detection;
    }
    let cells = cells::collect(sample);
    let mut detection = statistical(&cells, meaning);
    detection.equivalents = equivalents::equivalents(detection.encoding, sample, complete, &cells);
    detection
}

fn certain(encoding: Encoding, confidence: f32, evidence: Evidence) -> Detection {
    Detection {
        encoding,
        confidence,
        evidence: vec![evidence],
        equivalents: Vec::new(),
        runner_up: None,
        bom_bytes: 0,
    }
}

/// ISO-2022-JP is ASCII bytes throughout, and known by its escape sequences.
fn ascii(sample: &[u8]) -> Detection {
    let starts: [&[u8]; 3] = [b"\x1B$B", b"\x1B$@", b"\x1B(J"];
    let is_escape = |&at: &usize| starts.iter().any(|start| sample[at..].starts_with(start));
    let count = memchr::memchr_iter(0x1B, sample).filter(is_escape).count();
    if count > 0 {
        certain(Encoding::Iso2022Jp, 0.99, Evidence::EscapeSequences { count })
    } else {
        certain(Encoding::Utf8, 0.9, Evidence::Ascii)
    }
}

/// Valid sequences of UTF-8 that one malformed sequence is forgiven for.
const UTF8_SEQUENCES_PER_FAULT: usize = 8;

/// UTF-8, when the sample is valid, or nearly so: a file put together from several keeps a few
/// cells of another encoding, and a sample may end inside a character.
fn utf8(sample: &[u8], complete: bool) -> Option<Detection> {
    let mut faults = 0;
    let mut sequences = 0;
    let mut rest = sample;
    while let Err(error) = simdutf8::compat::from_utf8(rest) {
        let (valid, broken) = rest.split_at(error.valid_up_to());
        sequences += count_sequences(valid);
        let Some(length) = error.error_len() else {
            // A character cut by the sample's end; in a complete file it is malformed.
            faults += usize::from(complete);
            sequences += usize::from(!complete);
            rest = &[];
            break;
        };
        faults += 1;
        rest = &broken[length..];
        if faults > 4 && sequences < faults {
            return None;
        }
    }
    sequences += count_sequences(rest);
    if faults * UTF8_SEQUENCES_PER_FAULT > sequences || sequences == 0 {
        return None;
    }
    let mut detection = certain(
        Encoding::Utf8,
        if faults == 0 { 0.99 } else { 0.9 },
        Evidence::Utf8Sequences { count: sequences },
    );
    if faults > 0 {
        detection.evidence.push(Evidence::Malformed { count: faults });
    }
    Some(detection)
}

/// Lead bytes in valid UTF-8, which are as many as its non-ASCII characters.
fn count_sequences(valid: &[u8]) -> usize {
    valid.iter().filter(|&&byte| byte >= 0xC0).count()
}

/// An encoding on trial.
#[derive(Clone, Copy, Debug)]
struct Trial {
    encoding: Encoding,
    /// In half nats; the lowest wins.
    cost: i32,
    known: usize,
}

/// The encodings that are tried, with how much rarer than windows-1252 they are, in half nats.
const CANDIDATES: &[(Encoding, i32)] = &[
    (Encoding::Windows1252, 0),
    (Encoding::Windows1250, 1),
    (Encoding::Windows1251, 1),
    (Encoding::Gbk, 1),
    (Encoding::ShiftJis, 1),
    (Encoding::EucKr, 1),
    (Encoding::Big5, 1),
    (Encoding::Windows1254, 2),
    (Encoding::Windows1253, 1),
    (Encoding::Windows1255, 1),
    (Encoding::Windows1256, 1),
    (Encoding::Windows1257, 2),
    (Encoding::Windows1258, 3),
    (Encoding::Windows874, 1),
    (Encoding::Iso8859_2, 2),
    (Encoding::Iso8859_15, 2),
    (Encoding::Macintosh, 3),
    (Encoding::Cp850, 3),
    (Encoding::Cp437, 4),
    (Encoding::Koi8R, 2),
    (Encoding::Koi8U, 3),
    (Encoding::Ibm866, 3),
    (Encoding::EucJp, 2),
    (Encoding::Iso8859_7, 2),
    (Encoding::Iso8859_5, 3),
    (Encoding::Iso8859_8, 3),
    (Encoding::Iso8859_6, 3),
    (Encoding::MacCyrillic, 4),
    (Encoding::Iso8859_13, 4),
    // Hardly any program writes these: it takes more than a few letters to believe it.
    (Encoding::Iso8859_16, 9),
    (Encoding::Iso8859_4, 9),
    (Encoding::Iso8859_3, 10),
    (Encoding::Iso8859_10, 12),
    (Encoding::Iso8859_14, 12),
];

fn statistical(cells: &[Cell<'_>], meaning: &dyn Fn(&str) -> bool) -> Detection {
    let all = Weighed::new(cells);
    let parted = garbled::part(cells, meaning);
    let plain = parted.as_ref().map(|parted| Weighed::new(&parted.plain));
    let mut trials: Vec<Trial> = CANDIDATES
        .iter()
        .map(|&(encoding, rarity)| {
            let mut cost = all.cost(encoding);
            if let (Some(parted), Some(plain)) = (&parted, &plain) {
                cost = cost.min(plain.cost(encoding) + parted.cost);
            }
            Trial { encoding, cost: cost + rarity, known: 0 }
        })
        .collect();
    let looked_at = words::reward(cells, &mut trials, meaning);
    // Stable: among equals the commoner encoding stays in front.
    trials.sort_by_key(|trial| trial.cost);
    let mut detection = conclude(plain.as_ref().unwrap_or(&all), &trials, looked_at);
    if let Some(parted) = parted {
        detection.evidence.push(Evidence::Garbled { count: parted.garbled });
    }
    detection
}

/// Cells with the contexts of their non-ASCII bytes.
struct Weighed<'a> {
    cells: &'a [Cell<'a>],
    contexts: Vec<single_byte::Context>,
    weight: i32,
}

impl<'a> Weighed<'a> {
    fn new(cells: &'a [Cell<'a>]) -> Self {
        let contexts = single_byte::contexts(cells);
        let weight = single_byte::weight(&contexts);
        Self { cells, contexts, weight }
    }

    fn cost(&self, encoding: Encoding) -> i32 {
        if encoding.is_single_byte() {
            single_byte::cost(encoding, &self.contexts)
        } else {
            multi_byte::cost(encoding, self.cells, self.weight)
        }
    }
}

fn conclude(weighed: &Weighed<'_>, trials: &[Trial], looked_at: usize) -> Detection {
    let cells = weighed.cells;
    let Some(&best) = trials.first() else {
        return certain(Encoding::Windows1252, 0.0, Evidence::Letters { cells: 0 });
    };
    let second =
        trials[1..].iter().find(|trial| !words::read_alike(best.encoding, trial.encoding, cells));
    let share = second.map_or(1.0, |second| share(second.cost - best.cost));
    let letters = if best.encoding.is_single_byte() { weighed.weight } else { weighed.weight / 2 };
    let confidence = 0.97 * share * plausibility(best.cost, letters);
    let mut evidence = vec![Evidence::Letters { cells: cells.len() }];
    if best.known > 0 {
        evidence.push(Evidence::KnownWords { count: best.known, of: looked_at });
    }
    let malformed = words::malformed(best.encoding, cells);
    if malformed > 0 {
        evidence.push(Evidence::Malformed { count: malformed });
    }
    let encoding = refine(best.encoding, cells);
    let runner_up = second.map(|second| (second.encoding, (1.0 - share).min(confidence)));
    Detection { encoding, confidence, evidence, equivalents: Vec::new(), runner_up, bom_bytes: 0 }
}

/// GBK and gb18030 decode alike; the four-byte form is gb18030's own.
fn refine(encoding: Encoding, cells: &[Cell<'_>]) -> Encoding {
    if encoding == Encoding::Gbk
        && cells.iter().any(|cell| multi_byte::has_four_byte_form(cell.bytes))
    {
        Encoding::Gb18030
    } else {
        encoding
    }
}

/// How much the letters look like those of any language: 1 for names and places, near 0 for noise.
fn plausibility(cost: i32, letters: i32) -> f32 {
    let per_letter = i16::try_from(cost / letters.max(1)).unwrap_or(i16::MAX);
    ((45.0 - f32::from(per_letter)) / 15.0).clamp(0.05, 1.0)
}

/// The share of the better of two explanations whose costs differ by `margin` half nats. The costs
/// are not those of independent events, so the margin counts a quarter.
fn share(margin: i32) -> f32 {
    let nats = f32::from(i16::try_from(margin).unwrap_or(i16::MAX)) / 8.0;
    1.0 / (1.0 + (-nats).exp())
}

#[cfg(test)]
mod tests {
    use super::{Detection, Encoding, Evidence, detect};

    fn no_meaning(sample: &[u8]) -> Detection {
        detect(sample, true, &|_| false)
    }

    #[test]
    fn certain_signs() {
        for (sample, encoding) in [
            (&b"\xEF\xBB\xBFname"[..], Encoding::Utf8),
            (b"\xFE\xFF\0n", Encoding::Utf16Be),
            (b"name,land\nJose,Spain\n", Encoding::Utf8),
            (b"", Encoding::Utf8),
            ("name,land\nJosé,España\n".as_bytes(), Encoding::Utf8),
            (b"name\n\x1B$B;3ED\x1B(B\n", Encoding::Iso2022Jp),
            (b"n\0a\0m\0e\0\n\0A\0d\0a\0\n\0", Encoding::Utf16Le),
            (b"\0n\0a\0m\0e\0\n\0A\0d\0a\0\n", Encoding::Utf16Be),
        ] {
            assert_eq!(no_meaning(sample).encoding, encoding, "{}", sample.escape_ascii());
        }
    }

    #[test]
    fn a_character_cut_by_the_end_of_the_sample_is_fine() {
        let sample = &"x,España,Jos\u{e9}".as_bytes()[..11];
        assert_eq!(detect(&sample[..7], false, &|_| false).encoding, Encoding::Utf8);
    }

    #[test]
    fn letters_alone_decide_clear_cases() {
        for (sample, encoding) in [
            (&b"a;Espa\xF1a\nb;M\xE9xico\nc;Per\xFA"[..], Encoding::Windows1252),
            (b"a;Espa\x96a\nb;M\x8Exico\nc;Per\x9C", Encoding::Macintosh),
            (b"a;\xD0\xEE\xF1\xF1\xE8\xFF", Encoding::Windows1251),
            (b"a;\xF2\xCF\xD3\xD3\xC9\xD1", Encoding::Koi8R),
            (b"a;\x93\xFA\x96\x7B", Encoding::ShiftJis),
            (b"a;\xD6\xD0\xB9\xFA", Encoding::Gbk),
        ] {
            assert_eq!(no_meaning(sample).encoding, encoding, "{}", sample.escape_ascii());
        }
    }

    #[test]
    fn a_known_word_tips_the_scales() {
        let sample = b"x;Espa\xF1a";
        let spain = detect(sample, true, &|cell| cell == "España");
        assert_eq!(spain.encoding, Encoding::Windows1252);
        assert!(spain.evidence.contains(&Evidence::KnownWords { count: 1, of: 1 }));
        let polish = detect(sample, true, &|cell| cell == "Espańa");
        assert_eq!(polish.encoding, Encoding::Windows1250);
    }

    #[test]
    fn cells_garbled_upstream_do_not_mislead() {
        // UTF-8 taken for windows-1252 once, then saved as windows-1252 beside cells that are right.
        let sample = b"Nombre;Pa\xEDs;Tel\xE9fono\nMar\xC3\xADa Mu\xC3\xB1oz;M\xC3\xA9xico;1\nZo\xEB;France;2\n";
        let detection = detect(sample, true, &|cell| cell == "M\u{e9}xico");
        assert_eq!(detection.encoding, Encoding::Windows1252);
        assert!(detection.evidence.contains(&Evidence::Garbled { count: 2 }));
        let gbk = no_meaning(b"a;\xD6\xD0\xB9\xFA\nb;\xC1\xAA\xCD\xA8\nc;\xC9\xCF\xBA\xA3");
        assert_eq!(gbk.encoding, Encoding::Gbk);
    }
}

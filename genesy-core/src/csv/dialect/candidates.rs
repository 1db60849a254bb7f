//! Which delimiters, quotes and escapes the bytes of the sample suggest.

use memchr::memchr_iter;
use memchr::memmem;

use super::Delimiter;
use super::options::{DialectOptions, MarkOption};
use super::rows::{Hypothesis, Window};

/// Bytes of each window that are counted.
const COUNTED_BYTES: usize = 4 * 1024;
/// Longest sequences of delimiter bytes that are told apart.
const SEQUENCES_MAX: usize = 48;
/// An unusual mark that stands in this share of lines, equally often in each, is hardly part of the text.
const STEADY_LINES: f32 = 0.9;
/// Quote marks of one kind that are looked at.
const QUOTES_MAX: usize = 2_000;
/// The usual delimiters are tried when they stand in this share of lines,
const USUAL_LINES: f32 = 0.05;
/// unusual ones in this share,
const UNUSUAL_LINES: f32 = 0.5;
/// and sequences in this one.
const SEQUENCE_LINES: f32 = 0.25;
/// The prior of a mark that stands as often in every line.
const STEADY_PRIOR: f32 = 0.75;
/// The prior of a doubled mark, such as `@@`, before the discount of every sequence.
const DOUBLED_PRIOR: f32 = 0.9;

/// A delimiter to try, and how likely it is before looking at rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) delimiter: Delimiter,
    pub(super) prior: f32,
}

/// How likely a byte is to be chosen as a delimiter; `None` if it never is.
const fn prior(byte: u8) -> Option<f32> {
    Some(match byte {
        b',' | b';' | b'\t' | b'|' => 1.0,
        b'^' | b'~' => 0.95,
        0x01..=0x08 | 0x1c..=0x1f => 0.95,
        b':' => 0.6,
        b' ' => 0.4,
        b'#' | b'*' | b'&' | b'!' | b'=' | b'%' | b'$' | b'<' | b'>' | b'{' | b'}' => 0.4,
        b'/' | b'\\' | b'_' | b'-' | b'+' => 0.25,
        _ => return None,
    })
}

/// Bytes that sequences are made of. An `@` alone is in every address, and no delimiter.
const IN_SEQUENCES: [bool; 256] = {
    let mut marks = [false; 256];
    let mut byte = 0;
    while byte < marks.len() {
        marks[byte] = byte as u8 == b'@' || prior(byte as u8).is_some();
        byte += 1;
    }
    marks
};

/// The delimiters worth trying, the most likely first.
pub(super) fn delimiters(sample: &[u8], windows: &[Window]) -> Vec<Candidate> {
    let mut counts = LineCounts::default();
    for window in windows {
        let end = window.end.min(window.start + COUNTED_BYTES);
        counts.add(&sample[window.start..end]);
    }
    let lines = counts.lines.max(1) as f32;
    let mut found = Vec::new();
    for byte in 0..=0x7e_u8 {
        let Some(mut prior) = prior(byte) else { continue };
        let share = counts.lines_with[usize::from(byte)] as f32 / lines;
        let needed = if prior >= 0.95 { USUAL_LINES } else { UNUSUAL_LINES };
        if share >= STEADY_LINES && is_steady(sample, windows, byte) {
            prior = prior.max(STEADY_PRIOR);
        }
        if share > 0.0 && share >= needed {
            found.push(Candidate { delimiter: Delimiter::byte(byte), prior });
        }
    }
    for sequence in &counts.sequences {
        if sequence.lines as f32 / lines >= SEQUENCE_LINES {
            found.push(Candidate {
                delimiter: sequence.delimiter,
                prior: sequence_prior(sequence.delimiter),
            });
        }
    }
    // Equal priors stay in byte order: the answer must not depend on anything else.
    found.sort_by(|a, b| b.prior.total_cmp(&a.prior));
    found
}

/// Whether a mark that text holds now and then stands the same number of times in the first lines.
fn is_steady(sample: &[u8], windows: &[Window], mark: u8) -> bool {
    const LINES_LOOKED_AT: usize = 40;
    if !matches!(mark, b'#' | b'*' | b'&' | b'!' | b'%') {
        return false;
    }
    let Some(head) = windows.first() else { return false };
    let end = head.end.min(head.start + COUNTED_BYTES);
    let mut counts = sample[head.start..end]
        .split(|&byte| is_line_end(byte))
        .filter(|line| !line.trim_ascii().is_empty())
        .take(LINES_LOOKED_AT)
        .map(|line| memchr_iter(mark, line).count());
    let first = counts.next().unwrap_or(0);
    let (mut lines, mut alike) = (1, 1);
    for count in counts {
        lines += 1;
        alike += usize::from(count == first);
    }
    first > 0 && lines > 1 && alike as f32 >= STEADY_LINES * lines as f32
}

/// As likely as its most likely byte, but a little less, so that it must explain more. Nobody doubles
/// a mark by chance.
fn sequence_prior(delimiter: Delimiter) -> f32 {
    let bytes = delimiter.as_bytes();
    let marks = bytes.iter().filter(|&&b| b != b' ');
    let best = marks.filter_map(|&b| prior(b)).fold(0.3, f32::max);
    let doubled = bytes.len() > 1 && bytes[0] != b' ' && bytes.iter().all(|b| *b == bytes[0]);
    0.9 * if doubled { best.max(DOUBLED_PRIOR) } else { best }
}

#[derive(Clone, Copy)]
struct Sequence {
    delimiter: Delimiter,
    lines: usize,
    last_line: usize,
}

/// In how many lines each byte and each sequence of delimiter bytes stands.
struct LineCounts {
    lines: usize,
    lines_with: [usize; 128],
    last_line_with: [usize; 128],
    sequences: Vec<Sequence>,
}

impl Default for LineCounts {
    fn default() -> Self {
        Self { lines: 0, lines_with: [0; 128], last_line_with: [0; 128], sequences: Vec::new() }
    }
}

impl LineCounts {
    fn add(&mut self, bytes: &[u8]) {
        for line in bytes.split(|b| matches!(b, b'\r' | b'\n')) {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.lines += 1;
            self.add_line(line);
        }
    }

    fn add_line(&mut self, line: &[u8]) {
        let mut run = 0;
        for (at, &byte) in line.iter().enumerate() {
            let slot = usize::from(byte & 0x7f);
            if byte < 0x80 && self.last_line_with[slot] != self.lines {
                self.last_line_with[slot] = self.lines;
                self.lines_with[slot] += 1;
            }
            if IN_SEQUENCES[usize::from(byte)] {
                run += 1;
                continue;
            }
            if run > 1 {
                self.add_run(&line[at - run..at]);
            }
            run = 0;
        }
        self.add_run(&line[line.len() - run..]);
    }

    /// Two neighbouring empty cells make a longer run, so its beginnings count too.
    fn add_run(&mut self, run: &[u8]) {
        for length in 2..=run.len().min(Delimiter::BYTES_MAX) {
            let part = &run[..length];
            if is_sequence(part) {
                self.add_sequence(part);
            }
        }
    }

    fn add_sequence(&mut self, part: &[u8]) {
        let line = self.lines;
        if let Some(known) = self.sequences.iter_mut().find(|s| s.delimiter.as_bytes() == part) {
            known.lines += usize::from(known.last_line != line);
            known.last_line = line;
        } else if self.sequences.len() < SEQUENCES_MAX
            && let Some(delimiter) = Delimiter::new(part)
        {
            self.sequences.push(Sequence { delimiter, lines: 1, last_line: line });
        }
    }
}

/// Repeated bytes (`||`), one byte with spaces (`, `, ` | `), pairs (`=>`) and frames (`|~|`). Marks
/// that stand at the edge of values, such as `%` and `-`, are left out.
fn is_sequence(part: &[u8]) -> bool {
    let mark = |b: u8| b"|~^:;=<>&*!\t".contains(&b);
    let spaced = |b: u8| mark(b) || b == b',';
    let doubled = |b: u8| spaced(b) || b"#@$%".contains(&b);
    match *part {
        [a, b' '] => spaced(a),
        [b' ', a, b' '] => spaced(a),
        [a, b] if a != b => mark(a) && mark(b),
        [a, b, c] if a != b => {
            mark(a) && (mark(b) || b == b'#' || b == b'-') && (a == c || a == b'<')
        }
        _ => doubled(part[0]) && part.iter().all(|b| *b == part[0]),
    }
}

/// The quotes and escapes to try with a delimiter; the usual one first, as it wins a tie.
pub(super) fn hypotheses(
    sample: &[u8],
    windows: &[Window],
    delimiter: Delimiter,
    options: &DialectOptions,
) -> Vec<Hypothesis> {
    let mut found = Vec::new();
    for quote in quotes(sample, windows, delimiter, options) {
        match options.escape {
            MarkOption::Auto => {
                found.push(Hypothesis { delimiter, quote, escape: None });
                if has_escapes(sample, windows, delimiter, quote) {
                    found.push(Hypothesis { delimiter, quote, escape: Some(b'\\') });
                }
            }
            MarkOption::None => found.push(Hypothesis { delimiter, quote, escape: None }),
            MarkOption::Byte(escape) => {
                found.push(Hypothesis { delimiter, quote, escape: Some(escape) });
            }
        }
    }
    found
}

fn quotes(
    sample: &[u8],
    windows: &[Window],
    delimiter: Delimiter,
    options: &DialectOptions,
) -> Vec<Option<u8>> {
    match options.quote {
        MarkOption::None => return vec![None],
        MarkOption::Byte(quote) => return vec![Some(quote)],
        MarkOption::Auto => {}
    }
    let double = Marks::of(sample, windows, b'"', delimiter);
    let single = Marks::of(sample, windows, b'\'', delimiter);
    let mut found = Vec::new();
    if double.opens > 0 || double.total == 0 {
        found.push(Some(b'"'));
    }
    if double.total > 0 {
        found.push(None);
    }
    if single.opens > 0 && single.closes > 0 {
        found.push(Some(b'\''));
    }
    found
}

/// How the marks of one kind stand to cell borders.
#[derive(Default)]
struct Marks {
    total: usize,
    opens: usize,
    closes: usize,
}

impl Marks {
    fn of(sample: &[u8], windows: &[Window], quote: u8, delimiter: Delimiter) -> Self {
        let mut marks = Self::default();
        let last = delimiter.as_bytes().last().copied();
        for window in windows {
            let bytes = &sample[window.start..window.end];
            for at in memchr_iter(quote, bytes).take(QUOTES_MAX) {
                marks.total += 1;
                let before = bytes[..at].iter().rfind(|&&b| b != b' ');
                let after = bytes[at + 1..].iter().find(|&&b| b != b' ');
                let opens = |b: &u8| is_line_end(*b) || Some(*b) == last;
                let closes = |b: &u8| is_line_end(*b) || *b == delimiter.first();
                // A space is skipped above, so a delimiter that ends in one is looked for itself.
                let spaced = |at: usize| bytes.get(at) == Some(&b' ');
                let space_before = last == Some(b' ') && at > 0 && spaced(at - 1);
                let space_after = delimiter.first() == b' ' && spaced(at + 1);
                marks.opens += usize::from(space_before || before.is_none_or(opens));
                marks.closes += usize::from(space_after || after.is_none_or(closes));
            }
        }
        marks
    }
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// A backslash stands before a quote or a delimiter somewhere.
fn has_escapes(sample: &[u8], windows: &[Window], delimiter: Delimiter, quote: Option<u8>) -> bool {
    let marks = [quote, delimiter.as_bytes().first().copied()];
    windows.iter().any(|window| {
        let bytes = &sample[window.start..window.end];
        marks.into_iter().flatten().any(|mark| memmem::find(bytes, &[b'\\', mark]).is_some())
    })
}

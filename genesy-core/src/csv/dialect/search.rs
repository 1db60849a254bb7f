//! Compares the hypotheses and takes the best.

use super::Delimiter;
use super::candidates::{Candidate, delimiters, hypotheses};
use super::options::DialectOptions;
use super::rows::{Cell, Hypothesis, Rows, Window};
use super::score::{Score, score};
use super::sniffed::RunnerUp;
use super::split::split;

/// How much of the windows is read under a hypothesis.
#[derive(Clone, Copy)]
struct Look {
    /// Rows of each window.
    rows: usize,
    /// Cells whose type is looked at.
    typed_cells: usize,
}

/// Tells the few delimiters that are worth a second look.
const FIRST_LOOK: Look = Look { rows: 60, typed_cells: 200 };
const SECOND_LOOK: Look = Look { rows: 600, typed_cells: 500 };
/// Bytes of the first look.
const PROBE_BYTES: usize = 4 * 1024;
/// The same where rows are long.
const LONG_PROBE_BYTES: usize = 64 * 1024;
/// Cells at the start in which a longer delimiter must explain everything.
const FIRST_CELLS: usize = 40;
/// Fewer rows in a head that is cut tell too little.
const HEAD_ROWS_MIN: usize = 4;
/// Delimiters that get a second look.
const DELIMITERS_MAX: usize = 5;
/// Delimiters that get a first look.
const PROBED_MAX: usize = 12;

/// Work over all hypotheses, in bytes split; a cell counts as [`CELL_WORK`]. A usual file needs a third
/// of it; what is left out of a hostile one are the least promising hypotheses.
const WORK_MAX: usize = 600_000;
const CELL_WORK: usize = 4;

/// A hypothesis with what it makes of the windows.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    pub(super) hypothesis: Hypothesis,
    pub(super) rows: Rows,
    pub(super) score: Score,
}

/// The best hypothesis and how it stands to the others.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) best: Scored,
    pub(super) runner_up: Option<RunnerUp>,
    pub(super) confidence: f32,
    pub(super) hypotheses: usize,
    /// Rows or cells may be longer than what was looked at.
    pub(super) too_short: bool,
}

/// Searches the dialect; `sep` is the delimiter that an Excel `sep=` line names.
pub(super) fn search(
    sample: &[u8],
    windows: &[Window],
    sep: Option<Delimiter>,
    options: &DialectOptions,
) -> Found {
    let mut work = 0;
    let candidates = match options.delimiter.or(sep) {
        Some(delimiter) => vec![Candidate { delimiter, prior: 1.0 }],
        None => promising(sample, windows, options, &mut work),
    };
    let mut all = Vec::new();
    for candidate in candidates {
        all.extend(evaluate_all(sample, windows, candidate, options, SECOND_LOOK, &mut work));
    }
    let count = all.len();
    let head_is_cut = windows.first().is_some_and(|head| head.cut);
    let too_short = all.iter().any(|scored| {
        let usual = matches!(scored.hypothesis.quote, None | Some(b'"'));
        usual && scored.rows.quotes.too_long > 0
            || head_is_cut && scored.rows.head_rows < HEAD_ROWS_MIN
    });
    let (mut best, rest) = take_best(sample, all);
    let runner_up = runner_up(&best, &rest);
    let confidence = confidence(&best, runner_up);
    name_delimiter(sample, &mut best);
    Found { best, runner_up, confidence, hypotheses: count, too_short }
}

/// The delimiters that do well on the first rows, and "no delimiter at all".
fn promising(
    sample: &[u8],
    windows: &[Window],
    options: &DialectOptions,
    work: &mut usize,
) -> Vec<Candidate> {
    let probe = probe(windows);
    let mut found: Vec<(f32, Candidate)> = Vec::new();
    let nothing = Candidate { delimiter: Delimiter::NOTHING, prior: 1.0 };
    let probed = delimiters(sample, windows).into_iter().take(PROBED_MAX);
    for candidate in probed.chain([nothing]) {
        let tried = evaluate_all(sample, &probe, candidate, options, FIRST_LOOK, work);
        let best = tried.iter().map(|scored| scored.score.total).fold(0.0, f32::max);
        found.push((best, candidate));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = found.first().map_or(0.0, |f| f.0);
    found
        .into_iter()
        .take(DELIMITERS_MAX)
        .filter(|(score, _)| *score >= 0.6 * best)
        .map(|(_, candidate)| candidate)
        .collect()
}

fn probe(windows: &[Window]) -> Vec<Window> {
    let short = |window: &Window| {
        let bytes = if window.long { LONG_PROBE_BYTES } else { PROBE_BYTES };
        let end = window.end.min(window.start + bytes);
        Window { end, cut: window.cut || end < window.end, ..*window }
    };
    windows.first().map(short).into_iter().collect()
}

/// All quotes and escapes with one delimiter.
fn evaluate_all(
    sample: &[u8],
    windows: &[Window],
    candidate: Candidate,
    options: &DialectOptions,
    look: Look,
    work: &mut usize,
) -> Vec<Scored> {
    let mut all: Vec<Scored> = Vec::new();
    for hypothesis in hypotheses(sample, windows, candidate.delimiter, options) {
        // Every mark stood where a quote stands: reading the marks as text cannot do better.
        let settled = |scored: &Scored| scored.rows.quotes.is_orderly();
        if hypothesis.quote.is_none() && all.iter().any(settled) {
            continue;
        }
        if *work > WORK_MAX && !all.is_empty() {
            break;
        }
        let rows = split(sample, windows, hypothesis, look.rows);
        let bytes: usize = windows.iter().map(|window| window.end - window.start).sum();
        *work += bytes + CELL_WORK * rows.cells.len();
        let score = score(sample, &rows, hypothesis, candidate.prior, look.typed_cells);
        all.push(Scored { hypothesis, rows, score });
    }
    all
}

/// Takes the highest score; the earlier one wins a tie.
fn take_best(sample: &[u8], mut all: Vec<Scored>) -> (Scored, Vec<Scored>) {
    let mut best = 0;
    for index in 1..all.len() {
        if all[index].score.total > all[best].score.total {
            best = index;
        }
    }
    let mut longer = best;
    for index in 0..all.len() {
        let rank = |index: usize| {
            let scored: &Scored = &all[index];
            (scored.hypothesis.delimiter.as_bytes().len(), scored.score.total)
        };
        if explains_more(sample, &all[index], &all[best]) && rank(index) > rank(longer) {
            longer = index;
        }
    }
    let best = all.remove(longer);
    (best, all)
}

/// `||` or `, ` is the delimiter rather than its byte, if that byte never stands without the rest.
fn explains_more(sample: &[u8], longer: &Scored, best: &Scored) -> bool {
    let bytes = longer.hypothesis.delimiter.as_bytes();
    let shorter = best.hypothesis.delimiter.as_bytes();
    let part = bytes.len() > shorter.len() && memchr::memmem::find(bytes, shorter).is_some();
    let Some(byte) = shorter.iter().copied().find(|&b| b != b' ') else { return false };
    // `a,,b` in every row is rather a column without values than a delimiter of two commas.
    let doubled = bytes.iter().all(|&b| b == byte) && matches!(byte, b',' | b';' | b'\t');
    let least = if longer.rows.rows.len() == 1 || doubled { 3 } else { 2 };
    if !part || longer.score.width < least {
        return false;
    }
    let cells = &longer.rows.cells;
    let spaced = bytes.contains(&b' ');
    let alone = |cells: &[Cell]| {
        let plain = cells.iter().filter(|cell| !cell.quoted);
        plain.filter(|cell| stands_alone(cell.bytes(sample), byte, spaced)).count()
    };
    // A header tells most: `id,name` above `1, Ann` is a comma.
    let first = &cells[..cells.len().min(FIRST_CELLS)];
    longer.score.regularity >= best.score.regularity - 0.02
        && longer.score.total >= 0.6 * best.score.total
        && 10 * longer.rows.quotes.closed >= 9 * best.rows.quotes.closed
        && alone(first) == 0
        && alone(cells) * 100 <= cells.len()
}

/// The byte stands in the cell, other than in a clock time, a URL or (unless the delimiter is spaced
/// itself) between spaces.
fn stands_alone(cell: &[u8], byte: u8, spaced: bool) -> bool {
    let mut places = memchr::memchr_iter(byte, cell);
    places.any(|at| {
        let before = at.checked_sub(1).map_or(b' ', |before| cell[before]);
        let after = cell.get(at + 1).copied().unwrap_or(b' ');
        let clock = before.is_ascii_digit() && after.is_ascii_digit();
        let value = byte == b':' && (clock || after == b'/');
        !value && (spaced || (before, after) != (b' ', b' '))
    })
}

fn runner_up(best: &Scored, rest: &[Scored]) -> Option<RunnerUp> {
    let second = rest
        .iter()
        .filter(|scored| scored.score.total > 0.0)
        .max_by(|a, b| a.score.total.total_cmp(&b.score.total))?;
    let mut second_named = second.hypothesis;
    if second_named.delimiter == Delimiter::NOTHING {
        second_named.delimiter = Delimiter::COMMA;
    }
    Some(RunnerUp {
        delimiter: second_named.delimiter,
        quote: second_named.quote,
        escape: second_named.escape,
        score: (second.score.total / best.score.total.max(f32::MIN_POSITIVE)).min(1.0),
    })
}

fn confidence(best: &Scored, runner_up: Option<RunnerUp>) -> f32 {
    let second = runner_up.map_or(0.0, |r| r.score);
    (best.score.total.max(0.0).sqrt() * (1.0 - 0.5 * second * second)).clamp(0.0, 1.0)
}

/// A plain list has no delimiter: a comma is named, unless its lines hold commas.
fn name_delimiter(sample: &[u8], best: &mut Scored) {
    if best.hypothesis.delimiter != Delimiter::NOTHING {
        return;
    }
    let usual = [Delimiter::COMMA, Delimiter::SEMICOLON, Delimiter::TAB, Delimiter::PIPE];
    let free = usual.into_iter().find(|delimiter| {
        let mut cells = best.rows.cells.iter();
        !cells.any(|cell| !cell.quoted && cell.bytes(sample).contains(&delimiter.first()))
    });
    best.hypothesis.delimiter = free.unwrap_or(Delimiter::COMMA);
}

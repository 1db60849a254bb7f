//! Compares the hypotheses and takes the best.

use super::Delimiter;
use super::candidates::{Candidate, delimiters, hypotheses};
use super::options::DialectOptions;
use super::score::{Score, score};
use super::sniffed::RunnerUp;
use super::split::{Hypothesis, Rows, Window, split};

/// Rows of the first look, which tells the few delimiters that are worth a second one.
const PROBE_ROWS: usize = 60;
/// Bytes of the first look.
const PROBE_BYTES: usize = 6 * 1024;
/// Rows of each window in the second look.
const ROWS_MAX: usize = 600;
/// Delimiters that get a second look.
const DELIMITERS_MAX: usize = 3;
/// Delimiters that get a first look.
const PROBED_MAX: usize = 12;

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
}

/// Searches the dialect; `sep` is the delimiter that an Excel `sep=` line names.
pub(super) fn search(
    sample: &[u8],
    windows: &[Window],
    sep: Option<Delimiter>,
    options: &DialectOptions,
) -> Found {
    let candidates = match options.delimiter.or(sep) {
        Some(delimiter) => vec![Candidate { delimiter, prior: 1.0 }],
        None => promising(sample, windows, options),
    };
    let mut all = Vec::new();
    for candidate in candidates {
        for hypothesis in hypotheses(sample, windows, candidate.delimiter, options) {
            all.push(evaluate(sample, windows, hypothesis, candidate.prior, ROWS_MAX));
        }
    }
    let count = all.len();
    let (mut best, rest) = take_best(sample, all);
    let runner_up = runner_up(&best, &rest);
    let confidence = confidence(&best, runner_up);
    name_delimiter(sample, &mut best);
    Found { best, runner_up, confidence, hypotheses: count }
}

/// The delimiters that do well on the first rows, and "no delimiter at all".
fn promising(sample: &[u8], windows: &[Window], options: &DialectOptions) -> Vec<Candidate> {
    let probe = probe(windows);
    let mut found: Vec<(f32, Candidate)> = Vec::new();
    for candidate in delimiters(sample, windows).into_iter().take(PROBED_MAX) {
        let tried = hypotheses(sample, &probe, candidate.delimiter, options).into_iter();
        let best = tried
            .map(|h| evaluate(sample, &probe, h, candidate.prior, PROBE_ROWS).score.total)
            .fold(0.0, f32::max);
        found.push((best, candidate));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = found.first().map_or(0.0, |f| f.0);
    let mut kept: Vec<Candidate> = found
        .into_iter()
        .take(DELIMITERS_MAX)
        .filter(|(score, _)| *score >= 0.5 * best)
        .map(|(_, candidate)| candidate)
        .collect();
    kept.push(Candidate { delimiter: Delimiter::NOTHING, prior: 1.0 });
    kept
}

fn probe(windows: &[Window]) -> Vec<Window> {
    let short = |window: &Window| {
        let end = window.end.min(window.start + PROBE_BYTES);
        Window { end, cut: window.cut || end < window.end, ..*window }
    };
    windows.first().map(short).into_iter().collect()
}

fn evaluate(
    sample: &[u8],
    windows: &[Window],
    hypothesis: Hypothesis,
    prior: f32,
    rows_max: usize,
) -> Scored {
    let rows = split(sample, windows, hypothesis, rows_max);
    let score = score(sample, &rows, hypothesis, prior);
    Scored { hypothesis, rows, score }
}

/// Takes the highest score; the earlier one wins a tie.
fn take_best(sample: &[u8], mut all: Vec<Scored>) -> (Scored, Vec<Scored>) {
    let mut best = 0;
    for (index, scored) in all.iter().enumerate() {
        if scored.score.total > all[best].score.total {
            best = index;
        }
    }
    let longer = all.iter().position(|scored| explains_more(sample, scored, &all[best]));
    let best = all.swap_remove(longer.unwrap_or(best));
    (best, all)
}

/// `||` or `, ` is the delimiter rather than its byte, if that byte never stands without the rest.
fn explains_more(sample: &[u8], longer: &Scored, best: &Scored) -> bool {
    let bytes = longer.hypothesis.delimiter.as_bytes();
    let Some(byte) = best.hypothesis.delimiter.is_single() else { return false };
    if bytes.len() < 2 || !bytes.contains(&byte) || byte == b' ' {
        return false;
    }
    let alone =
        longer.rows.cells.iter().filter(|cell| !cell.quoted && cell.bytes(sample).contains(&byte));
    longer.score.regularity >= best.score.regularity - 0.02
        && longer.rows.rows.len() > 1
        && alone.count() * 100 <= longer.rows.cells.len()
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

//! Which parts of the sample are looked at.

use memchr::{memchr, memchr2};

use super::rows::Window;
use super::split::line_end_length;
use super::{Delimiter, DialectOptions};

/// The first window, where the layout is read too.
pub(super) const HEAD_BYTES: usize = 16 * 1024;
/// The first window of a file whose rows are so long that [`HEAD_BYTES`] hold only a few.
pub(super) const LONG_HEAD_BYTES: usize = 160 * 1024;
/// Each of the later windows, in the middle and at the end.
const LATER_BYTES: usize = 6 * 1024;
/// How far to look for a line start.
const LINE_START_BYTES_MAX: usize = 2 * 1024;

/// Where the file begins for the sniffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) byte: usize,
    /// Physical lines before `byte`.
    pub(super) line: usize,
    pub(super) sep_line: bool,
    /// What Excel's `sep=` line says.
    pub(super) delimiter: Option<Delimiter>,
}

/// Steps over Excel's `sep=` line, or over the lines that the caller wants skipped.
pub(super) fn start(sample: &[u8], options: &DialectOptions) -> Start {
    let (sep_bytes, delimiter) = sep_line(sample);
    let sep_line = sep_bytes > 0;
    let mut start = Start { byte: sep_bytes, line: usize::from(sep_line), sep_line, delimiter };
    if let Some(lines) = options.skip_lines {
        start.byte = 0;
        start.line = 0;
        while start.line < lines && start.byte < sample.len() {
            start.byte = next_line(sample, start.byte);
            start.line += 1;
        }
    }
    start
}

/// `sep=;` or `"sep=;"`: its length with the line end (0 if absent), and the delimiter.
fn sep_line(sample: &[u8]) -> (usize, Option<Delimiter>) {
    let end = memchr2(b'\r', b'\n', &sample[..sample.len().min(16)]);
    let Some(end) = end else { return (0, None) };
    let line = &sample[..end];
    let line = line.strip_prefix(b"\"").map_or(line, |l| l.strip_suffix(b"\"").unwrap_or(l));
    let Some((word, value)) = line.split_at_checked(4) else { return (0, None) };
    if !word.eq_ignore_ascii_case(b"sep=") || value.first().is_some_and(u8::is_ascii_alphanumeric) {
        return (0, None);
    }
    (end + line_end_length(&sample[end..]), Delimiter::new(value))
}

fn next_line(sample: &[u8], from: usize) -> usize {
    match memchr2(b'\r', b'\n', &sample[from..]) {
        Some(skip) => from + skip + line_end_length(&sample[from + skip..]),
        None => sample.len(),
    }
}

/// The head, and for a larger sample a part of the middle and of the end, each at a line start.
pub(super) fn windows(
    sample: &[u8],
    start: usize,
    complete: bool,
    head_bytes: usize,
) -> Vec<Window> {
    // Positions are kept in 32 bits.
    let sample = &sample[..sample.len().min(u32::MAX as usize)];
    let length = sample.len() - start;
    let long = head_bytes > HEAD_BYTES;
    if length <= head_bytes + 2 * LATER_BYTES {
        let cut = !complete && !at_line_end(sample);
        return vec![Window { start, end: sample.len(), cut, long }];
    }
    let head_end = start + head_bytes;
    let mut windows = vec![Window { start, end: head_end, cut: true, long }];
    let middle = start + (length + head_bytes - LATER_BYTES) / 2;
    let tail = sample.len() - LATER_BYTES;
    for (from, to) in [(middle, middle + LATER_BYTES), (tail, sample.len())] {
        let from = from.max(head_end);
        if let Some(line) = line_start(sample, from).filter(|&line| line < to) {
            let cut = to < sample.len() || !complete;
            windows.push(Window { start: line, end: to, cut, long: false });
        }
    }
    windows
}

fn at_line_end(sample: &[u8]) -> bool {
    matches!(sample.last(), Some(b'\r' | b'\n'))
}

fn line_start(sample: &[u8], from: usize) -> Option<usize> {
    let end = sample.len().min(from + LINE_START_BYTES_MAX);
    let near = &sample[from..end];
    memchr(b'\n', near).or_else(|| memchr(b'\r', near)).map(|skip| from + skip + 1)
}

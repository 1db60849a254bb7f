//! Lines to replies.

use std::{fmt, mem};

use memchr::memchr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{EnhancedCode, Keywords, Reply, text};

/// Octets of one line at most, without its end. RFC 5321 §4.5.3.1.5 allows 512; servers exceed it.
pub const LINE_OCTETS_MAX: usize = 4096;

/// Lines of one reply at most.
pub const LINES_MAX: u16 = 256;

/// Octets of one reply at most, its line ends among them.
pub const REPLY_OCTETS_MAX: usize = 32 * 1024;

/// Bytes of [`Reply::text`] at most.
pub const TEXT_BYTES_MAX: usize = 512;

/// Octets that are kept of one line: more than its text can show.
const LINE_KEPT_OCTETS_MAX: usize = 1024;

/// Reads replies from the bytes a server sends, however they are split.
///
/// What it holds is bounded, and between two replies it is stored as `null`. Lines end at LF, with or
/// without a CR before it; a CR elsewhere is a blank. Lines without anything in them are passed over. If
/// the code differs between the lines of one reply, the last one counts, as Postfix's client does it:
/// a server that gives up in the middle of a reply ends it by `421`. What the earlier code came with is
/// forgotten then.
#[derive(Clone, Default)]
pub struct ReplyReader {
    unfinished: Unfinished,
    /// The text of the reply that was given last: kept for its capacity.
    given: String,
}

/// The part of a reply that has come.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Unfinished {
    /// 0 before the end of the first line.
    #[serde(skip_serializing_if = "is_default")]
    code: u16,
    #[serde(skip_serializing_if = "is_default")]
    enhanced: Option<EnhancedCode>,
    #[serde(skip_serializing_if = "is_default")]
    keywords: Keywords,
    #[serde(skip_serializing_if = "is_default")]
    text: String,
    #[serde(skip_serializing_if = "is_default")]
    text_is_cut: bool,
    #[serde(skip_serializing_if = "is_default")]
    lines: u16,
    /// Of whole lines, with their ends.
    #[serde(skip_serializing_if = "is_default")]
    octets: usize,
    /// The start of the line that has not ended yet.
    #[serde(skip_serializing_if = "is_default", with = "octets")]
    line: Vec<u8>,
    #[serde(skip_serializing_if = "is_default")]
    line_octets: usize,
}

/// The bytes are no reply. The reader took them, and is as new; the connection is out of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// A line, the number of lines, or all of them are beyond the limit.
    #[error("the reply is too long")]
    TooLong,
    /// A line does not start with a reply code and a blank or a hyphen.
    #[error("the reply is malformed")]
    Malformed,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Octets as a string of the letters U+0000 to U+00FF: they are ASCII, nearly all.
mod octets {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ptr_arg, reason = "serde gives the field as it is")]
    pub(super) fn serialize<S: Serializer>(octets: &Vec<u8>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&octets.iter().map(|octet| char::from(*octet)).collect::<String>())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        let octets = text.chars().map(|letter| u8::try_from(letter).map_err(D::Error::custom));
        octets.collect()
    }
}

impl ReplyReader {
    /// Takes bytes from the front of `bytes`, up to the end of one reply. `None`: all were taken, and the
    /// reply is not whole yet.
    ///
    /// # Errors
    ///
    /// [`ReplyError`], with the bytes taken up to the end of the line, or of the part of it that is
    /// beyond a limit.
    pub fn read(&mut self, bytes: &mut &[u8]) -> Option<Result<Reply<'_>, ReplyError>> {
        loop {
            match self.unfinished.take_line(bytes)? {
                Ok(Line::Last) => break,
                Ok(Line::Continued) => {}
                Err(error) => {
                    self.unfinished.clear();
                    return Some(Err(error));
                }
            }
        }
        let Unfinished { code, enhanced, keywords, .. } = self.unfinished;
        mem::swap(&mut self.given, &mut self.unfinished.text);
        self.unfinished.clear();
        Some(Ok(Reply { code, enhanced, keywords, text: &self.given }))
    }

    /// Whether bytes of a reply were taken whose end has not come.
    #[must_use]
    pub const fn is_within_reply(&self) -> bool {
        self.unfinished.octets > 0 || self.unfinished.line_octets > 0
    }
}

/// Whether another line follows.
enum Line {
    Continued,
    Last,
}

impl Unfinished {
    /// Takes one line, or all of the bytes if they do not reach its end.
    fn take_line(&mut self, bytes: &mut &[u8]) -> Option<Result<Line, ReplyError>> {
        let all = *bytes;
        // One more than a line may have, for the CR, and one for the LF.
        let octets_max = (LINE_OCTETS_MAX + 2).saturating_sub(self.line_octets);
        let within = &all[..all.len().min(octets_max)];
        let Some(end) = memchr(b'\n', within) else {
            *bytes = &all[within.len()..];
            self.keep(within);
            return (within.len() == octets_max).then_some(Err(ReplyError::TooLong));
        };
        *bytes = &all[end + 1..];
        if self.line_octets == 0 {
            return Some(self.end_line(&within[..end]));
        }
        self.keep(&within[..end]);
        let mut line = mem::take(&mut self.line);
        let ended = self.end_line(&line);
        line.clear();
        self.line = line;
        Some(ended)
    }

    fn keep(&mut self, part: &[u8]) {
        let room = LINE_KEPT_OCTETS_MAX.saturating_sub(self.line.len());
        self.line.extend_from_slice(&part[..part.len().min(room)]);
        self.line_octets += part.len();
    }

    /// Takes a line without its LF. If it came in parts, `line` is what was kept of it.
    fn end_line(&mut self, line: &[u8]) -> Result<Line, ReplyError> {
        let octets = line.len().max(mem::take(&mut self.line_octets));
        self.lines = self.lines.saturating_add(1);
        self.octets = self.octets.saturating_add(octets + 1);
        let line = &line[..line.len().min(LINE_KEPT_OCTETS_MAX)];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if octets > LINE_OCTETS_MAX + 1 || self.octets > REPLY_OCTETS_MAX || self.lines > LINES_MAX
        {
            return Err(ReplyError::TooLong);
        }
        if line.is_empty() {
            return Ok(Line::Continued);
        }
        let (code, is_last, mut rest) = split(line).ok_or(ReplyError::Malformed)?;
        let is_first = self.code == 0;
        if self.code != code {
            self.restart(code);
        }
        if !is_first {
            self.keywords.insert_first_word(rest);
        }
        let before = rest;
        if let Some(enhanced) = EnhancedCode::take(&mut rest)
            && *self.enhanced.get_or_insert(enhanced) != enhanced
        {
            // Another one than the first belongs to the text.
            rest = before;
        }
        self.text_is_cut = self.text_is_cut || !text::append(&mut self.text, rest, TEXT_BYTES_MAX);
        Ok(if is_last { Line::Last } else { Line::Continued })
    }

    /// Begins the reply `code`, and forgets what an earlier one came with.
    fn restart(&mut self, code: u16) {
        self.code = code;
        self.enhanced = None;
        self.keywords = Keywords::default();
        self.text.clear();
        self.text_is_cut = false;
    }

    /// Forgets everything and keeps the capacity.
    fn clear(&mut self) {
        self.restart(0);
        (self.lines, self.octets, self.line_octets) = (0, 0, 0);
        self.line.clear();
    }
}

/// The code of a line, whether it is the last one, and its text.
fn split(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let [hundreds @ b'2'..=b'5', tens @ b'0'..=b'9', units @ b'0'..=b'9', rest @ ..] = line else {
        return None;
    };
    let digit = |octet: &u8| u16::from(octet - b'0');
    let code = digit(hundreds) * 100 + digit(tens) * 10 + digit(units);
    match rest {
        [] => Some((code, true, rest)),
        [b' ', rest @ ..] => Some((code, true, rest)),
        [b'-', rest @ ..] => Some((code, false, rest)),
        _ => None,
    }
}

impl PartialEq for ReplyReader {
    fn eq(&self, other: &Self) -> bool {
        self.unfinished == other.unfinished
    }
}

impl Eq for ReplyReader {}

impl Serialize for ReplyReader {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.is_within_reply().then_some(&self.unfinished).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ReplyReader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let unfinished = Option::<Unfinished>::deserialize(deserializer)?.unwrap_or_default();
        Ok(Self { unfinished, given: String::new() })
    }
}

impl fmt::Debug for ReplyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyReader")
            .field("code", &self.unfinished.code)
            .field("lines", &self.unfinished.lines)
            .field("octets", &(self.unfinished.octets.saturating_add(self.unfinished.line_octets)))
            .finish_non_exhaustive()
    }
}

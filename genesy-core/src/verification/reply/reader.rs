//! Lines to replies.

use std::{fmt, mem};

use memchr::memchr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::head::{Details, Head};
use super::{Reply, text};
use crate::verification::is_default;

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
    /// Nothing until a reply comes in pieces, or with several lines of text: most come whole, and are
    /// not copied.
    unfinished: Option<Box<Unfinished>>,
}

/// The part of a reply that has come. Once it is given, its text is kept until the next one begins.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Unfinished {
    #[serde(flatten)]
    head: Head,
    #[serde(skip_serializing_if = "is_default")]
    text: String,
    #[serde(skip_serializing_if = "is_default")]
    text_is_cut: bool,
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
    pub fn read<'a, 'b: 'a>(
        &'a mut self,
        bytes: &mut &'b [u8],
    ) -> Option<Result<Reply<'a>, ReplyError>> {
        self.read_with(bytes, Details::All)
    }

    /// The same, where not all details are needed.
    pub(in crate::verification) fn read_with<'a, 'b: 'a>(
        &'a mut self,
        bytes: &mut &'b [u8],
        details: Details,
    ) -> Option<Result<Reply<'a>, ReplyError>> {
        if bytes.is_empty() {
            return None;
        }
        if !self.is_within_reply()
            && let Some(reply) = take_whole(bytes, details)
        {
            return Some(Ok(reply));
        }
        self.unfinished.get_or_insert_default().read(bytes, details)
    }

    /// Whether bytes of a reply were taken whose end has not come.
    #[must_use]
    pub fn is_within_reply(&self) -> bool {
        self.begun().is_some()
    }

    fn begun(&self) -> Option<&Unfinished> {
        self.unfinished.as_deref().filter(|unfinished| unfinished.has_begun())
    }
}

/// Takes a reply that needs no memory from the front of `bytes`: it is whole, its lines are short, and its
/// text is on the last one or not wanted. Takes nothing if it is not so.
#[inline]
fn take_whole<'a>(bytes: &mut &'a [u8], details: Details) -> Option<Reply<'a>> {
    let mut rest = *bytes;
    let mut head = Head::default();
    loop {
        let end = memchr(b'\n', &rest[..rest.len().min(LINE_KEPT_OCTETS_MAX)])?;
        let line = head.take_line(&rest[..end], end, details).ok()?;
        rest = &rest[end + 1..];
        if line.is_last {
            let text = text::as_it_is(line.text, TEXT_BYTES_MAX)?;
            *bytes = rest;
            return Some(head.reply(text));
        }
        if !line.text.is_empty() {
            return None;
        }
    }
}

impl Unfinished {
    const fn has_begun(&self) -> bool {
        self.head.octets > 0 || self.line_octets > 0
    }

    fn read(
        &mut self,
        bytes: &mut &[u8],
        details: Details,
    ) -> Option<Result<Reply<'_>, ReplyError>> {
        if !self.has_begun() {
            self.clear();
        }
        loop {
            match self.take_line(bytes, details)? {
                Ok(is_last) if is_last => break,
                Ok(_) => {}
                Err(error) => {
                    self.clear();
                    return Some(Err(error));
                }
            }
        }
        let head = mem::take(&mut self.head);
        Some(Ok(head.reply(&self.text)))
    }

    /// Takes one line, or all of the bytes if they do not reach its end. Gives whether it is the last one.
    fn take_line(
        &mut self,
        bytes: &mut &[u8],
        details: Details,
    ) -> Option<Result<bool, ReplyError>> {
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
            return Some(self.end_line(&within[..end], details));
        }
        self.keep(&within[..end]);
        let mut line = mem::take(&mut self.line);
        let ended = self.end_line(&line, details);
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
    fn end_line(&mut self, line: &[u8], details: Details) -> Result<bool, ReplyError> {
        let octets = line.len().max(mem::take(&mut self.line_octets));
        let line = &line[..line.len().min(LINE_KEPT_OCTETS_MAX)];
        let line = self.head.take_line(line, octets, details)?;
        if line.is_first {
            self.text.clear();
            self.text_is_cut = false;
        }
        self.text_is_cut =
            self.text_is_cut || !text::append(&mut self.text, line.text, TEXT_BYTES_MAX);
        Ok(line.is_last)
    }

    /// Forgets everything and keeps the capacity.
    fn clear(&mut self) {
        (self.head, self.line_octets, self.text_is_cut) = (Head::default(), 0, false);
        self.text.clear();
        self.line.clear();
    }
}

impl PartialEq for ReplyReader {
    fn eq(&self, other: &Self) -> bool {
        self.begun() == other.begun()
    }
}

impl Eq for ReplyReader {}

impl Serialize for ReplyReader {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.begun().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ReplyReader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { unfinished: Option::deserialize(deserializer)? })
    }
}

impl fmt::Debug for ReplyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(unfinished) = self.begun() else {
            return f.debug_struct("ReplyReader").finish_non_exhaustive();
        };
        let Head { code, lines, octets, .. } = unfinished.head;
        f.debug_struct("ReplyReader")
            .field("code", &code)
            .field("lines", &lines)
            .field("octets", &octets.saturating_add(unfinished.line_octets))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Details, ReplyReader};

    const REPLIES: &str = "\r\n250-mx.example hi\r\n250-PIPELINING\r\n250 8BITMIME\r\n\
        250 2.1.0 Ok\r\n250-x\r\n550-5.1.1 not\r\n550 here\r\n550-5.1.1 no\r\n250 2.1.5 Ok\r\n\
        421 4.3.2  bye\r\n354 go on\r\n450\r\n221 2.0.0 Bye\r\n";

    /// All replies, in pieces of so many octets, as text.
    fn read(details: Details, piece_octets: usize) -> Vec<String> {
        let mut reader = ReplyReader::default();
        let mut replies = Vec::new();
        for mut piece in REPLIES.as_bytes().chunks(piece_octets) {
            while let Some(reply) = reader.read_with(&mut piece, details) {
                let reply = reply.expect("well formed");
                let (code, keywords) = (reply.code, reply.keywords);
                replies.push(format!("{code} {keywords:?} {:?} {}", reply.enhanced, reply.text));
            }
        }
        replies
    }

    #[test]
    fn details_are_left_out_of_positive_replies_alone() {
        let in_full = read(Details::All, REPLIES.len());
        assert_eq!(in_full.len(), 8);
        let expected: Vec<String> = in_full
            .iter()
            .map(|reply| match reply.split_once("} ") {
                Some((head, _)) if reply.starts_with('2') => format!("{head}}} None "),
                _ => reply.clone(),
            })
            .collect();
        for piece_octets in 1..=REPLIES.len() {
            assert_eq!(read(Details::All, piece_octets), in_full, "{piece_octets}");
            assert_eq!(read(Details::OfFailures, piece_octets), expected, "{piece_octets}");
        }
    }
}

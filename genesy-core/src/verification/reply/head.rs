//! Lines to what they say but for their texts.

use serde::{Deserialize, Serialize};

use super::{
    EnhancedCode, Keywords, LINE_OCTETS_MAX, LINES_MAX, REPLY_OCTETS_MAX, Reply, ReplyError,
};
use crate::verification::is_default;

/// What the lines of a reply say so far, but for their texts.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Head {
    /// 0 before the end of the first line.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) code: u16,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) enhanced: Option<EnhancedCode>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) keywords: Keywords,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) lines: u16,
    /// Of whole lines, with their ends.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) octets: usize,
}

/// Which replies are read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verification) enum Details {
    All,
    /// Those of the class `2yz` only for their codes and keywords: nobody looks at the rest.
    OfFailures,
}

impl Details {
    const fn are_of(self, code: u16) -> bool {
        match self {
            Self::All => true,
            Self::OfFailures => code / 100 != 2,
        }
    }
}

/// A line without its codes.
pub(super) struct Line<'a> {
    /// Empty if it is not wanted.
    pub(super) text: &'a [u8],
    pub(super) is_last: bool,
    /// The reply begins with it: what came before is forgotten.
    pub(super) is_first: bool,
}

impl Head {
    /// Takes a line of so many octets, without its LF; of a long one, the start is enough.
    ///
    /// In place where a whole reply is read, so that nothing of it goes through memory.
    #[inline(always)]
    pub(super) fn take_line<'a>(
        &mut self,
        line: &'a [u8],
        octets: usize,
        details: Details,
    ) -> Result<Line<'a>, ReplyError> {
        self.lines = self.lines.saturating_add(1);
        self.octets = self.octets.saturating_add(octets + 1);
        // One more, for the CR.
        if octets > LINE_OCTETS_MAX + 1 || self.octets > REPLY_OCTETS_MAX || self.lines > LINES_MAX
        {
            return Err(ReplyError::TooLong);
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Ok(Line { text: line, is_last: false, is_first: false });
        }
        let (code, is_last, mut text) = split(line).ok_or(ReplyError::Malformed)?;
        let (is_begun, is_first) = (self.code != 0, self.code != code);
        if is_first {
            (self.code, self.enhanced, self.keywords) = (code, None, Keywords::default());
        }
        if is_begun {
            self.keywords.insert_first_word(text);
        }
        if !details.are_of(code) {
            return Ok(Line { text: b"", is_last, is_first });
        }
        let before = text;
        if let Some(enhanced) = EnhancedCode::take(&mut text)
            && *self.enhanced.get_or_insert(enhanced) != enhanced
        {
            // Another one than the first belongs to the text.
            text = before;
        }
        Ok(Line { text, is_last, is_first })
    }

    /// The reply, now that it is whole.
    pub(super) const fn reply(self, text: &str) -> Reply<'_> {
        Reply { code: self.code, enhanced: self.enhanced, keywords: self.keywords, text }
    }
}

/// The code of a line, whether it is the last one, and its text.
#[inline]
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

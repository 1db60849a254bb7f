//! Lines out of what a client sends.

use std::io;

use super::wire::Wire;

/// Bytes of a command's line, at most. RFC 5321 (section 4.5.3.1.4) asks for 512, and extensions for more.
const LINE_BYTES_MAX: usize = 4096;

/// What was read and not yet taken.
#[derive(Debug, Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    /// Where the next line begins.
    begin: usize,
    /// The end of a line that was too long is still to come.
    skipping: bool,
}

impl Input {
    /// The next line without its end, if all of it is there. A line that is too long is cut.
    pub(super) fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            let rest = &self.bytes[self.begin..];
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                return self.overlong();
            };
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]).to_vec();
            self.begin += end + 1;
            if !std::mem::take(&mut self.skipping) {
                return Some(line);
            }
        }
    }

    fn overlong(&mut self) -> Option<Vec<u8>> {
        if self.bytes.len() - self.begin < LINE_BYTES_MAX {
            return None;
        }
        let line = self.bytes.split_off(self.begin);
        self.clear();
        (!std::mem::replace(&mut self.skipping, true)).then_some(line)
    }

    /// Whether there is one more line.
    pub(super) fn has_line(&self) -> bool {
        !self.skipping && self.bytes[self.begin..].contains(&b'\n')
    }

    /// Forgets what was not yet taken.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.begin = 0;
    }

    /// Reads more. There are no more bytes if it reads none.
    pub(super) async fn fill(&mut self, wire: &mut Wire) -> io::Result<usize> {
        self.bytes.drain(..self.begin);
        self.begin = 0;
        let mut piece = [0; 1024];
        let count = wire.read(&mut piece).await?;
        self.bytes.extend_from_slice(&piece[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, LINE_BYTES_MAX};

    #[test]
    fn an_overlong_line_is_one_line() {
        let mut input = Input { bytes: vec![b'x'; LINE_BYTES_MAX], ..Input::default() };
        assert_eq!(input.line().map(|line| line.len()), Some(LINE_BYTES_MAX));
        input.bytes = vec![b'x'; LINE_BYTES_MAX];
        assert_eq!(input.line(), None);
        input.bytes = b"end of it\r\nQUIT\r\n".to_vec();
        assert_eq!(input.line().as_deref(), Some(b"QUIT".as_slice()));
        assert_eq!(input.line(), None);
    }
}

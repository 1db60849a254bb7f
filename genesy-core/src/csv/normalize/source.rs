//! The file behind the reader, which reads UTF-8: any other encoding is decoded before it is split.

use std::collections::VecDeque;

use super::understanding::Learned;
use crate::csv::encoding::{Encoding, StreamDecoder};
use crate::csv::read::RecordReader;

/// Bytes of a slice that are decoded at a time.
const DECODE_BYTES: usize = 64 * 1024;

/// Bytes of the file between two places whose offset is known, at least. Characters of several bytes
/// take longer to count.
const SINGLE_BYTE_STRIDE: u64 = 4096;
const MULTI_BYTE_STRIDE: u64 = 512;

/// Hands the bytes of a file to the reader, and knows where they stood.
#[derive(Debug)]
pub(super) struct Source<'i> {
    /// Bytes of the front that hold no row and were not fed yet.
    skip: usize,
    /// Bytes of a slice that are to be decoded yet.
    rest: &'i [u8],
    /// The file's byte that the reader counts from; its text's, where it is decoded.
    first_offset: u64,
    decoded: Option<Decoded>,
}

/// A file that is decoded.
#[derive(Debug)]
struct Decoded {
    decoder: StreamDecoder,
    bom_bytes: u64,
    /// Bytes of the text's front that hold no row and were not decoded yet.
    skip: usize,
    /// Bytes of text that the reader was fed.
    fed: u64,
    /// Some places where no character is cut, in order. The reader holds the text from the first one
    /// on. They are chosen by what the file holds, so they do not depend on its chunks.
    places: VecDeque<Place>,
}

/// A byte offset in the text that the reader is fed, and the same in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    text: u64,
    file: u64,
}

impl<'i> Source<'i> {
    /// A file that is to be fed, and the reader for it.
    pub(super) fn fed(learned: &Learned) -> (Self, RecordReader<'i>) {
        let Learned { understanding, file_offset, text_offset, .. } = learned;
        let detection = &understanding.encoding;
        let reader = RecordReader::push(&understanding.dialect.dialect);
        if detection.encoding == Encoding::Utf8 {
            let skip = *file_offset as usize;
            return (Self { skip, rest: &[], first_offset: *file_offset, decoded: None }, reader);
        }
        let decoded = Decoded {
            decoder: StreamDecoder::new(detection.encoding),
            bom_bytes: detection.bom_bytes as u64,
            skip: *text_offset,
            fed: 0,
            places: VecDeque::from([Place { text: 0, file: *file_offset }]),
        };
        let skip = detection.bom_bytes;
        (Self { skip, rest: &[], first_offset: 0, decoded: Some(decoded) }, reader)
    }

    /// The same of a whole file, which is not copied unless it must be decoded.
    pub(super) fn slice(learned: &Learned, file: &'i [u8]) -> (Self, RecordReader<'i>) {
        let (source, reader) = Self::fed(learned);
        if source.decoded.is_some() {
            return (Self { rest: file, ..source }, reader);
        }
        let rows = &file[source.skip..];
        (source, RecordReader::from_slice(rows, &learned.understanding.dialect.dialect))
    }

    /// What the reader is to count the first byte of the rows as.
    pub(super) const fn first_offset(&self) -> u64 {
        self.first_offset
    }

    /// Whether malformed bytes became U+FFFD before the reader sees them.
    pub(super) fn marks_malformed(&self) -> bool {
        self.decoded.as_ref().is_some_and(|decoded| decoded.decoder.encoding().can_be_malformed())
    }

    /// Hands the next bytes of the file to `reader`.
    pub(super) fn feed(&mut self, mut chunk: &[u8], reader: &mut RecordReader<'_>) {
        drop_front(&mut chunk, &mut self.skip);
        match &mut self.decoded {
            None => reader.feed(chunk),
            Some(decoded) => decoded.feed(chunk, reader),
        }
    }

    /// No more bytes follow.
    pub(super) fn finish(&mut self, reader: &mut RecordReader<'_>) {
        if let Some(decoded) = &mut self.decoded {
            decoded.push(&[], true, reader);
        }
        reader.finish();
    }

    /// Decodes more of a slice; false if there is nothing more.
    pub(super) fn pull(&mut self, reader: &mut RecordReader<'_>) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        let (chunk, rest) = self.rest.split_at(self.rest.len().min(DECODE_BYTES));
        self.rest = rest;
        self.feed(chunk, reader);
        if rest.is_empty() {
            self.finish(reader);
        }
        true
    }

    /// Where the byte is in the file that `reader`, which holds it, counts as `offset`.
    pub(super) fn file_offset(&self, reader: &RecordReader<'_>, offset: u64) -> u64 {
        self.decoded.as_ref().map_or(offset, |decoded| decoded.file_offset(reader, offset))
    }
}

impl Decoded {
    fn feed(&mut self, mut chunk: &[u8], reader: &mut RecordReader<'_>) {
        self.drop_read(reader);
        let is_single_byte = self.decoder.encoding().is_single_byte();
        let stride = if is_single_byte { SINGLE_BYTE_STRIDE } else { MULTI_BYTE_STRIDE };
        while !chunk.is_empty() {
            let position = self.decoder.position();
            let due = self.places.back().map_or(0, |last| last.file - self.bom_bytes) + stride;
            let boundary = self.decoder.boundary_in(chunk, due.saturating_sub(position) as usize);
            let (piece, rest) = chunk.split_at(boundary.unwrap_or(chunk.len()));
            self.push(piece, false, reader);
            chunk = rest;
            if boundary.is_some() && self.skip == 0 {
                let file = self.bom_bytes + self.decoder.position();
                self.places.push_back(Place { text: self.fed, file });
            }
        }
    }

    fn push(&mut self, piece: &[u8], last: bool, reader: &mut RecordReader<'_>) {
        let Self { decoder, skip, fed, .. } = self;
        if *skip > 0 {
            let mut text = String::new();
            decoder.push(piece, last, &mut text);
            let mut text = text.as_bytes();
            drop_front(&mut text, skip);
            *fed += text.len() as u64;
            reader.feed(text);
        } else {
            *fed += reader.feed_text(|text| decoder.push(piece, last, text)) as u64;
        }
    }

    /// Has the reader drop what is not needed any more: neither by it nor to count from a place.
    fn drop_read(&mut self, reader: &mut RecordReader<'_>) {
        let needed = reader.needed_from();
        let passed = self.places.partition_point(|place| place.text <= needed).saturating_sub(1);
        if let Some(place) = self.places.get(passed)
            && reader.drop_before(place.text)
        {
            self.places.drain(..passed);
        }
    }

    /// Where the byte at `offset` of the text is in the file.
    fn file_offset(&self, reader: &RecordReader<'_>, offset: u64) -> u64 {
        let passed = self.places.partition_point(|place| place.text <= offset);
        let place = passed.checked_sub(1).and_then(|last| self.places.get(last));
        let Place { text, file } = place.copied().unwrap_or(Place { text: 0, file: 0 });
        file + self.decoder.encoded_len(&reader.text_between(text, offset))
    }
}

/// Takes from the front of `bytes` what is still to be skipped.
fn drop_front(bytes: &mut &[u8], skip: &mut usize) {
    let dropped = bytes.len().min(*skip);
    *bytes = &bytes[dropped..];
    *skip -= dropped;
}

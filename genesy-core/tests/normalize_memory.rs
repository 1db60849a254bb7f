//! Memory does not grow with the file: at most 64 MiB, and 24 bytes a lead for finding duplicates.
//!
//! The peak is that of the whole process as the kernel counts it, so this file has one test alone.
//! `GENESY_BIG=1` reads 1 GB, best with `--release`.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test may ask for its size and for what the process used"
)]

use std::io::{self, Read};

use genesy_core::csv::normalize::{Options, PhoneReading, for_each_row};

const MEBIBYTE: u64 = 1024 * 1024;
/// The most that reading may add to what the process had before, in bytes.
const PEAK_BYTES_MAX: u64 = 64 * MEBIBYTE;
/// What finding duplicates may add for each lead, in bytes.
const LEAD_BYTES_MAX: u64 = 24;

/// Rows made as they are read: nothing of the file is in memory but one piece.
struct Rows {
    bytes_max: u64,
    made: u64,
    row: u64,
    piece: Vec<u8>,
    taken: usize,
}

impl Rows {
    fn new(bytes_max: u64) -> Self {
        let header = b"First Name,Last Name,Email,Country,Company,Website,Notes\n".to_vec();
        Self { bytes_max, made: 0, row: 0, piece: header, taken: 0 }
    }

    fn refill(&mut self) {
        use std::io::Write as _;
        self.piece.clear();
        self.taken = 0;
        for _ in 0..500 {
            let row = self.row;
            self.row += 1;
            let notes = ["", "\"a, b\"", "Ñandú", "\"two\nlines\""][(row % 4) as usize];
            writeln!(
                self.piece,
                "José,García {row},user{row}@company{}.example,España,\"Company, {}\",company{}.com,{notes}",
                row % 977, row % 977, row % 977
            )
            .expect("memory");
        }
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            if self.made >= self.bytes_max {
                return Ok(0);
            }
            self.refill();
        }
        let rest = &self.piece[self.taken..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        self.made += count as u64;
        Ok(count)
    }
}

/// The most memory that the process has had, in bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    let kibibytes = line.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    1024 * kibibytes.unwrap_or(u64::MAX)
}

#[test]
fn a_big_file_is_read_in_constant_memory() {
    let megabytes = match (std::env::var_os("GENESY_BIG").is_some(), cfg!(debug_assertions)) {
        (true, _) => 1_000,
        (false, true) => 24,
        (false, false) => 200,
    };
    let mut options = Options::default();
    options.phones = PhoneReading::Skip;
    let before = peak_bytes();
    let normalizer = for_each_row(Rows::new(megabytes * 1_000_000), options, |_| {});
    let used = peak_bytes() - before;
    let summary = normalizer.expect("a table").summary();
    assert!(summary.leads() > megabytes * 6_000, "{} leads", summary.leads());
    assert_eq!(summary.leads(), summary.rows);
    let allowed = PEAK_BYTES_MAX.min(megabytes * MEBIBYTE / 2) + LEAD_BYTES_MAX * summary.leads();
    assert!(used <= allowed, "{used} bytes for {} leads of {megabytes} MB", summary.leads());
}

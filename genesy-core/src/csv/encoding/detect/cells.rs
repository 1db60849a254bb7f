//! The distinct non-ASCII cells of a sample, found without knowing its dialect.

/// Distinct cells that are kept.
const CELLS_MAX: usize = 256;

/// Bytes of a cell that are kept.
pub(super) const CELL_BYTES_MAX: usize = 64;

/// Non-ASCII cells that are looked at, repeated ones included.
const VISITS_MAX: usize = 4_096;

/// Slots of the table that finds repeated cells; a power of two.
const SLOTS: usize = 1_024;

/// A cell and how often it occurs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) count: u32,
}

/// Collects the distinct cells with non-ASCII bytes, the most frequent first.
pub(super) fn collect(sample: &[u8]) -> Vec<Cell<'_>> {
    let mut cells: Vec<Cell<'_>> = Vec::new();
    let mut slots = [u16::MAX; SLOTS];
    let mut position = 0;
    for _ in 0..VISITS_MAX {
        let Some(high) = next_high(sample, position) else { break };
        let start = start_of_cell(sample, position, high);
        let end = end_of_cell(sample, high);
        position = end;
        let bytes = trim(&sample[start..end]);
        remember(bytes, &mut cells, &mut slots);
    }
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.count));
    cells
}

/// The first byte at or after `position` that is not ASCII. ASCII is skipped 32 bytes at a time.
pub(super) fn next_high(sample: &[u8], position: usize) -> Option<usize> {
    let mut at = position;
    while let Some(block) = sample.get(at..at + 32) {
        if !block.is_ascii() {
            break;
        }
        at += 32;
    }
    let rest = sample.get(at..)?;
    rest.iter().position(|byte| !byte.is_ascii()).map(|offset| at + offset)
}

fn start_of_cell(sample: &[u8], floor: usize, high: usize) -> usize {
    let floor = floor.max(high.saturating_sub(CELL_BYTES_MAX / 2));
    let before = &sample[floor..high];
    before
        .iter()
        .rposition(|&byte| is_separator(byte) || byte == b'|')
        .map_or(floor, |at| floor + at + 1)
}

/// A `|` right after a non-ASCII byte may be the second half of a character, so it ends no cell.
fn end_of_cell(sample: &[u8], high: usize) -> usize {
    let limit = sample.len().min(high + CELL_BYTES_MAX / 2);
    (high + 1..limit)
        .find(|&at| is_separator(sample[at]) || (sample[at] == b'|' && sample[at - 1].is_ascii()))
        .unwrap_or(limit)
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b',' | b';' | b'\t' | b'\n' | b'\r' | b'"' | 0)
}

fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

fn remember<'a>(bytes: &'a [u8], cells: &mut Vec<Cell<'a>>, slots: &mut [u16; SLOTS]) {
    let mut slot = hash(bytes) % SLOTS;
    while let Some(cell) = cells.get_mut(usize::from(slots[slot])) {
        if cell.bytes == bytes {
            cell.count += 1;
            return;
        }
        slot = (slot + 1) % SLOTS;
    }
    if cells.len() < CELLS_MAX {
        slots[slot] = u16::try_from(cells.len()).unwrap_or(u16::MAX);
        cells.push(Cell { bytes, count: 1 });
    }
}

/// FNV-1a, for short keys; the same on every machine.
fn hash(bytes: &[u8]) -> usize {
    let mix = |hash: u32, &byte: &u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = bytes.iter().fold(0x811C_9DC5, mix);
    (hash ^ (hash >> 15)) as usize
}

#[cfg(test)]
mod tests {
    use super::collect;

    #[test]
    fn cells_are_found_between_any_separators() {
        let sample = b"name;land\nJos\xE9;Espa\xF1a\nx;\"Espa\xF1a\"\nA|Per\xFA |B\ty";
        let found: Vec<_> = collect(sample).iter().map(|cell| (cell.bytes, cell.count)).collect();
        assert_eq!(found, [(&b"Espa\xF1a"[..], 2), (b"Jos\xE9", 1), (b"Per\xFA", 1)]);
    }

    #[test]
    fn random_bytes_are_bounded() {
        let sample: Vec<u8> =
            (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(collect(&sample).len() <= super::CELLS_MAX);
    }
}

//! Slips of the keyboard: a bounded edit distance.

/// Longest word compared, in letters: no header name is longer.
const LETTERS_MAX: usize = 40;

/// Number of edits (insertion, deletion, replacement, swap of neighbours) that turn `a` into `b`, if at most
/// `edits_max`. It is the optimal string alignment distance: no letter is edited twice.
pub(super) fn distance_within(a: &[char], b: &[char], edits_max: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > edits_max || a.len().max(b.len()) > LETTERS_MAX {
        return None;
    }
    // Three rows of the table: two ago (for swaps), the last and the current one.
    let mut rows = [[0_usize; LETTERS_MAX + 1]; 3];
    for (column, cell) in rows[1].iter_mut().enumerate() {
        *cell = column;
    }
    for i in 1..=a.len() {
        let [two_ago, last, current] = &mut rows;
        current[0] = i;
        let mut smallest = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(two_ago[j - 2] + 1);
            }
            current[j] = best;
            smallest = smallest.min(best);
        }
        if smallest > edits_max {
            return None;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()]).filter(|&edits| edits <= edits_max)
}

/// How many edits a word of so many letters may have. Short words are other words when edited
/// (`nom` and `name`, `land` and `lang`), so they may have none.
pub(super) const fn edits_allowed(letters: usize) -> usize {
    match letters {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::distance_within;

    fn distance(a: &str, b: &str, edits_max: usize) -> Option<usize> {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        distance_within(&a, &b, edits_max)
    }

    #[test]
    fn edits_are_counted_up_to_the_bound() {
        assert_eq!(distance("email", "email", 1), Some(0));
        assert_eq!(distance("emial", "email", 1), Some(1), "a swap is one edit");
        assert_eq!(distance("compny", "company", 2), Some(1));
        assert_eq!(distance("kountri", "country", 2), Some(2));
        assert_eq!(distance("kountri", "country", 1), None);
        assert_eq!(distance("", "abc", 3), Some(3));
    }
}

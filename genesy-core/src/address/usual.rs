//! The address that nearly all are, by masks: no branch per byte.

use fearless_simd::Simd;

use super::lists::suggest;
use super::parse::Shape;
use super::{LABEL_OCTETS_MAX, LOCAL_PART_OCTETS_MAX};
use crate::scan::{BLOCK_BYTES, TextStart};

/// The shape of the address that `cell` is, where nothing is to be said about it: ASCII, unquoted,
/// nothing around it, no domain that looks mistyped. Nothing means "look closer", not "invalid".
#[inline(always)]
pub(crate) fn usual_shape<S: Simd>(cell: &[u8], start: &TextStart<S>) -> Option<Shape> {
    if cell.is_empty() || cell.len() > BLOCK_BYTES {
        return None;
    }
    let classes = start.classes();
    let ats = start.vectors.equal_to(b'@') & start.mask;
    let local_marks = classes.underscores | start.vectors.equal_to(b'+') & start.mask;
    let in_domain = classes.lower | classes.upper | classes.digits | classes.dots | classes.hyphens;
    // What may stand at neither end of a label; two of them in a row are an error, or so rare that
    // the full grammar may look at them.
    let edges = classes.dots | classes.hyphens | ats;
    let ends = 1 | 1 << (cell.len() - 1);
    let misplaced = edges & (edges << 1 | ends);
    let at = ats.trailing_zeros();
    let behind_at = start.mask & !(ats ^ ats.wrapping_sub(1));
    let is_usual = (in_domain | local_marks | ats) == start.mask
        && ats.is_power_of_two()
        && misplaced == 0
        && local_marks & behind_at == 0;
    // A block holds neither a local part nor a domain that is too long.
    const { assert!(BLOCK_BYTES - 2 <= LOCAL_PART_OCTETS_MAX && BLOCK_BYTES - 2 <= LABEL_OCTETS_MAX) };
    let domain = cell.get(at as usize + 1..).filter(|_| is_usual)?;
    let shape = Shape { at: at as u8, quoted: false, literal: false, normal: classes.upper == 0 };
    suggest(domain).is_none().then_some(shape)
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    use super::usual_shape;
    use crate::address::from_cell;
    use crate::address::parse::{Shape, parse};
    use crate::scan::{TextStart, levels, padded_block};

    /// The same at every level, whatever stands behind the cell.
    fn shape(cell: &str) -> Option<Shape> {
        let mut shapes = Vec::new();
        for level in levels() {
            for behind in [",@a.", &"x".repeat(80)] {
                let ahead = [cell, behind].concat();
                shapes.push(dispatch!(level, simd => {
                    usual_shape(cell.as_bytes(), &TextStart::load(simd, &padded_block(ahead.as_bytes()), cell.len()))
                }));
            }
        }
        assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{cell}");
        shapes[0]
    }

    proptest! {
        #[test]
        fn what_it_takes_is_what_the_grammar_takes(
            cell in "[a-zA-Z0-9._+é -]{0,20}(@|@@)?[a-z0-9A-Z._-]{0,44}",
        ) {
            if let Some(shape) = shape(&cell) {
                prop_assert_eq!(parse(&cell), Ok(shape));
                let found = from_cell(&cell).unwrap();
                prop_assert!(found.cleaning.is_empty() && found.others.is_empty());
                prop_assert!(found.suggested_domain().is_none());
            }
        }

        #[test]
        fn it_takes_the_usual_address(cell in "[a-z]{1,9}[._+-]?[A-Z0-9]{1,9}@[a-z0-9]{9}[.]com") {
            prop_assert_eq!(shape(&cell), parse(&cell).ok());
        }
    }

    #[test]
    fn anything_odd_is_left_to_the_grammar() {
        for cell in
            ["", "@", "a@", "@b", "a@b@c", ".a@b.c", "a@b_c.d", "a@-b.c", "a..b@c", "a@b.", "a"]
        {
            assert_eq!(shape(cell), None, "{cell}");
        }
        assert!(shape("a@b").is_some() && shape("a_b+c@d-e.f").is_some());
        assert_eq!(shape("a@gmial.com"), None, "looks mistyped");
    }
}

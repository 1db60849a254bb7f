//! The normal form: a key under which equal addresses are equal.

use unicode_normalization::UnicodeNormalization;

use super::{AddressRef, DomainKind, MAILBOX_OCTETS_MAX, domain, parse};

/// What hardly any address is longer than, in octets.
const USUAL_OCTETS_MAX: usize = 64;

/// Calls `visit` once with the normal form of `address`, allocating only for a quoted or
/// non-ASCII address.
pub(super) fn with_normal_form<R>(address: AddressRef<'_>, visit: impl FnOnce(&[u8]) -> R) -> R {
    let text = address.as_str();
    if address.is_normal() {
        return visit(text.as_bytes());
    }
    if address.is_quoted() || !text.is_ascii() || text.len() > MAILBOX_OCTETS_MAX {
        let mut normal = String::with_capacity(text.len());
        write_normal_form(address, &mut normal);
        return visit(normal.as_bytes());
    }
    // A short buffer is cleared in less time than the rest takes.
    if text.len() <= USUAL_OCTETS_MAX {
        with_lower_case::<USUAL_OCTETS_MAX, R>(text, visit)
    } else {
        with_lower_case::<MAILBOX_OCTETS_MAX, R>(text, visit)
    }
}

/// Calls `visit` with `text`, of at most `OCTETS`, in ASCII lower case.
fn with_lower_case<const OCTETS: usize, R>(text: &str, visit: impl FnOnce(&[u8]) -> R) -> R {
    let mut lower = [0; OCTETS];
    let lower = &mut lower[..text.len()];
    let from = text.as_bytes();
    match (lower.last_chunk_mut::<8>(), from.last_chunk::<8>()) {
        // The last eight bytes may overlap those before, which does no harm.
        (Some(last), Some(from)) => *last = lower_case(*from),
        _ => lower.copy_from_slice(&from.to_ascii_lowercase()),
    }
    for (word, from) in lower.as_chunks_mut::<8>().0.iter_mut().zip(from.as_chunks::<8>().0) {
        *word = lower_case(*from);
    }
    visit(lower)
}

/// Eight ASCII bytes in lower case, all at once: additions that cannot carry over from byte to byte
/// set the high bit of those from `A` on, and of those beyond `Z`.
const fn lower_case(word: [u8; 8]) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(word);
    let from_a = word + EACH * (0x80 - b'A' as u64);
    let beyond_z = word + EACH * (0x7F - b'Z' as u64);
    let capitals = from_a & !beyond_z & (EACH * 0x80);
    // The high bit becomes the bit that capitals lack.
    (word | capitals >> 2).to_le_bytes()
}

/// Appends the normal form of `address` to `normal`.
pub(super) fn write_normal_form(address: AddressRef<'_>, normal: &mut String) {
    write_local_part(address, normal);
    normal.push('@');
    let start = normal.len();
    match domain::to_wire(address.domain()) {
        Ok(wire) if address.domain_kind() == DomainKind::Name => normal.push_str(&wire),
        _ => normal.push_str(address.domain()),
    }
    normal[start..].make_ascii_lowercase();
}

/// The local part unquoted where no quotes are needed, with minimal escapes where they are.
fn write_local_part(address: AddressRef<'_>, normal: &mut String) {
    let raw = address.local_part();
    let mut folded = String::with_capacity(raw.len());
    if address.is_quoted() {
        write_folded(&unquote(raw), &mut folded);
    } else {
        write_folded(raw, &mut folded);
    }
    // NFC can turn a letter into a special: U+037E into a semicolon.
    if is_dot_string(&folded) {
        normal.push_str(&folded);
        return;
    }
    normal.push('"');
    for character in folded.chars() {
        if matches!(character, '"' | '\\') {
            normal.push('\\');
        }
        normal.push(character);
    }
    normal.push('"');
}

fn is_dot_string(text: &str) -> bool {
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(parse::is_atext_or_beyond))
}

/// What a quoted string stands for: `raw` without its quotes and escapes.
fn unquote(raw: &str) -> String {
    let mut content = String::with_capacity(raw.len());
    let mut escaped = false;
    for character in raw[1..raw.len() - 1].chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            content.push(character);
            escaped = false;
        }
    }
    content
}

/// Lower case and NFC: NFC last, since lowering can leave a text that is not composed.
fn write_folded(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let start = folded.len();
        folded.push_str(text);
        folded[start..].make_ascii_lowercase();
    } else {
        folded.extend(text.nfc().flat_map(fold).nfc());
    }
}

/// Case folding by way of the upper case, so that `ς` and `σ` fold alike. The dotless `ı` is a
/// letter of its own, as in Unicode's `CaseFolding.txt`.
fn fold(character: char) -> impl Iterator<Item = char> {
    let keep = character == 'ı';
    character
        .to_uppercase()
        .flat_map(char::to_lowercase)
        .map(move |folded| if keep { character } else { folded })
}

#[cfg(test)]
mod tests {
    use super::with_lower_case;

    #[test]
    fn lower_case_whatever_the_length() {
        let ascii: String = (0..0x80_u8).map(char::from).collect();
        for start in 0..ascii.len() {
            for end in start..ascii.len().min(start + 64) {
                let text = &ascii[start..end];
                with_lower_case::<64, _>(text, |lower| {
                    assert_eq!(lower, text.to_ascii_lowercase().as_bytes());
                });
            }
        }
    }
}

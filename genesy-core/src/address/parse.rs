//! The mailbox grammar: one pass for the usual address, and the full grammar for all others.

use super::domain;
use super::error::{AddressError, AddressErrorKind as Kind};
use super::literal::is_address_literal;
use super::{LABEL_OCTETS_MAX, LOCAL_PART_OCTETS_MAX, MAILBOX_OCTETS_MAX};

/// What a parse found beside the position of the `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shape {
    /// The byte offset of the `@` between local part and domain.
    pub(super) at: u8,
    /// The local part is a quoted string.
    pub(super) quoted: bool,
    /// The domain is an address literal.
    pub(super) literal: bool,
    /// The address is its own normal form.
    pub(super) normal: bool,
}

/// Parses `text` as a mailbox.
pub(super) fn parse(text: &str) -> Result<Shape, AddressError> {
    match parse_usual(text.as_bytes()) {
        Some(shape) => Ok(shape),
        None => parse_any(text),
    }
}

/// What may stand at neither end of a label: a dot, a hyphen, the `@` and the ends of the text.
/// Two of them in a row are an error, or so rare that the full grammar may look at them.
const EDGE: u32 = 1 << 31;
/// Allowed in a local part, not in a domain.
const NOT_DOMAIN: u32 = 1 << 24;
/// An upper-case letter: the address is not its own normal form. Counted in 8 bits, as are the next.
const UPPER: u32 = 1 << 16;
/// An `@`.
const AT: u32 = 1 << 8;
/// Neither plain `atext` nor a dot nor an `@`: not for the quick pass.
const OTHER: u32 = 1;
/// One 8-bit count.
const COUNT: u32 = 0xFF;
/// The longest text whose counts cannot overflow, in octets.
const USUAL_OCTETS_MAX: usize = LOCAL_PART_OCTETS_MAX + 1 + LABEL_OCTETS_MAX;

static CLASSES: [u32; 256] = classes();

const fn classes() -> [u32; 256] {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => 0,
            b'A'..=b'Z' => UPPER,
            b'.' | b'-' => EDGE,
            b'@' => EDGE | NOT_DOMAIN | AT,
            _ if is_atext(byte) => NOT_DOMAIN,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
}

/// `atext` (RFC 5322 §3.2.3), without the extension to UTF-8.
const fn is_atext(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
            | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'/'
            | b'=' | b'?' | b'^' | b'_' | b'`' | b'{' | b'|' | b'}' | b'~'
    )
}

/// One pass without a branch per byte for the address that nearly all are: ASCII, unquoted,
/// a short domain name. Nothing means "look closer", not "invalid".
fn parse_usual(bytes: &[u8]) -> Option<Shape> {
    if bytes.len() > USUAL_OCTETS_MAX {
        return None;
    }
    let mut counts = 0_u32;
    let mut pairs = 0;
    let mut previous = EDGE;
    let mut at = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let class = CLASSES[usize::from(byte)];
        // The sums of the bits above the counts overflow, and mean nothing.
        counts = counts.wrapping_add(class);
        pairs |= class & previous;
        previous = class;
        // The last byte that no domain has must turn out to be the only `@`.
        at = if class & NOT_DOMAIN == 0 { at } else { index };
    }
    pairs |= previous;
    let usual = counts & ((COUNT * AT) | (COUNT * OTHER)) == AT
        && pairs & EDGE == 0
        && bytes.get(at) == Some(&b'@')
        && at <= LOCAL_PART_OCTETS_MAX
        && bytes.len() - (at + 1) <= LABEL_OCTETS_MAX;
    let at = u8::try_from(at).ok().filter(|_| usual)?;
    let normal = counts & (COUNT * UPPER) == 0;
    Some(Shape { at, quoted: false, literal: false, normal })
}

/// The length of the lower-case ASCII domain name at the start of `bytes`, if it is a usual one:
/// dots between short labels without doubled hyphens. It ends at the first byte no domain has.
#[cfg(feature = "csv")]
pub(crate) fn usual_domain_octets(bytes: &[u8]) -> Option<usize> {
    let mut pairs = 0;
    let mut previous = EDGE;
    let mut octets = 0;
    for &byte in bytes {
        let class = CLASSES[usize::from(byte)];
        if class & !EDGE != 0 {
            break;
        }
        pairs |= class & previous;
        previous = class;
        octets += 1;
    }
    pairs |= previous;
    (pairs & EDGE == 0 && octets <= LABEL_OCTETS_MAX).then_some(octets)
}

/// The whole grammar, with the kind and place of the first error.
fn parse_any(text: &str) -> Result<Shape, AddressError> {
    if text.is_empty() {
        return Err(AddressError::new(Kind::Empty, 0));
    }
    let quoted = text.starts_with('"');
    let at = if quoted { quoted_string_end(text)? } else { dot_string_end(text)? };
    if at == 0 {
        return Err(AddressError::new(Kind::EmptyLocalPart, 0));
    }
    if at > LOCAL_PART_OCTETS_MAX {
        return Err(AddressError::new(Kind::LocalPartTooLong, LOCAL_PART_OCTETS_MAX));
    }
    let domain_start = at + 1;
    let domain = &text[domain_start..];
    let literal = domain.starts_with('[');
    let wire_octets = if literal {
        check_literal(domain).map_err(|error| error.shifted(domain_start))?;
        domain.len()
    } else {
        domain::to_wire(domain).map_err(|error| error.shifted(domain_start))?.len()
    };
    if domain_start + wire_octets > MAILBOX_OCTETS_MAX {
        return Err(AddressError::new(Kind::TooLong, text.len().min(MAILBOX_OCTETS_MAX)));
    }
    let normal = !quoted && text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    match u8::try_from(at) {
        Ok(at) => Ok(Shape { at, quoted, literal, normal }),
        Err(_) => Err(AddressError::new(Kind::LocalPartTooLong, LOCAL_PART_OCTETS_MAX)),
    }
}

/// `Dot-string`: gives the offset of the `@` that ends it.
fn dot_string_end(text: &str) -> Result<usize, AddressError> {
    let mut previous = '.';
    for (at, character) in text.char_indices() {
        match character {
            '@' if at > 0 && previous == '.' => {
                return Err(AddressError::new(Kind::MisplacedDot, at - 1));
            }
            '@' => return Ok(at),
            '.' if previous == '.' => return Err(AddressError::new(Kind::MisplacedDot, at)),
            '.' => {}
            // Joiners stand between letters of the scripts that need them (RFC 5892 appendix A).
            '\u{200C}' | '\u{200D}' if !previous.is_ascii() => {}
            '\u{200C}' | '\u{200D}' => {
                return Err(AddressError::new(Kind::LocalPartCharacter, at));
            }
            _ if is_atext_or_beyond(character) => {}
            // Without any @ the text is no attempt at an address: say so first.
            _ if !text.contains('@') => break,
            _ => return Err(AddressError::new(Kind::LocalPartCharacter, at)),
        }
        previous = character;
    }
    Err(AddressError::new(Kind::MissingAt, text.len()))
}

/// `Quoted-string`: gives the offset of the `@` that follows it.
fn quoted_string_end(text: &str) -> Result<usize, AddressError> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if !matches!(character, ' '..='~') && !is_beyond_ascii(character) {
            return Err(AddressError::new(Kind::QuotedCharacter, at));
        }
        match character {
            // `quoted-pairSMTP` has printable ASCII alone; RFC 6531 §3.3 does not widen it.
            _ if escaped && !character.is_ascii() => {
                return Err(AddressError::new(Kind::QuotedCharacter, at));
            }
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                return match text.as_bytes().get(at + 1) {
                    Some(b'@') => Ok(at + 1),
                    Some(_) => Err(AddressError::new(Kind::TextAfterQuote, at + 1)),
                    None => Err(AddressError::new(Kind::MissingAt, at + 1)),
                };
            }
            _ => {}
        }
    }
    Err(AddressError::new(Kind::UnclosedQuote, text.len()))
}

/// `address-literal`: brackets around an IPv4 or IPv6 address.
fn check_literal(domain: &str) -> Result<(), AddressError> {
    let Some(content) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Err(AddressError::new(Kind::UnclosedLiteral, domain.len()));
    };
    if is_address_literal(content.as_bytes()) {
        Ok(())
    } else {
        Err(AddressError::new(Kind::InvalidLiteral, 1))
    }
}

/// Whether an unquoted local part may have `character`, dots aside.
pub(super) fn is_atext_or_beyond(character: char) -> bool {
    u8::try_from(character).is_ok_and(is_atext) || is_beyond_ascii(character)
}

/// `UTF8-non-ascii` (RFC 6531 §3.3), less what nobody can see or exchange: controls, white space,
/// invisible formatting other than the joiners that some scripts need, private-use characters and
/// noncharacters. The grammar has them; in a leads file they are leftovers of some other program.
fn is_beyond_ascii(character: char) -> bool {
    !character.is_ascii()
        && !character.is_control()
        && !character.is_whitespace()
        && !matches!(
            character,
            '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}'
                | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFF}' | '\u{E0000}'..='\u{E007F}'
                | '\u{F0000}'..
        )
}

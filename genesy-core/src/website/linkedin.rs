//! LinkedIn pages: a person's profile, a company's page.

use fearless_simd::Simd;

use crate::scan::{BLOCK_BYTES, TextStart, first_bits};
use crate::trim::trim;

/// What a LinkedIn address leads to, with the part of its path that names it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkedinPage<'a> {
    /// A person: the name in `linkedin.com/in/name` (or in the older `/pub/name`).
    Profile(&'a str),
    /// A company: the name in `linkedin.com/company/name`, `/school/` or `/showcase/`.
    Company(&'a str),
}

impl std::fmt::Debug for LinkedinPage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Profile(_) => "Profile(<redacted>)",
            Self::Company(_) => "Company(<redacted>)",
        })
    }
}

/// The name in a person's LinkedIn address: `ada` for `https://uk.linkedin.com/in/ada/?x=1`.
///
/// Scheme, country subdomain and `www` are optional; nothing for a company's page or another site.
/// It does not allocate.
#[must_use]
pub fn linkedin_profile(cell: &str) -> Option<&str> {
    match linkedin_page(cell)? {
        LinkedinPage::Profile(name) => Some(name),
        LinkedinPage::Company(_) => None,
    }
}

/// What kind of LinkedIn page `cell` is the address of, if any. It does not allocate.
#[must_use]
pub fn linkedin_page(cell: &str) -> Option<LinkedinPage<'_>> {
    if let Some(name) = usual_profile(cell) {
        return Some(LinkedinPage::Profile(name));
    }
    let text = trim(cell);
    let text = ["https://", "http://", "//"]
        .into_iter()
        .find_map(|scheme| strip_prefix_ignore_case(text, scheme))
        .unwrap_or(text);
    let (host, path) = text.split_once('/')?;
    let host = strip_prefix_ignore_case(host, "www.").unwrap_or(host);
    let is_linkedin = host.eq_ignore_ascii_case("linkedin.com")
        || host.split_once('.').is_some_and(|(subdomain, site)| {
            site.eq_ignore_ascii_case("linkedin.com") && is_country_or_mobile(subdomain)
        });
    if !is_linkedin {
        return None;
    }
    let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let (section, name) = (segments.next()?, segments.next()?);
    if !name.chars().all(is_name_character) {
        return None;
    }
    let is = |word: &str| section.eq_ignore_ascii_case(word);
    if is("in") || is("pub") {
        Some(LinkedinPage::Profile(name))
    } else if is("company") || is("school") || is("showcase") {
        Some(LinkedinPage::Company(name))
    } else {
        None
    }
}

/// The name in the address that nearly all are: a lower-case site, `/in/`, and an ASCII name with
/// nothing behind it. Nothing means "look closer", not "no page".
fn usual_profile(cell: &str) -> Option<&str> {
    let name = &cell[usual_name_at(cell.as_bytes())?..];
    let name = name.strip_suffix('/').unwrap_or(name);
    // Without a branch per byte: names are short.
    let in_names = |usual, byte| usual & IN_NAMES[usize::from(byte)];
    (name.bytes().fold(true, in_names) && !name.is_empty()).then_some(name)
}

/// As [`usual_profile`], of a cell whose start is known.
#[inline(always)]
pub(crate) fn is_usual_profile<S: Simd>(cell: &[u8], start: &TextStart<S>) -> bool {
    let Some(name_at) = usual_name_at(cell).filter(|_| cell.len() <= BLOCK_BYTES) else {
        return false;
    };
    let mark = |byte| start.vectors.equal_to(byte);
    let classes = start.classes();
    let in_names = classes.lower
        | classes.upper
        | classes.digits
        | classes.dots
        | classes.hyphens
        | classes.underscores
        | mark(b'%')
        | mark(b'\'')
        | mark(b'&');
    let name_end = cell.len() - usize::from(cell.last() == Some(&b'/'));
    let name = first_bits(name_end) & !first_bits(name_at);
    name_at < name_end && in_names & name == name
}

/// Where the name begins in a profile's address with a lower-case site.
#[inline(always)]
fn usual_name_at(cell: &[u8]) -> Option<usize> {
    const USUAL: &[u8] = b"https://www.linkedin.com/in/";
    if cell.starts_with(USUAL) {
        return Some(USUAL.len());
    }
    let scheme = |scheme: &[u8]| cell.strip_prefix(scheme);
    let site = scheme(b"https://").or_else(|| scheme(b"http://")).unwrap_or(cell);
    let site = match site {
        [b'w', b'w', b'w', b'.', site @ ..] => site,
        [first, second, b'.', site @ ..]
            if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() =>
        {
            site
        }
        _ => site,
    };
    Some(cell.len() - site.strip_prefix(b"linkedin.com/in/")?.len())
}

/// The ASCII bytes that names have.
static IN_NAMES: [bool; 256] = {
    let mut in_names = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        in_names[byte as usize] = byte.is_ascii_alphanumeric() || is_name_mark(byte as char);
        byte += 1;
    }
    in_names
};

/// `uk.linkedin.com` and the like, and `m.` or `mobile.` for phones.
fn is_country_or_mobile(subdomain: &str) -> bool {
    let country = subdomain.len() == 2 && subdomain.bytes().all(|byte| byte.is_ascii_alphabetic());
    country || subdomain.eq_ignore_ascii_case("m") || subdomain.eq_ignore_ascii_case("mobile")
}

/// Names are letters of any script, percent-encoded or not, digits and a few marks.
fn is_name_character(character: char) -> bool {
    character.is_alphanumeric()
        || is_name_mark(character)
        || (!character.is_ascii() && !character.is_whitespace() && !character.is_control())
}

const fn is_name_mark(character: char) -> bool {
    matches!(character, '-' | '_' | '%' | '.' | '\'' | '&')
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.as_bytes().get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix.as_bytes()).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    use super::{TextStart, is_usual_profile, linkedin_profile};
    use crate::scan::{levels, padded_block};

    /// The same at every level, whatever stands behind the cell.
    fn is_usual(cell: &str) -> bool {
        let mut answers = Vec::new();
        for level in levels() {
            for behind in ["/ ", &"x".repeat(80)] {
                let ahead = [cell, behind].concat();
                answers.push(dispatch!(level, simd => {
                    let start = TextStart::load(simd, &padded_block(ahead.as_bytes()), cell.len());
                    is_usual_profile(cell.as_bytes(), &start)
                }));
            }
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{cell}");
        answers[0]
    }

    proptest! {
        #[test]
        fn what_is_usual_is_a_profile(
            cell in "(https?://)?(www[.]|uk[.])?linkedin[.]com/in/[a-zA-Zé0-9%._'& -]{0,40}/?",
        ) {
            prop_assert!(!is_usual(&cell) || linkedin_profile(&cell).is_some());
        }

        #[test]
        fn the_usual_profile_is_usual(name in "[a-zA-Z0-9%._'&-]{1,30}", slash in "/?") {
            let cell = ["https://www.linkedin.com/in/", &name, &slash].concat();
            prop_assert!(is_usual(&cell));
        }
    }
}

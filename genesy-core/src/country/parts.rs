//! Cells that name a country among other things: `ES - Spain`, `es_ES`, `Deutschland / Germany`.

use super::kinds::Kinds;
use super::letters::Keys;
use super::{ColumnContext, Country, Doubt, How, Recognized, codes, lookup, trim};

/// Cells of more parts than this are prose, not a country.
const PARTS_MAX: usize = 6;

/// Reads a cell part by part, if it has parts. Parts that name different countries are a doubt;
/// a part that names none is allowed only where it is plainly something else.
pub(super) fn read(
    text: &str,
    keys: &Keys,
    context: &ColumnContext,
) -> Option<Result<Recognized, Doubt>> {
    let locale = keys.kinds.has(Kinds::HYPHEN).then(|| read_locale(text)).flatten();
    locale
        .or_else(|| keys.kinds.has(Kinds::SEPARATOR).then(|| separated(text, context)).flatten())
        .or_else(|| two_names(text, keys, context))
        .map(|result| result.map(|recognized| Recognized { how: How::Part, ..recognized }))
}

/// A locale: a language, perhaps a script, and a region: `es-ES`, `en_US.UTF-8`, `zh-Hans-CN`.
fn read_locale(text: &str) -> Option<Result<Recognized, Doubt>> {
    let text = text.split(['.', '@']).next()?;
    if !text.is_ascii() || !(5..=11).contains(&text.len()) {
        return None;
    }
    let (language, rest) = text.split_once(['-', '_'])?;
    let region = match rest.split_once(['-', '_']) {
        Some((script, region)) if script.len() == 4 => region,
        Some(_) => return None,
        None => rest,
    };
    let known = language.len() == 2
        && LANGUAGES
            .as_bytes()
            .chunks(3)
            .any(|other| other[..2].eq_ignore_ascii_case(language.as_bytes()));
    let letters: [u8; 2] = region.as_bytes().try_into().ok()?;
    let country = Country::from_letters(letters.map(|letter| letter.to_ascii_uppercase()))?;
    let capitals = language.bytes().all(|byte| byte.is_ascii_uppercase());
    let other = Country::from_alpha2(language).filter(|&other| other != country);
    match other {
        // In capitals, `DE-AT` may as well be two countries.
        Some(_) if capitals => Some(Err(Doubt::Ambiguous)),
        _ if known => Some(Ok(Recognized::new(country, How::Part))),
        _ => None,
    }
}

/// The two-letter codes of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch \
    co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he \
    hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu iw ja jv ka kg ki kj kk kl km kn ko kr ks ku \
    kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv \
    ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st \
    su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu ";

/// Parts between separators. A dash between spaces and an ampersand are also parts of names, so
/// they separate only where the text without them gives nothing.
fn separated(text: &str, context: &ColumnContext) -> Option<Result<Recognized, Doubt>> {
    let parts = || text.split(is_separator).map(trim).filter(|part| !part.is_empty());
    let dashed = || parts().flat_map(|part| part.split(" - ")).map(trim);
    let joined =
        || dashed().flat_map(|part| part.split('&')).map(trim).filter(|part| !part.is_empty());
    let found = agree(parts(), text, context)
        .or_else(|| text.contains(" - ").then(|| agree(dashed(), text, context))?)
        .or_else(|| text.contains('&').then(|| agree(joined(), text, context))?);
    if found.is_some() {
        return found;
    }
    // A hyphen without spaces is part of many names, so both sides must be the same country.
    let (left, right) = text.split_once('-')?;
    match (single(trim(left), context), single(trim(right), context)) {
        (Some(Ok(left)), Some(Ok(right))) if left.country == right.country => Some(Ok(left)),
        (Some(Ok(_)), Some(Ok(_))) => Some(Err(Doubt::Ambiguous)),
        _ => None,
    }
}

pub(super) const fn is_separator(character: char) -> bool {
    matches!(
        character,
        '/' | '\\'
            | '|'
            | ';'
            | ','
            | ':'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '='
            | '+'
            | '>'
            | '<'
            | '\n'
            | '\r'
            | '\t'
            | '–'
            | '—'
            | '•'
            | '·'
            | '→'
            | '"'
            | '*'
            | '、'
            | '，'
            | '（'
            | '）'
            | '／'
            | '【'
            | '】'
            | '_'
    )
}

fn agree<'a>(
    parts: impl Iterator<Item = &'a str> + Clone,
    text: &str,
    context: &ColumnContext,
) -> Option<Result<Recognized, Doubt>> {
    let count = parts.clone().take(PARTS_MAX + 1).count();
    if !(1..=PARTS_MAX).contains(&count) || (count == 1 && parts.clone().next() == Some(text)) {
        return None;
    }
    let mut found: Option<Recognized> = None;
    let mut strangers = 0;
    let mut last = None;
    for part in parts {
        last = single(part, context);
        match last {
            Some(Ok(recognized)) => match found {
                Some(other) if other.country != recognized.country => {
                    return Some(Err(Doubt::Ambiguous));
                }
                _ => found = Some(recognized),
            },
            Some(Err(Doubt::Placeholder | Doubt::ReservedCode | Doubt::NumberInTextColumn)) => {}
            Some(Err(doubt @ (Doubt::Ambiguous | Doubt::Dissolved))) => return Some(Err(doubt)),
            _ => strangers += 1,
        }
    }
    let found = found?;
    // `Madrid, Spain`: an address ends with its country, spelled out.
    let is_address = text.contains(',')
        && !text.contains(['/', '|', ';', '+'])
        && last == Some(Ok(found))
        && matches!(found.how, How::Name | How::Variant | How::Alpha3)
        && text.rsplit(',').next().is_some_and(|last| !is_given_name(trim(last)));
    (strangers == 0 || is_address).then_some(Ok(found))
}

/// Country names that are also given names, as in `Smith, Jordan`.
fn is_given_name(name: &str) -> bool {
    const GIVEN_NAMES: [&str; 14] = [
        "Jordan", "Chad", "Georgia", "Israel", "India", "Kenya", "Malta", "Cuba", "China",
        "Ireland", "Holland", "Chile", "America", "Mali",
    ];
    name.len() <= 3 && name != "USA" && name != "UAE"
        || GIVEN_NAMES.iter().any(|given| given.eq_ignore_ascii_case(name))
}

/// A part as a whole: a code in capitals, a name, or digits such as a dialling code.
fn single(part: &str, context: &ColumnContext) -> Option<Result<Recognized, Doubt>> {
    if part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Err(Doubt::NumberInTextColumn));
    }
    if part.len() <= 3 && part.is_ascii() {
        return match codes::read(part, context) {
            Some(Ok(found)) if part.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                Some(Ok(found))
            }
            Some(Err(doubt @ (Doubt::Placeholder | Doubt::ReservedCode))) => Some(Err(doubt)),
            _ => lookup::name(part),
        };
    }
    lookup::name(part)
}

/// Two or more names or codes of one country with spaces between: `ES Spain`, `Spain España`.
fn two_names(
    text: &str,
    keys: &Keys,
    context: &ColumnContext,
) -> Option<Result<Recognized, Doubt>> {
    if keys.prefixes().is_empty() || !lookup::starts_with_name(text, keys) {
        return None;
    }
    for (at, _) in text.match_indices(' ') {
        let (left, right) = (trim(&text[..at]), trim(&text[at..]));
        let Some(left) = single(left, context) else { continue };
        let Some(right) = single(right, context) else { continue };
        return match (left, right) {
            (Ok(left), Ok(right)) if left.country == right.country => Some(Ok(left)),
            (Ok(_), Ok(_)) => Some(Err(Doubt::Ambiguous)),
            (Ok(found), Err(Doubt::NumberInTextColumn))
            | (Err(Doubt::NumberInTextColumn), Ok(found)) => Some(Ok(found)),
            _ => continue,
        };
    }
    None
}

//! The numbering plan of a calling code: which numbers it has, and of what kind they are.

use std::sync::OnceLock;

use super::automaton::{Automaton, Builder};
use super::pattern::{Node, PrefixMatch};
use super::{LineType, Region};

/// The most digits of a national number (libphonenumber's own limit).
pub(super) const NATIONAL_DIGITS_MAX: usize = 17;

/// Labels of patterns: the kinds of numbers of a region, in the order in which they are tried.
const KINDS: usize = 12;
const GENERAL: usize = 0;
const LEADING_DIGITS: usize = 1;
const FIXED_LINE: usize = 10;
const MOBILE: usize = 11;

/// Kinds that come before fixed lines and mobiles.
const SPECIAL: [(usize, LineType); 8] = [
    (2, LineType::PremiumRate),
    (3, LineType::TollFree),
    (4, LineType::SharedCost),
    (5, LineType::Voip),
    (6, LineType::PersonalNumber),
    (7, LineType::Pager),
    (8, LineType::Uan),
    (9, LineType::Voicemail),
];

/// A calling code with the regions that share it, the main one first.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) calling_code: u16,
    pub(super) regions: Vec<Plan>,
    /// Made from the patterns when the first number asks for them.
    compiled: OnceLock<Compiled>,
}

/// The plan of one region as the metadata tells it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// None for calling codes that belong to no country.
    pub(super) region: Option<Region>,
    pub(super) international_prefix: Option<String>,
    pub(super) national_prefix: Option<String>,
    /// What a national prefix with groups is replaced by, such as `9$1`.
    pub(super) transform: String,
    pub(super) leading_digits: Option<String>,
    pub(super) general: Kind,
    /// Lengths of numbers that can be dialled within an area only.
    pub(super) local_lengths: Lengths,
    /// Those of [`SPECIAL`] in its order, then fixed line and mobile.
    pub(super) kinds: [Kind; KINDS - 2],
    pub(super) mobile_is_fixed_line: bool,
}

/// One kind of numbers.
#[derive(Debug, Default)]
pub(super) struct Kind {
    pub(super) pattern: Option<String>,
    /// None where the pattern alone decides.
    pub(super) lengths: Option<Lengths>,
}

/// Lengths of national numbers, as bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lengths(u64);

impl Lengths {
    pub(super) fn new(lengths: &[i32]) -> Self {
        let bit = |length: &i32| u32::try_from(*length).ok().and_then(|bit| 1_u64.checked_shl(bit));
        // A length of -1 stands for "no such numbers".
        Self(lengths.iter().filter_map(bit).fold(0, |bits, bit| bits | bit))
    }

    fn contains(self, length: usize) -> bool {
        length < 64 && self.0 >> length & 1 == 1
    }
}

/// What the length alone says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LengthVerdict {
    Possible,
    LocalOnly,
    TooShort,
    TooLong,
    Invalid,
}

impl Plan {
    pub(super) fn length_verdict(&self, length: usize) -> LengthVerdict {
        let possible = self.general.lengths.unwrap_or_default();
        if possible.0 == 0 {
            LengthVerdict::Invalid
        } else if self.local_lengths.contains(length) {
            LengthVerdict::LocalOnly
        } else if possible.contains(length) {
            LengthVerdict::Possible
        } else if length < possible.0.trailing_zeros() as usize {
            LengthVerdict::TooShort
        } else if length > possible.0.ilog2() as usize {
            LengthVerdict::TooLong
        } else {
            LengthVerdict::Invalid
        }
    }

    fn kind(&self, kind: usize) -> &Kind {
        kind.checked_sub(2).and_then(|kind| self.kinds.get(kind)).unwrap_or(&self.general)
    }

    /// The line type of a number of `length` digits that fits the patterns of `labels`.
    fn line_type(&self, labels: u16, length: usize) -> LineType {
        let is = |kind: usize| {
            labels >> kind & 1 == 1
                && self.kind(kind).lengths.is_none_or(|lengths| lengths.contains(length))
        };
        if !is(GENERAL) {
            return LineType::Unknown;
        }
        if let Some((_, special)) = SPECIAL.iter().find(|(kind, _)| is(*kind)) {
            return *special;
        }
        match (is(FIXED_LINE), self.mobile_is_fixed_line, is(MOBILE)) {
            (true, true, _) | (true, false, true) => LineType::FixedLineOrMobile,
            (true, false, false) => LineType::FixedLine,
            (false, false, true) => LineType::Mobile,
            (false, ..) => LineType::Unknown,
        }
    }
}

/// A prefix that is cut off a number before it is looked at.
#[derive(Debug)]
pub(super) struct Prefix {
    pattern: Node,
    first_digits: u16,
}

impl Prefix {
    fn new(pattern: &str) -> Self {
        let pattern = parsed(pattern);
        Self { first_digits: pattern.first_digits(), pattern }
    }

    /// Where the prefix fits the beginning of `digits`.
    pub(super) fn find(&self, digits: &[u8]) -> Option<PrefixMatch> {
        let first = *digits.first()?;
        (self.first_digits >> first & 1 == 1).then(|| self.pattern.match_prefix(digits)).flatten()
    }
}

/// What the patterns of a calling code become.
#[derive(Debug)]
struct Compiled {
    automaton: Automaton,
    /// What each label set of the automaton says.
    verdicts: Vec<Verdicts>,
    /// The international and the national prefix of each region.
    prefixes: Vec<(Option<Prefix>, Option<Prefix>)>,
}

/// What fitting a set of patterns says of a number.
#[derive(Debug)]
struct Verdicts {
    /// The regions whose general pattern the number fits, as bits.
    general: u64,
    by_length: [Verdict; NATIONAL_DIGITS_MAX + 1],
}

/// The region that a number belongs to, and its kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) line_type: LineType,
    /// The place in [`Numbering::regions`], if the number belongs to one of them.
    pub(super) region: Option<u8>,
}

impl Numbering {
    pub(super) fn new(calling_code: u16) -> Self {
        Self { calling_code, regions: Vec::new(), compiled: OnceLock::new() }
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled::new(&self.regions))
    }

    /// The region and the kind of a national number of at most [`NATIONAL_DIGITS_MAX`] digits.
    pub(super) fn verdict(&self, digits: &[u8]) -> Verdict {
        let compiled = self.compiled();
        let verdicts = &compiled.verdicts[compiled.automaton.run(digits)];
        verdicts.by_length[digits.len().min(NATIONAL_DIGITS_MAX)]
    }

    /// Whether `digits` fit the general pattern of a region.
    pub(super) fn is_general(&self, region: usize, digits: &[u8]) -> bool {
        let compiled = self.compiled();
        compiled.verdicts[compiled.automaton.run(digits)].general >> region & 1 == 1
    }

    pub(super) fn international_prefix(&self, region: usize) -> Option<&Prefix> {
        self.compiled().prefixes[region].0.as_ref()
    }

    pub(super) fn national_prefix(&self, region: usize) -> Option<&Prefix> {
        self.compiled().prefixes[region].1.as_ref()
    }
}

impl Compiled {
    fn new(regions: &[Plan]) -> Self {
        let mut builder = Builder::default();
        for (region, plan) in regions.iter().enumerate() {
            let label = |kind: usize| (region * KINDS + kind) as u16;
            for kind in (0..KINDS).filter(|kind| *kind != LEADING_DIGITS) {
                if let Some(pattern) = &plan.kind(kind).pattern {
                    builder.add(&parsed(pattern), label(kind));
                }
            }
            if let Some(pattern) = &plan.leading_digits {
                builder.add_prefix(&parsed(pattern), label(LEADING_DIGITS));
            }
        }
        let automaton = builder.build();
        let verdicts =
            automaton.label_sets.iter().map(|labels| Verdicts::new(regions, labels)).collect();
        let prefix = |pattern: &Option<String>| pattern.as_deref().map(Prefix::new);
        let prefixes = regions
            .iter()
            .map(|plan| (prefix(&plan.international_prefix), prefix(&plan.national_prefix)))
            .collect();
        Self { automaton, verdicts, prefixes }
    }
}

impl Verdicts {
    fn new(regions: &[Plan], labels: &[u16]) -> Self {
        let of_region = |region: usize| {
            let own = labels.iter().filter(|label| usize::from(**label) / KINDS == region);
            own.fold(0_u16, |bits, label| bits | 1 << (usize::from(*label) % KINDS))
        };
        let labels: Vec<u16> = (0..regions.len()).map(of_region).collect();
        let general = labels
            .iter()
            .enumerate()
            .fold(0, |bits, (region, labels)| bits | u64::from(labels >> GENERAL & 1) << region);
        let by_length = std::array::from_fn(|length| verdict(regions, &labels, length));
        Self { general, by_length }
    }
}

/// Regions that share a calling code are told apart by their leading digits or by a number of theirs.
fn verdict(regions: &[Plan], labels: &[u16], length: usize) -> Verdict {
    for (region, (plan, labels)) in regions.iter().zip(labels).enumerate() {
        let line_type = plan.line_type(*labels, length);
        let leads = labels >> LEADING_DIGITS & 1 == 1;
        if regions.len() == 1 || leads || line_type != LineType::Unknown {
            return Verdict { line_type, region: Some(region as u8) };
        }
    }
    Verdict { line_type: LineType::Unknown, region: None }
}

fn parsed(pattern: &str) -> Node {
    Node::parse(pattern).expect("a pattern of the table that is compiled in")
}

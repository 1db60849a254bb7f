//! The patterns of the numbering plans: digits, classes, choices and counted repeats.
//!
//! They are the subset of regular expressions that libphonenumber's metadata is written in, so a
//! tree of six kinds of node reads all of them.

/// Groups beyond these are in no pattern of the metadata.
const GROUPS_MAX: usize = 2;

/// All ten digits, as bits.
const ANY_DIGIT: u16 = 0x3FF;

/// A pattern as a tree.
#[derive(Debug)]
pub(super) enum Node {
    /// One digit of those whose bits are set.
    Digit(u16),
    /// The end of the number.
    End,
    /// One after the other.
    Sequence(Vec<Self>),
    /// The first that fits.
    Choice(Vec<Self>),
    /// What stands in the numbered brackets is remembered.
    Group(usize, Box<Self>),
    /// As often as possible between the two counts.
    Repeat(Box<Self>, usize, usize),
}

/// Where a pattern fits the beginning of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PrefixMatch {
    /// The count of digits that fit.
    pub(super) end: usize,
    /// The range of each group that took part.
    pub(super) groups: [Option<(usize, usize)>; GROUPS_MAX],
}

/// What follows a node: told the position, it says whether the rest of the pattern fits there.
type Then<'a> = &'a mut dyn FnMut(usize, &mut PrefixMatch) -> bool;

impl Node {
    /// Reads a pattern as the metadata holds it, `None` for any other.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let inner = pattern.strip_prefix("^(?:")?.strip_suffix(")$")?;
        let mut parser = Parser { left: inner.as_bytes(), groups: 0 };
        let node = parser.choice()?;
        parser.left.is_empty().then_some(node)
    }

    /// The first fit at the beginning of `digits`, in the order in which a regular expression with
    /// backtracking would find it.
    pub(super) fn match_prefix(&self, digits: &[u8]) -> Option<PrefixMatch> {
        let mut found = PrefixMatch::default();
        let fits = self.step(digits, 0, &mut found, &mut |end, found| {
            found.end = end;
            true
        });
        fits.then_some(found)
    }

    /// The digits that a fit can begin with: most numbers are told apart by them alone.
    pub(super) fn first_digits(&self) -> u16 {
        self.first().unwrap_or(ANY_DIGIT)
    }

    /// `None` if nothing fits as well.
    fn first(&self) -> Option<u16> {
        match self {
            Self::Digit(digits) => Some(*digits),
            Self::End => None,
            Self::Sequence(nodes) => nodes.iter().find_map(Self::first),
            Self::Choice(nodes) => {
                nodes.iter().try_fold(0, |digits, node| Some(digits | node.first()?))
            }
            Self::Group(_, node) => node.first(),
            Self::Repeat(node, least, _) => node.first().filter(|_| *least > 0),
        }
    }

    fn step(&self, digits: &[u8], at: usize, found: &mut PrefixMatch, then: Then<'_>) -> bool {
        match self {
            Self::Digit(allowed) => {
                digits.get(at).is_some_and(|digit| allowed >> digit & 1 == 1) && then(at + 1, found)
            }
            Self::End => at == digits.len() && then(at, found),
            Self::Sequence(nodes) => sequence(nodes, digits, at, found, then),
            Self::Choice(nodes) => nodes.iter().any(|node| node.step(digits, at, found, then)),
            Self::Group(number, node) => node.step(digits, at, found, &mut |end, found| {
                let before = found.groups[*number];
                found.groups[*number] = Some((at, end));
                let fits = then(end, found);
                if !fits {
                    found.groups[*number] = before;
                }
                fits
            }),
            Self::Repeat(node, least, most) => {
                repeat(node, (*least, *most), digits, at, found, then)
            }
        }
    }
}

fn sequence(
    nodes: &[Node],
    digits: &[u8],
    at: usize,
    found: &mut PrefixMatch,
    then: Then<'_>,
) -> bool {
    match nodes.split_first() {
        None => then(at, found),
        Some((first, rest)) => {
            first.step(digits, at, found, &mut |at, found| sequence(rest, digits, at, found, then))
        }
    }
}

fn repeat(
    node: &Node,
    (least, most): (usize, usize),
    digits: &[u8],
    at: usize,
    found: &mut PrefixMatch,
    then: Then<'_>,
) -> bool {
    let left = (least.saturating_sub(1), most.saturating_sub(1));
    let again = most > 0
        && node.step(digits, at, found, &mut |end, found| {
            repeat(node, left, digits, end, found, then)
        });
    again || least == 0 && then(at, found)
}

struct Parser<'a> {
    left: &'a [u8],
    groups: usize,
}

impl Parser<'_> {
    fn take(&mut self, text: &[u8]) -> bool {
        let rest = self.left.strip_prefix(text);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }

    fn choice(&mut self) -> Option<Node> {
        let mut choices = vec![self.sequence()?];
        while self.take(b"|") {
            choices.push(self.sequence()?);
        }
        Some(single_or(choices, Node::Choice))
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while !matches!(self.left.first(), None | Some(b'|' | b')')) {
            let node = self.atom()?;
            nodes.push(self.repeated(node)?);
        }
        Some(single_or(nodes, Node::Sequence))
    }

    fn atom(&mut self) -> Option<Node> {
        if self.take(b"(?:") {
            let node = self.choice()?;
            return self.take(b")").then_some(node);
        }
        if self.take(b"(") {
            let number = self.groups;
            self.groups += 1;
            let node = self.choice()?;
            return (self.take(b")") && number < GROUPS_MAX)
                .then(|| Node::Group(number, Box::new(node)));
        }
        if self.take(b"[") {
            return self.class().map(Node::Digit);
        }
        if self.take(b"$") {
            return Some(Node::End);
        }
        self.digit().map(|digit| Node::Digit(1 << digit))
    }

    fn digit(&mut self) -> Option<u8> {
        let (&first, rest) = self.left.split_first()?;
        self.left = rest;
        first.is_ascii_digit().then_some(first.wrapping_sub(b'0'))
    }

    /// The digits and ranges up to the closing bracket.
    fn class(&mut self) -> Option<u16> {
        let mut digits = 0;
        while !self.take(b"]") {
            let from = self.digit()?;
            let to = if self.take(b"-") { self.digit()? } else { from };
            digits |= (from..=to).fold(0, |bits, digit| bits | 1 << digit);
        }
        Some(digits)
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = if self.take(b"?") {
            (0, 1)
        } else if self.take(b"{") {
            let least = self.count()?;
            let most = if self.take(b",") { self.count()? } else { least };
            if !self.take(b"}") || most < least {
                return None;
            }
            (least, most)
        } else {
            return Some(node);
        };
        Some(Node::Repeat(Box::new(node), least, most))
    }

    fn count(&mut self) -> Option<usize> {
        let mut count = usize::from(self.digit()?);
        while self.left.first().is_some_and(u8::is_ascii_digit) {
            count = count.checked_mul(10)? + usize::from(self.digit()?);
        }
        Some(count)
    }
}

fn single_or(mut nodes: Vec<Node>, several: impl Fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => several(nodes),
    }
}

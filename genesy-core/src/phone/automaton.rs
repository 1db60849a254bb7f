//! Many patterns at once: one walk along a number tells all of those that fit it.
//!
//! The patterns of a calling code become one deterministic automaton over ten symbols. They are
//! finite and share their beginnings, so it has a few hundred states, a few thousand in the largest plans.

use std::collections::BTreeMap;

use super::pattern::Node;

/// The state from which no pattern fits any more.
const DEAD: u16 = 0;

/// A deterministic automaton whose states know which patterns fit a number that ends there.
#[derive(Debug)]
pub(super) struct Automaton {
    states: Vec<State>,
    start: u16,
    /// The labels of the patterns that fit, in rising order; the first set is empty.
    pub(super) label_sets: Vec<Vec<u16>>,
}

#[derive(Debug)]
struct State {
    next: [u16; 10],
    label_set: u16,
}

impl Automaton {
    /// The place in [`Automaton::label_sets`] of the patterns that fit `digits` as a whole.
    pub(super) fn run(&self, digits: &[u8]) -> usize {
        let mut state = self.start;
        for &digit in digits {
            state = self.states[usize::from(state)].next[usize::from(digit)];
            if state == DEAD {
                return 0;
            }
        }
        usize::from(self.states[usize::from(state)].label_set)
    }

    /// The memory of the tables.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let labels: usize = self.label_sets.iter().map(|set| 24 + 2 * set.len()).sum();
        self.states.len() * size_of::<State>() + labels
    }
}

/// The same patterns before they are made deterministic.
#[derive(Default)]
pub(super) struct Builder {
    parts: Vec<Part>,
    starts: Vec<u32>,
}

enum Part {
    /// One of these digits leads on.
    Digit(u16, u32),
    /// Any of these is reached without a digit.
    Split(Vec<u32>),
    /// Here the pattern of this label fits.
    Label(u16),
}

impl Builder {
    /// Adds a pattern that a number fits as a whole.
    pub(super) fn add(&mut self, pattern: &Node, label: u16) {
        let end = self.push(Part::Label(label));
        let start = self.lead_to(pattern, end);
        self.starts.push(start);
    }

    /// Adds a pattern that the beginning of a number fits.
    pub(super) fn add_prefix(&mut self, pattern: &Node, label: u16) {
        let end = self.push(Part::Label(label));
        let rest = self.push(Part::Split(Vec::new()));
        let digit = self.push(Part::Digit(0x3FF, rest));
        self.parts[rest as usize] = Part::Split(vec![end, digit]);
        let start = self.lead_to(pattern, rest);
        self.starts.push(start);
    }

    fn push(&mut self, part: Part) -> u32 {
        self.parts.push(part);
        self.parts.len() as u32 - 1
    }

    /// Adds the parts that read `node` and then go on at `next`; answers where they begin.
    fn lead_to(&mut self, node: &Node, next: u32) -> u32 {
        match node {
            Node::Digit(digits) => self.push(Part::Digit(*digits, next)),
            // A number that fits as a whole ends where its pattern does.
            Node::End => next,
            Node::Sequence(nodes) => {
                nodes.iter().rev().fold(next, |next, node| self.lead_to(node, next))
            }
            Node::Choice(nodes) => {
                let starts = nodes.iter().map(|node| self.lead_to(node, next)).collect();
                self.push(Part::Split(starts))
            }
            Node::Group(_, node) => self.lead_to(node, next),
            Node::Repeat(node, least, most) => {
                let mut start = next;
                for _ in *least..*most {
                    let once_more = self.lead_to(node, start);
                    start = self.push(Part::Split(vec![once_more, next]));
                }
                (0..*least).fold(start, |start, _| self.lead_to(node, start))
            }
        }
    }

    /// Makes the automaton: each of its states is a set of parts.
    pub(super) fn build(self) -> Automaton {
        let mut sets = Sets::default();
        let dead = sets.state_of(Vec::new(), &self.parts);
        let start = sets.state_of(self.starts, &self.parts);
        debug_assert_eq!(dead, DEAD);
        let mut states: Vec<State> = Vec::new();
        while let Some(parts) = sets.parts.get(states.len()).cloned() {
            let mut targets: [Vec<u32>; 10] = Default::default();
            let mut labels = Vec::new();
            for part in parts {
                match self.parts[part as usize] {
                    Part::Digit(digits, next) => {
                        for (digit, target) in targets.iter_mut().enumerate() {
                            if digits >> digit & 1 == 1 {
                                target.push(next);
                            }
                        }
                    }
                    Part::Label(label) => labels.push(label),
                    Part::Split(_) => {}
                }
            }
            let mut next = [DEAD; 10];
            for (digit, target) in targets.iter().enumerate() {
                // Most digits lead to the same state as another one.
                next[digit] = match targets[..digit].iter().position(|earlier| earlier == target) {
                    Some(earlier) => next[earlier],
                    None => sets.state_of(target.clone(), &self.parts),
                };
            }
            states.push(State { next, label_set: sets.label_set(labels) });
        }
        Automaton { states, start, label_sets: sets.label_sets }
    }
}

/// The sets of parts that are states, and the sets of labels.
#[derive(Default)]
struct Sets {
    parts: Vec<Vec<u32>>,
    state_of: BTreeMap<Vec<u32>, u16>,
    label_sets: Vec<Vec<u16>>,
    label_set_of: BTreeMap<Vec<u16>, u16>,
}

impl Sets {
    /// The state of these parts and of all that they reach without a digit.
    fn state_of(&mut self, mut open: Vec<u32>, parts: &[Part]) -> u16 {
        let mut reached = Vec::new();
        while let Some(part) = open.pop() {
            match &parts[part as usize] {
                Part::Split(into) => open.extend(into),
                Part::Digit(..) | Part::Label(_) => reached.push(part),
            }
        }
        reached.sort_unstable();
        reached.dedup();
        let new = self.parts.len() as u16;
        *self.state_of.entry(reached).or_insert_with_key(|reached| {
            self.parts.push(reached.clone());
            new
        })
    }

    fn label_set(&mut self, mut labels: Vec<u16>) -> u16 {
        labels.sort_unstable();
        let new = self.label_sets.len() as u16;
        *self.label_set_of.entry(labels).or_insert_with_key(|labels| {
            self.label_sets.push(labels.clone());
            new
        })
    }
}

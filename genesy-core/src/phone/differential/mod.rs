//! The plans against regular expressions, and the reading against the phone library.

mod patterns;
mod readings;

use super::numbering::Plan;
use super::pattern::Node;
use super::plans::PLANS;
use crate::random::split_mix;

/// Pseudo-random numbers, the same at each run.
struct Random {
    seed: u64,
    drawn: u64,
}

impl Random {
    const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    fn below(&mut self, end: usize) -> usize {
        let number = split_mix(self.seed, self.drawn);
        self.drawn += 1;
        (number % end as u64) as usize
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }
}

/// Digits that fit a pattern.
fn sample(node: &Node, random: &mut Random, digits: &mut Vec<u8>) {
    match node {
        Node::Digit(allowed) => {
            let allowed: Vec<u8> = (0..10).filter(|digit| allowed >> digit & 1 == 1).collect();
            digits.push(random.pick(&allowed));
        }
        Node::End => {}
        Node::Sequence(nodes) => nodes.iter().for_each(|node| sample(node, random, digits)),
        Node::Choice(nodes) => sample(&nodes[random.below(nodes.len())], random, digits),
        Node::Group(_, node) => sample(node, random, digits),
        Node::Repeat(node, least, most) => {
            for _ in 0..least + random.below(most - least + 1) {
                sample(node, random, digits);
            }
        }
    }
}

/// Digits that fit a pattern, or would but for one change.
fn near_sample(node: &Node, random: &mut Random) -> Vec<u8> {
    let mut digits = Vec::new();
    sample(node, random, &mut digits);
    let digit = random.below(10) as u8;
    let place = random.below(digits.len() + 1);
    match random.below(6) {
        0 => digits.insert(place, digit),
        1 => digits.truncate(place),
        2 | 3 => {
            if let Some(changed) = digits.get_mut(place) {
                *changed = digit;
            }
        }
        _ => {}
    }
    digits
}

fn text(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

fn plans() -> impl Iterator<Item = &'static Plan> {
    PLANS.numberings.iter().flat_map(|numbering| &numbering.regions)
}

fn kind_patterns(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.kinds.iter().chain([&plan.general]).filter_map(|kind| kind.pattern.as_deref())
}

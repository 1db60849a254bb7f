//! The patterns of all plans against the regular expressions that they are written as.

use regex::Regex;

use super::super::automaton::Builder;
use super::super::pattern::{Node, PrefixMatch};
use super::super::plans::PLANS;
use super::{Random, kind_patterns, near_sample, plans, text};

/// Samples of each pattern.
const SAMPLES: usize = 12;

#[test]
fn automata_fit_what_the_regular_expressions_fit() {
    let random = &mut Random::new(1);
    let (mut fitting, mut all, mut bytes) = (0, 0, 0);
    for numbering in &PLANS.numberings {
        let patterns: Vec<&str> = numbering.regions.iter().flat_map(kind_patterns).collect();
        let nodes: Vec<Node> = patterns.iter().filter_map(|text| Node::parse(text)).collect();
        assert_eq!(nodes.len(), patterns.len(), "+{}", numbering.calling_code);
        let mut builder = Builder::default();
        for (label, node) in nodes.iter().enumerate() {
            builder.add(node, label as u16);
        }
        let automaton = builder.build();
        bytes += automaton.bytes();
        let expressions: Vec<Regex> =
            patterns.iter().map(|text| Regex::new(text).expect(text)).collect();
        for node in nodes.iter().flat_map(|node| std::iter::repeat_n(node, SAMPLES)) {
            let digits = near_sample(node, random);
            let number = text(&digits);
            let labels = &automaton.label_sets[automaton.run(&digits)];
            for (label, expression) in expressions.iter().enumerate() {
                let fits = expression.is_match(&number);
                assert_eq!(labels.contains(&(label as u16)), fits, "{number} {expression}");
                (fitting, all) = (fitting + usize::from(fits), all + 1);
            }
        }
    }
    assert!(fitting > 10_000 && all > 5 * fitting, "{fitting} of {all}");
    assert!(bytes < 1_000_000, "all plans together take {bytes} bytes");
}

#[test]
fn prefixes_are_those_that_the_regular_expressions_find() {
    let random = &mut Random::new(2);
    for plan in plans() {
        let general = plan.general.pattern.as_deref().and_then(Node::parse).expect("a plan");
        let prefixes = [&plan.international_prefix, &plan.national_prefix, &plan.leading_digits];
        for pattern in prefixes.into_iter().flatten() {
            let node = Node::parse(pattern).expect(pattern);
            let expression = Regex::new(pattern.trim_end_matches('$')).expect(pattern);
            for _ in 0..5 * SAMPLES {
                let mut digits = near_sample(&node, random);
                digits.extend(near_sample(&general, random));
                let number = text(&digits);
                let expected = expression.captures(&number).map(|found| PrefixMatch {
                    end: found[0].len(),
                    groups: [1, 2].map(|group| found.get(group).map(|g| (g.start(), g.end()))),
                });
                assert_eq!(node.match_prefix(&digits), expected, "{number} {pattern}");
                let Some(first) = digits.first() else { continue };
                let can_fit = node.first_digits() >> first & 1 == 1;
                assert!(can_fit || expected.is_none(), "{number} {pattern}");
            }
        }
    }
}

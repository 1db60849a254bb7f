//! Which non-ASCII letters the languages of leads files use, and beside what.

use std::sync::LazyLock;

/// One row per letter and language; see the file's first lines.
const LETTERS: &str = include_str!("letters.txt");

/// How much rarer than the commonest a language is in leads files, in half nats; 1 if not named.
const RARITY: [(&[&str], i32); 4] = [
    (&["es", "fr", "de", "pt", "it", "en", "ru"], 0),
    (
        &["pl", "nl", "tr", "sv", "cs", "da", "nb", "fi", "hu", "ro", "el", "uk", "ar", "he", "th"],
        2,
    ),
    (&["is", "mk", "be", "az", "sq", "bs", "gl", "ga", "eu", "cy"], 2),
    (&["fo", "gd", "mt", "eo", "af", "br", "lb", "se", "yi", "ckb", "ur"], 3),
];
const RARITY_OF_OTHERS: i32 = 1;

/// Kinds of neighbours on one side of a letter.
pub(super) const SIDES: usize = 4;

/// A cost no letter has: its language does not use it.
const UNKNOWN: u8 = u8::MAX;

/// Costs of a letter in one language, by the pair of its neighbours.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) language: u8,
    costs: [u8; SIDES * SIDES],
}

/// A letter, lower case, with the languages that use it.
#[derive(Debug)]
struct Letter {
    character: char,
    rows: Vec<Row>,
    /// In the language that suits it best, with that language's rarity.
    cheapest: [i32; SIDES * SIDES],
}

/// The letters of all languages.
#[derive(Debug)]
pub(super) struct Model {
    letters: Vec<Letter>,
    languages: Vec<&'static str>,
    rarities: Vec<i32>,
}

/// The model, read from its table once.
pub(super) static MODEL: LazyLock<Model> = LazyLock::new(|| Model::parse(LETTERS));

impl Model {
    fn parse(table: &'static str) -> Self {
        let mut model = Self { letters: Vec::new(), languages: Vec::new(), rarities: Vec::new() };
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(' ');
            let (Some(letter), Some(language), Some(costs)) =
                (fields.next().and_then(parse_letter), fields.next(), fields.next())
            else {
                continue;
            };
            model.add(letter, language, costs);
        }
        model
    }

    fn add(&mut self, character: char, name: &'static str, digits: &str) {
        let known = self.languages.iter().position(|&known| known == name);
        let index = known.unwrap_or_else(|| {
            self.languages.push(name);
            self.rarities.push(rarity(name));
            self.languages.len() - 1
        });
        let mut costs = [UNKNOWN; SIDES * SIDES];
        for (cost, digit) in costs.iter_mut().zip(digits.chars()) {
            *cost =
                digit.to_digit(36).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(UNKNOWN);
        }
        if self.letters.last().is_none_or(|last| last.character != character) {
            let letter =
                Letter { character, rows: Vec::new(), cheapest: [i32::MAX; SIDES * SIDES] };
            self.letters.push(letter);
        }
        let (Some(letter), Ok(language)) = (self.letters.last_mut(), u8::try_from(index)) else {
            return;
        };
        let rarity = rarity(name);
        for (cheapest, cost) in letter.cheapest.iter_mut().zip(costs) {
            *cheapest = (*cheapest).min(i32::from(cost) + rarity);
        }
        letter.rows.push(Row { language, costs });
    }

    /// How many languages there are; [`Row::language`] is below it.
    pub(super) fn languages(&self) -> usize {
        self.languages.len()
    }

    /// The rarity of each language, in half nats.
    pub(super) fn rarities(&self) -> &[i32] {
        &self.rarities
    }

    /// Where the lower-case letter `character` is, if any language uses it.
    pub(super) fn find(&self, character: char) -> Option<usize> {
        self.letters.binary_search_by_key(&character, |letter| letter.character).ok()
    }

    /// The rows of a letter.
    pub(super) fn rows(&self, letter: usize) -> &[Row] {
        &self.letters[letter].rows
    }

    /// The letter's cost in the language that it suits best.
    pub(super) fn cheapest(&self, letter: usize, sides: usize) -> i32 {
        self.letters[letter].cheapest[sides]
    }
}

impl Row {
    /// The cost of the letter between these neighbours, in half nats.
    pub(super) fn cost(&self, sides: usize) -> i32 {
        i32::from(self.costs[sides])
    }
}

fn rarity(language: &str) -> i32 {
    let found = RARITY.iter().find(|(languages, _)| languages.contains(&language));
    found.map_or(RARITY_OF_OTHERS, |&(_, rarity)| rarity)
}

fn parse_letter(field: &str) -> Option<char> {
    match field.strip_prefix("U+") {
        Some(digits) => char::from_u32(u32::from_str_radix(digits, 16).ok()?),
        None => field.chars().next(),
    }
}

#[cfg(test)]
mod tests {
    use super::MODEL;

    #[test]
    fn the_table_is_sorted_and_complete() {
        assert!(MODEL.letters.is_sorted_by_key(|letter| letter.character));
        assert!(MODEL.languages() > 50);
        for character in "ñçßøłşőžđяєώשش".chars() {
            assert!(MODEL.find(character).is_some(), "{character}");
        }
        assert!(MODEL.find('a').is_none());
    }
}

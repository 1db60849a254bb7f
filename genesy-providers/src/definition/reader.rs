//! Reads tables of TOML, and knows of each value where it stands.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::error::{Fault, Mistake, QUOTE_CHARS_MAX, quoted};

/// A table.
#[derive(Debug)]
pub(super) struct Section<'a> {
    key: String,
    at: usize,
    table: &'a DeTable<'a>,
}

/// A value, and what it is called.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// The key without those above it; empty in an array.
    pub(super) name: &'a str,
    key: String,
    at: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Section<'a> {
    /// The table that a whole text is.
    pub(super) const fn root(table: &'a DeTable<'a>) -> Self {
        Self { key: String::new(), at: 0, table }
    }

    /// Its items, in the order of the text.
    pub(super) fn items(&self) -> Vec<Item<'a>> {
        let entries = self.table.iter();
        let mut items: Vec<_> = entries
            .map(|(name, value)| self.item(name.get_ref(), name.span().start, value))
            .collect();
        items.sort_by_key(|item| item.at);
        items
    }

    /// The item of a name.
    pub(super) fn get(&self, name: &str) -> Option<Item<'a>> {
        let (name, value) = self.table.get_key_value(name)?;
        Some(self.item(name.get_ref(), name.span().start, value))
    }

    /// The item of a name that has to be there; `expected` says what to write else.
    pub(super) fn need(&self, name: &str, expected: &str) -> Result<Item<'a>, Fault> {
        self.get(name).ok_or_else(|| {
            let mistake = Mistake::new("it is missing", expected);
            Fault { key: self.key_of(name), at: self.at, mistake }
        })
    }

    /// Allows no keys but these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Fault> {
        match self.items().into_iter().find(|item| !known.contains(&item.name)) {
            Some(item) => {
                let place =
                    if self.key.is_empty() { "a definition".to_owned() } else { self.key.clone() };
                let found = format!("{place} has no such key");
                Err(item.fault(Mistake::new(found, format!("use {}", one_of(known)))))
            }
            None => Ok(()),
        }
    }

    /// Something wrong with the table as a whole.
    pub(super) fn fault(&self, mistake: Mistake) -> Fault {
        Fault { key: self.key.clone(), at: self.at, mistake }
    }

    fn item(&self, name: &'a str, at: usize, value: &'a Spanned<DeValue<'a>>) -> Item<'a> {
        Item { name, key: self.key_of(name), at, value: value.get_ref() }
    }

    fn key_of(&self, name: &str) -> String {
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let fits = (1..=QUOTE_CHARS_MAX).contains(&name.len()) && name.bytes().all(is_bare);
        let name = if fits { name.to_owned() } else { quoted(name) };
        if self.key.is_empty() { name } else { format!("{}.{name}", self.key) }
    }
}

impl<'a> Item<'a> {
    /// Its text.
    pub(super) fn text(&self, expected: &str) -> Result<&'a str, Fault> {
        match self.value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.wrong_type(expected)),
        }
    }

    /// What `parse` makes of its text.
    pub(super) fn read<T>(
        &self,
        expected: &str,
        parse: impl FnOnce(&'a str) -> Result<T, Mistake>,
    ) -> Result<T, Fault> {
        parse(self.text(expected)?).map_err(|mistake| self.fault(mistake))
    }

    /// Its whole number, which is one of `range`; `unit` is said behind it.
    pub(super) fn integer(&self, range: RangeInclusive<u64>, unit: &str) -> Result<u64, Fault> {
        let expected =
            format!("write a whole number of {} to {}{unit}", range.start(), range.end());
        let DeValue::Integer(integer) = self.value else {
            return Err(self.wrong_type(&expected));
        };
        match number(integer).and_then(|number| u64::try_from(number).ok()) {
            Some(number) if range.contains(&number) => Ok(number),
            _ => {
                Err(self
                    .fault(Mistake::new(format!("it is {}", cut(&integer.to_string())), expected)))
            }
        }
    }

    /// Its elements.
    pub(super) fn list(&self, expected: &str) -> Result<Vec<Self>, Fault> {
        let DeValue::Array(array) = self.value else {
            return Err(self.wrong_type(expected));
        };
        let elements = array.iter().enumerate();
        Ok(elements
            .map(|(index, element)| Self {
                name: "",
                key: format!("{}[{index}]", self.key),
                at: element.span().start,
                value: element.get_ref(),
            })
            .collect())
    }

    /// Its table.
    pub(super) fn section(&self, expected: &str) -> Result<Section<'a>, Fault> {
        match self.value {
            DeValue::Table(table) => Ok(Section { key: self.key.clone(), at: self.at, table }),
            _ => Err(self.wrong_type(expected)),
        }
    }

    /// The value as the parser has it.
    pub(super) const fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    /// Something wrong with the value.
    pub(super) fn fault(&self, mistake: Mistake) -> Fault {
        Fault { key: self.key.clone(), at: self.at, mistake }
    }

    /// A value that is none of those expected.
    pub(super) fn wrong_type(&self, expected: &str) -> Fault {
        let kind = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a decimal number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.fault(Mistake::new(format!("it is {kind}"), expected))
    }
}

/// The number that an integer of TOML stands for, if it is one of 64 bits.
pub(super) fn number(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A choice of names in words.
pub(super) fn one_of(names: &[&str]) -> String {
    match names {
        [name] => (*name).to_owned(),
        _ => format!("one of {}", names.join(", ")),
    }
}

/// The first characters of a text that needs no quotation marks.
fn cut(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

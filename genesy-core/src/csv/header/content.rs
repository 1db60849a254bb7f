//! What the cells of a column look like together.

use super::cells::{Shape, shape};
use super::synonyms::is_unspaced;
use super::words::{
    COMPANY_PARTS, COMPANY_SUFFIXES, FIRST_NAMES, HONORIFICS, TITLE_PARTS, TITLE_WORDS,
};
use super::{Field, fold};

/// Cells of a column whose words or country are looked up; shapes are cheaper and taken of all sample cells.
const WORD_CELLS_MAX: usize = 30;
/// A column whose first cells are no countries is none: saves most calls of the caller's function.
const COUNTRY_CELLS_FIRST: usize = 6;
/// Longest cell that may name a country or a person, in bytes.
const NAME_BYTES_MAX: usize = 80;

/// Counts over the sample cells of one column.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    cells: Vec<&'a str>,
    shapes: [usize; Shape::COUNT],
}

/// What words of a column say, as shares of the cells looked at.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct WordShares {
    pub(super) first_name: f32,
    pub(super) job_title: f32,
    pub(super) company: f32,
    pub(super) honorific: f32,
    /// One capitalised word.
    pub(super) one_name: f32,
    /// Two to four capitalised words.
    pub(super) several_names: f32,
}

impl<'a> Content<'a> {
    /// Reads the cells of one column.
    pub(super) fn read(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut content = Self::default();
        for cell in cells {
            let shape = shape(cell);
            if shape != Shape::Blank {
                content.shapes[shape as usize] += 1;
                content.cells.push(cell.trim());
            }
        }
        content
    }

    /// Number of cells that are not blank.
    pub(super) fn filled(&self) -> usize {
        self.cells.len()
    }

    /// Share of the filled cells with one of these shapes, from 0 to 1.
    pub(super) fn share(&self, shapes: &[Shape]) -> f32 {
        let count: usize = shapes.iter().map(|&shape| self.shapes[shape as usize]).sum();
        ratio(count, self.filled())
    }

    /// The cells that are looked at closely.
    fn close_cells(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.cells.iter().copied().take(WORD_CELLS_MAX)
    }

    /// Share of the cells that the caller knows as countries.
    pub(super) fn country_share(&self, is_country: &dyn Fn(&str) -> bool) -> f32 {
        let known = |cell: &str| cell.len() <= NAME_BYTES_MAX && is_country(cell);
        let first = self.close_cells().take(COUNTRY_CELLS_FIRST).filter(|cell| known(cell)).count();
        if first == 0 {
            return 0.0;
        }
        let rest = self.close_cells().skip(COUNTRY_CELLS_FIRST).filter(|cell| known(cell)).count();
        ratio(first + rest, self.filled().min(WORD_CELLS_MAX))
    }

    /// What the words of the cells say.
    pub(super) fn words(&self) -> WordShares {
        let mut counts = [0_usize; 6];
        let mut looked_at = 0;
        for cell in self.close_cells() {
            looked_at += 1;
            let marks = word_marks(cell);
            for (count, mark) in counts.iter_mut().zip(marks) {
                *count += usize::from(mark);
            }
        }
        let [first_name, job_title, company, honorific, one_name, several_names] =
            counts.map(|count| ratio(count, looked_at));
        WordShares { first_name, job_title, company, honorific, one_name, several_names }
    }

    /// Share of the cells that have a space inside: two words or more.
    pub(super) fn several_words_share(&self) -> f32 {
        ratio(
            self.close_cells().filter(|cell| cell.contains(' ')).count(),
            self.filled().min(WORD_CELLS_MAX),
        )
    }

    /// Share of the cells that are one word, in a script that puts spaces between words.
    pub(super) fn single_words_share(&self) -> f32 {
        let is_of_word = |c: char| (c.is_alphabetic() && !is_unspaced(c)) || "-'’".contains(c);
        let single = self.close_cells().filter(|cell| cell.chars().all(is_of_word)).count();
        ratio(single, self.filled().min(WORD_CELLS_MAX))
    }

    /// Whether the cells count 1, 2, 3 …: row numbers, not years.
    pub(super) fn is_running_number(&self) -> bool {
        let numbers = self.cells.iter().map_while(|cell| cell.parse::<i64>().ok());
        let mut pairs = numbers.clone().zip(numbers.skip(1)).peekable();
        pairs.peek().is_some() && pairs.all(|(a, b)| b == a + 1)
    }

    /// How strongly the cells look like `field` without any help of a header, from 0 to 1.
    pub(super) fn strong_share(&self, field: Field) -> f32 {
        match field {
            Field::Email => self.share(&[Shape::Email]),
            Field::LinkedInUrl => self.share(&[Shape::LinkedInPerson]),
            Field::Phone => self.share(&[Shape::Phone]),
            Field::CompanyWebsite => self.share(&[Shape::Web]),
            _ => 0.0,
        }
    }

    /// Whether the cells cannot be what a header says: most of them have a shape that the field never has.
    pub(super) fn contradicts(&self, field: Field) -> bool {
        use Shape::{
            Date, DialCode, Email, Flag, LinkedInCompany, LinkedInPerson, LongNumber, Number,
            Phone, Text, Web, Years,
        };
        let against: &[Shape] = match field {
            Field::Email => &[
                Phone,
                LongNumber,
                Date,
                Number,
                Years,
                Flag,
                Web,
                LinkedInPerson,
                LinkedInCompany,
                Text,
            ],
            Field::Phone => {
                &[Email, Web, LinkedInPerson, LinkedInCompany, Date, Flag, Text, DialCode, Years]
            }
            Field::CompanyWebsite => &[
                Email,
                Phone,
                LongNumber,
                Date,
                Number,
                Years,
                Flag,
                LinkedInPerson,
                LinkedInCompany,
                Text,
            ],
            Field::LinkedInUrl => &[Email, Phone, Date, Number, Years, Flag, LinkedInCompany],
            Field::YearsInRole => &[
                Email,
                Phone,
                LongNumber,
                Date,
                Number,
                Flag,
                Web,
                LinkedInPerson,
                LinkedInCompany,
                Text,
            ],
            Field::Country => {
                &[Email, Phone, LongNumber, Date, Web, LinkedInPerson, LinkedInCompany, DialCode]
            }
            Field::CompanyName => &[
                Email,
                Phone,
                LongNumber,
                Date,
                Number,
                Years,
                Flag,
                Web,
                LinkedInPerson,
                LinkedInCompany,
            ],
            Field::FirstName | Field::LastName | Field::FullName | Field::JobTitle => &[
                Email,
                Phone,
                LongNumber,
                Date,
                Number,
                Years,
                Flag,
                Web,
                LinkedInPerson,
                LinkedInCompany,
            ],
        };
        // A broken value or two (`ada at example.com`) are no proof; text is a weaker sign than a number.
        let bar = if self.filled() < 3 { 1.0 } else { 0.7 };
        let share = self.share(against);
        let text = if against.contains(&Text) { self.share(&[Text]) } else { 0.0 };
        let only_few_texts = self.filled() < 3 && text > 0.0;
        self.filled() > 0 && share >= bar && !only_few_texts
    }
}

/// First name, job title, company, honorific, one name, several names.
fn word_marks(cell: &str) -> [bool; 6] {
    if cell.len() > NAME_BYTES_MAX || cell.bytes().any(|b| b.is_ascii_digit() || b == b'@') {
        return [false; 6];
    }
    let mut marks = [false; 6];
    let (mut count, mut capitalised) = (0, 0);
    let mut last_is_suffix = false;
    for word in cell.split([' ', ',', '/', '\u{a0}']).filter(|word| !word.is_empty()) {
        count += 1;
        capitalised += usize::from(word.chars().next().is_some_and(|c| !c.is_lowercase()));
        let key = fold::key(word);
        let is = |list: &[&str]| list.binary_search(&key.as_str()).is_ok();
        marks[0] |= count <= 2 && is(&FIRST_NAMES);
        marks[1] |= is(&TITLE_WORDS);
        marks[3] = count == 1 && is(&HONORIFICS);
        last_is_suffix = count > 1 && is(&COMPANY_SUFFIXES);
    }
    marks[1] |= !cell.is_ascii() && TITLE_PARTS.iter().any(|part| cell.contains(part));
    marks[2] = last_is_suffix
        || (!cell.is_ascii() && COMPANY_PARTS.iter().any(|part| cell.contains(part)));
    let is_name =
        capitalised == count && !marks[1] && !marks[2] && !cell.contains(['&', ':', ';', '_']);
    marks[4] = is_name && count == 1;
    marks[5] = is_name && (2..=4).contains(&count);
    marks
}

#[expect(clippy::cast_precision_loss, reason = "counts of sample cells are far below 2^23")]
pub(super) fn ratio(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

//! One lead, as a function of its number.

use super::COLUMNS;
use super::countries::{COUNTRIES, COUNTRIES_ACCENTED};
use super::random::Random;
use super::words::{
    COMPANIES_ACCENTED, COMPANY_TAILS, COMPANY_TAILS_WITH_COMMA, COMPANY_WORDS, FIRST_NAMES,
    FIRST_NAMES_ACCENTED, JOB_FIELDS, JOB_LEVELS, JOB_TITLES_ACCENTED, LAST_NAMES,
    LAST_NAMES_ACCENTED, MAIL_HOSTS,
};
use super::write::Repertoire;

/// The words that one encoding can write.
pub(super) struct Words {
    first_names_accented: Vec<&'static str>,
    last_names_accented: Vec<&'static str>,
    job_titles_accented: Vec<&'static str>,
    countries_accented: Vec<&'static str>,
    companies_accented: Vec<&'static str>,
}

impl Words {
    pub(super) fn new(repertoire: Repertoire) -> Self {
        let writable = |words: &[&'static str]| {
            words.iter().copied().filter(|word| repertoire.holds(word)).collect()
        };
        Self {
            first_names_accented: writable(FIRST_NAMES_ACCENTED),
            last_names_accented: writable(LAST_NAMES_ACCENTED),
            job_titles_accented: writable(JOB_TITLES_ACCENTED),
            countries_accented: writable(COUNTRIES_ACCENTED),
            companies_accented: writable(COMPANIES_ACCENTED),
        }
    }

    /// The fields of lead `number`: the same number and seed give the same lead.
    pub(super) fn lead(&self, number: u64, seed: u64) -> [String; COLUMNS] {
        let random = &mut Random::new(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        let first_plain = random.pick(FIRST_NAMES);
        let last_plain = random.pick(LAST_NAMES);
        let first = accented_or(random, 22, &self.first_names_accented, first_plain);
        let last = accented_or(random, 20, &self.last_names_accented, last_plain);
        let login =
            format!("{first_plain}.{last_plain}{number}").replace([' ', '\''], "").to_lowercase();
        let (company, site) = self.company(random);
        [
            first.to_owned(),
            last.to_owned(),
            format!("{login}@{}", random.pick(MAIL_HOSTS)),
            self.job_title(random),
            self.country(random),
            company,
            site,
            phone(random),
            random.below(31).to_string(),
            format!("https://www.linkedin.com/in/{}", login.replace('.', "-")),
        ]
    }

    fn job_title(&self, random: &mut Random) -> String {
        let field = random.pick(JOB_FIELDS);
        let level = random.pick(JOB_LEVELS);
        match random.below(100) {
            0..10 => random.pick(&self.job_titles_accented).to_owned(),
            10..12 => format!("{level}\n{field}"),
            12..14 => format!("{level} {field} (\"{}\")", random.pick(JOB_FIELDS)),
            _ => format!("{level} {field}"),
        }
    }

    fn country(&self, random: &mut Random) -> String {
        let (code, name) = random.pick(&COUNTRIES);
        match random.below(100) {
            0..10 => random.pick(&self.countries_accented).to_owned(),
            10..35 => code.to_owned(),
            _ => name.to_owned(),
        }
    }

    /// A company and its website.
    fn company(&self, random: &mut Random) -> (String, String) {
        let word = random.pick(COMPANY_WORDS);
        let second = random.pick(COMPANY_WORDS);
        let company = match random.below(100) {
            0..10 => random.pick(&self.companies_accented).to_owned(),
            10..22 => format!("{word} {second}{}", random.pick(COMPANY_TAILS_WITH_COMMA)),
            22..24 => format!("{word} \"{second}\" {}", random.pick(COMPANY_TAILS)),
            _ => format!("{word} {second} {}", random.pick(COMPANY_TAILS)),
        };
        let site = format!("https://www.{word}{second}.com").replace(' ', "").to_lowercase();
        (company, site)
    }
}

fn accented_or<'a>(
    random: &mut Random,
    percent: u64,
    accented: &[&'a str],
    plain: &'a str,
) -> &'a str {
    if random.percent(percent) { random.pick(accented) } else { plain }
}

/// Phone numbers in the forms that leads files carry; some have extensions, some are impossible.
fn phone(random: &mut Random) -> String {
    let (area, office, line) =
        (201 + random.below(780), 200 + random.below(800), random.below(10_000));
    match random.below(6) {
        0 => format!("+1-{area}-{office}-{line:04}"),
        1 => format!("+1-{area}-{office}-{line:04}x{:04}", random.below(10_000)),
        2 => format!("({area}){office}-{line:04}"),
        3 => format!("{area}.{office}.{line:04}"),
        4 => format!("+34 6{:02} {office} {:03}", random.below(100), line % 1000),
        _ => format!("+44 20 7{:03} {line:04}", random.below(1000)),
    }
}

//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use genesy_core::country::Country;
use genesy_core::csv::normalize::Options;
use genesy_core::waterfall::{CountryCode, PhoneRule};
use genesy_examples::all_differ;

use crate::Failure;

/// Leads under way at a time at most.
const CONCURRENCY_MAX: u64 = 10_000;
/// The slowest simulation: so many times as slow as the real providers.
const TIME_SCALE_MAX: f64 = 1000.0;

/// Finds the phones of the leads in a CSV file, by asking providers in turn.
///
/// Without --live the providers are simulated within this program: nothing leaves the machine, and all
/// numbers are of ranges that are set aside for fiction.
#[derive(Debug, Parser)]
#[command(name = "enrich")]
pub(crate) struct Arguments {
    /// The leads file; without it, one that comes along.
    pub(crate) file: Option<PathBuf>,
    /// Write the enriched CSV here: the original columns, then the phone and where it comes from.
    #[arg(long, value_name = "CSV")]
    pub(crate) out: Option<PathBuf>,
    /// Write the rejected rows here, to be mended and given again.
    #[arg(long, value_name = "CSV")]
    pub(crate) rejected: Option<PathBuf>,
    /// Store each step here, to go on after an interruption [default: the name of --out and .journal].
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Go on with the run that the journal holds: what was answered is not asked again.
    #[arg(long)]
    pub(crate) resume: bool,
    /// What is known of the providers: read for the forecast if it is there, and brought up to date at
    /// the end.
    #[arg(long, value_name = "JSON")]
    pub(crate) statistics: Option<PathBuf>,
    /// Show the forecast and send nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// What a number must be to end the search.
    #[arg(long, value_enum, default_value_t = Rule::Possible)]
    pub(crate) rule: Rule,
    /// The country of numbers where neither provider nor lead names one, as an alpha-2 code.
    #[arg(long, value_name = "CODE", value_parser = country)]
    default_country: Option<Country>,
    /// Verify no e-mail addresses.
    #[arg(long)]
    pub(crate) no_verify: bool,
    /// Ask even for leads that have a phone.
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Leads under way at a time.
    #[arg(long, default_value_t = 50, value_name = "LEADS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=CONCURRENCY_MAX))]
    concurrency: u64,

    /// What the simulation's times are multiplied by: 1 is as slow as the real providers, 0 takes none.
    #[arg(long, default_value_t = 0.35, value_name = "FACTOR", value_parser = time_scale)]
    #[arg(conflicts_with = "live")]
    pub(crate) time_scale: f64,
    /// What the simulation's answers come of.
    #[arg(long, default_value_t = 1, conflicts_with = "live")]
    pub(crate) seed: u64,

    /// Ask the real providers, with keys from the environment: lead data leaves this machine.
    #[arg(long)]
    pub(crate) live: bool,
    /// Verify addresses as a client of this name, which should be the one that this host's address has in
    /// the DNS. Without it, --live verifies none.
    #[arg(long, value_name = "NAME", requires = "live", conflicts_with = "no_verify")]
    pub(crate) helo: Option<String>,
    /// Verify addresses in the name of this sender [default: the null sender].
    #[arg(long, value_name = "ADDRESS", requires = "helo")]
    pub(crate) mail_from: Option<String>,
    /// Ask another host with the same paths instead of the providers' own.
    #[arg(long, value_name = "URL", requires = "live")]
    pub(crate) base_url: Option<String>,
    /// Ask one more provider, behind the three; may be repeated.
    #[arg(long, value_name = "TOML", requires = "live")]
    pub(crate) provider: Vec<PathBuf>,
}

/// [`PhoneRule`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Rule {
    /// Anything.
    Any,
    /// A number of a length that its country has.
    Possible,
    /// A number of an assigned range.
    Valid,
    /// A mobile number.
    MobileOnly,
}

impl From<Rule> for PhoneRule {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Any => Self::Any,
            Rule::Possible => Self::Possible,
            Rule::Valid => Self::Valid,
            Rule::MobileOnly => Self::MobileOnly,
        }
    }
}

impl Arguments {
    /// Refuses names that would make one file overwrite another, and a journal that is not to be gone on
    /// with.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let journal = self.journal_path();
        let files = [
            ("the input", self.file.as_deref()),
            ("--out", self.out.as_deref()),
            ("--rejected", self.rejected.as_deref()),
            ("--statistics", self.statistics.as_deref()),
            ("--journal", journal.as_deref()),
        ];
        all_differ(&files)?;
        match journal {
            None if self.resume => {
                Err("--resume: say what to go on with, by --out or --journal".into())
            }
            Some(path) if path.exists() && !self.resume && !self.dry_run => Err(format!(
                "{}: this is the journal of a run that did not end: go on with it by --resume, or \
                 remove it to begin anew",
                path.display()
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// Where steps are stored, if they are.
    pub(crate) fn journal_path(&self) -> Option<PathBuf> {
        self.journal.clone().or_else(|| {
            let mut name = self.out.as_ref()?.clone().into_os_string();
            name.push(".journal");
            Some(name.into())
        })
    }

    /// How the file is read.
    pub(crate) fn normalizer_options(&self) -> Options {
        let mut options = Options::default();
        options.default_country = self.default_country;
        options
    }

    pub(crate) fn default_country(&self) -> Option<CountryCode> {
        self.default_country.and_then(|country| CountryCode::new(country.alpha2()))
    }

    pub(crate) fn concurrency(&self) -> usize {
        usize::try_from(self.concurrency).unwrap_or(usize::MAX)
    }
}

fn country(code: &str) -> Result<Country, &'static str> {
    Country::from_alpha2(&code.to_ascii_uppercase()).ok_or("give an alpha-2 code such as ES")
}

fn time_scale(text: &str) -> Result<f64, String> {
    let scale = text.parse().ok().filter(|scale| (0.0..=TIME_SCALE_MAX).contains(scale));
    scale.ok_or_else(|| format!("give a number from 0 to {TIME_SCALE_MAX}"))
}

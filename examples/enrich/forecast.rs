//! What is known of the providers, and what the run will give by that.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use genesy_core::waterfall::{
    Attempt, Forecast, PhoneLookup, Plan, ProviderId, ProviderStatistics,
};
use genesy_examples::WholeFile;

use crate::Failure;
use crate::input::Survey;

/// Answers that an assumption counts as.
const ASSUMED_ANSWERS: u64 = 40;
/// The spread of assumed times to both sides, in percent.
const ASSUMED_SPREAD_PERCENT: u64 = 15;
/// What the times of leads are drawn with.
const FORECAST_SEED: u64 = 1;

/// What is assumed of a provider that nobody measured: the times that people report, and rates that
/// the simulation has.
struct Assumed {
    provider: &'static str,
    takes_ms: u64,
    hit_percent: u64,
    failure_percent: u64,
}

const ASSUMED: [Assumed; 3] = [
    Assumed { provider: "orion_connect", takes_ms: 4200, hit_percent: 55, failure_percent: 5 },
    Assumed { provider: "astra_dialer", takes_ms: 1300, hit_percent: 30, failure_percent: 1 },
    Assumed { provider: "nimbus_lookup", takes_ms: 2200, hit_percent: 40, failure_percent: 25 },
];

/// What earlier runs told of the providers.
#[derive(Debug, Default)]
pub(crate) struct Known(BTreeMap<String, ProviderStatistics>);

impl Known {
    /// What a file has, if there is one.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::default()) };
        match fs::read(path) {
            Ok(json) => serde_json::from_slice(&json).map(Self).map_err(|error| {
                let path = path.display();
                format!("{path}: these are no statistics of this program: {error}").into()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        }
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        let mut json = serde_json::to_vec_pretty(&self.0)?;
        json.push(b'\n');
        let mut file = WholeFile::create(path)?;
        file.write_all(&json)?;
        Ok(file.finish()?)
    }

    /// Adds an attempt that was made in scaled time.
    pub(crate) fn learn(&mut self, provider: &ProviderId, attempt: &Attempt, time_scale: f64) {
        let mut attempt = *attempt;
        if time_scale > 0.0 {
            attempt.took_us = (attempt.took_us as f64 / time_scale) as u64;
        }
        self.0.entry(provider.as_str().to_owned()).or_default().learn(&attempt);
    }

    /// Where the figures of a provider come from.
    pub(crate) fn source(&self, provider: &ProviderId) -> String {
        match self.0.get(provider.as_str()) {
            Some(known) => format!("{} answers seen", known.answers()),
            None if assumed(provider).is_some() => "assumed".to_owned(),
            None => "nothing known".to_owned(),
        }
    }

    pub(crate) fn forecast(&self, plan: &Plan<PhoneLookup>, survey: &Survey) -> Forecast {
        let of = |provider: &ProviderId| match self.0.get(provider.as_str()) {
            Some(known) => known.clone(),
            None => assumed(provider).map(Assumed::statistics).unwrap_or_default(),
        };
        Forecast::new(plan, survey.leads(), of, FORECAST_SEED)
    }
}

fn assumed(provider: &ProviderId) -> Option<&'static Assumed> {
    ASSUMED.iter().find(|assumed| assumed.provider == provider.as_str())
}

impl Assumed {
    fn statistics(&self) -> ProviderStatistics {
        let mut of = ProviderStatistics::default();
        of.hits = ASSUMED_ANSWERS * self.hit_percent / 100;
        of.misses = ASSUMED_ANSWERS - of.hits;
        of.failures = ASSUMED_ANSWERS * self.failure_percent / (100 - self.failure_percent);
        for percent in 100 - ASSUMED_SPREAD_PERCENT..=100 + ASSUMED_SPREAD_PERCENT {
            of.answer_latency.add(self.takes_ms * 10 * percent);
        }
        of.failure_latency = of.answer_latency.clone();
        of
    }
}

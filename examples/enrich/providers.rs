//! Who is asked: the simulation, or with `--live` the real providers.

use std::sync::Arc;

use genesy_core::waterfall::{Budget, PhoneLookup, Plan, Step, TOTAL_MS_MAX, default_phone_plan};
use genesy_providers::Provider;
use genesy_providers::definition::{Definition, built_in};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key};
use genesy_providers::simulated::{self, Simulation, example_costs, scaled};

use crate::Failure;
use crate::options::Arguments;

/// The shortest timeout of a simulated call, in milliseconds: a fast simulation on a busy machine is to
/// give the same answers as on an idle one.
const SIMULATED_TIMEOUT_MS_MIN: u32 = 60_000;

/// The providers before anything is sent.
#[derive(Debug)]
pub(crate) struct Setup {
    /// Who is asked in which order, in the providers' own time.
    pub(crate) plan: Plan<PhoneLookup>,
    /// What real times are multiplied by.
    pub(crate) time_scale: f64,
    /// Who is asked with `--live`.
    definitions: Vec<Definition>,
    options: HttpOptions,
}

impl Setup {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let rule = arguments.rule.into();
        let mut steps = default_phone_plan().steps().to_vec();
        let mut definitions = Vec::new();
        let mut options = HttpOptions::default();
        options.default_country = arguments.default_country();
        if arguments.live {
            definitions.extend(built_in());
            for file in &arguments.provider {
                let definition = Definition::read(file)?;
                steps.push(definition.description.step::<PhoneLookup>(rule));
                definitions.push(definition);
            }
        }
        if let Some(text) = &arguments.base_url {
            options.base_url = Some(text.parse().map_err(|error| format!("--base-url: {error}"))?);
        }
        let base_url = options.base_url.as_ref();
        if base_url.is_some_and(|url| !url.scheme().starts_with("http") || !url.has_host()) {
            return Err("--base-url: give one that begins with http:// or https://".into());
        }
        for step in &mut steps {
            step.rule = rule;
        }
        let mut plan = Plan::new(steps)?;
        // Time enough for all steps, however many there are.
        let total_ms = plan.steps().iter().map(Step::worst_case_ms).sum::<u64>();
        let total_ms =
            total_ms.clamp(u64::from(plan.budget().total_ms), TOTAL_MS_MAX.into()) as u32;
        plan = plan.within(Budget { total_ms, ..Budget::default() })?;
        plan = plan.refreshing(arguments.refresh);
        let time_scale = if arguments.live { 1.0 } else { arguments.time_scale };
        if !arguments.live {
            plan = example_costs(&plan);
        }
        Ok(Self { plan, time_scale, definitions, options })
    }

    /// Whether lead data leaves the machine.
    pub(crate) const fn is_live(&self) -> bool {
        !self.definitions.is_empty()
    }

    /// The host that each provider is asked at.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = (&Definition, String)> {
        self.definitions.iter().map(|definition| {
            let of_definition = &definition.request.base_url;
            let url = self.options.base_url.as_ref().unwrap_or(of_definition);
            let host = url.host_str().unwrap_or_default();
            let port = url.port().map_or(String::new(), |port| format!(":{port}"));
            (definition, format!("{host}{port}"))
        })
    }

    /// The real providers with their keys.
    ///
    /// # Errors
    ///
    /// With all keys that are missing.
    pub(crate) fn live(&self) -> Result<Vec<Arc<dyn Provider<PhoneLookup>>>, Failure> {
        let (keys, missing): (Vec<_>, Vec<_>) =
            self.definitions.iter().map(Key::from_env).partition(Result::is_ok);
        if !missing.is_empty() {
            let missing = missing.into_iter().filter_map(Result::err);
            let missing: Vec<_> = missing.map(|error| error.to_string()).collect();
            return Err(missing.join("; ").into());
        }
        let client = HttpClient::new(self.options.clone())?;
        let mut providers: Vec<Arc<dyn Provider<PhoneLookup>>> = Vec::new();
        for (definition, key) in self.definitions.iter().zip(keys.into_iter().flatten()) {
            providers.push(Arc::new(HttpProvider::new(definition.clone(), &client, key)?));
        }
        Ok(providers)
    }

    /// Starts the simulation.
    pub(crate) async fn simulation(&self, seed: u64) -> Result<Simulation, Failure> {
        let (time_scale, options) = (self.time_scale, simulated::Options::default());
        Ok(Simulation::start(simulated::Options { seed, time_scale, ..options }).await?)
    }

    /// The plan as it is followed, in scaled time.
    pub(crate) fn plan_to_follow(&self) -> Result<Plan<PhoneLookup>, Failure> {
        if self.is_live() {
            return Ok(self.plan.clone());
        }
        let plan = scaled(&self.plan, self.time_scale);
        let mut steps = plan.steps().to_vec();
        for step in &mut steps {
            step.timeout_ms = step.timeout_ms.max(SIMULATED_TIMEOUT_MS_MIN);
        }
        let total_ms = steps.iter().map(Step::worst_case_ms).sum::<u64>();
        let total_ms = total_ms.clamp(1, TOTAL_MS_MAX.into()) as u32;
        let budget = Budget { total_ms, ..plan.budget() };
        Ok(Plan::new(steps)?.within(budget)?.refreshing(plan.refreshes()))
    }
}

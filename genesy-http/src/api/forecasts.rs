//! What a run will give, before anything is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use genesy_core::waterfall::{Estimate, PhoneLookup, Plan, ProviderId, StepForecast};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::lookups::check;
use crate::engine::forecast::{self, PhoneForecast};
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::facts::{self, Survey};
use crate::store::jobs::Kind;
use crate::store::lead_filter::Selection;

/// What a verification takes as a rule, in seconds. It is assumed: most servers answer within a second or two.
const EMAIL_P50_S: f64 = 2.0;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(make))
}

/// What is to be foretold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForecastRequest {
    kind: Kind,
    selection: Selection,
    /// Leads that have an answer are run again.
    #[serde(default)]
    refresh: bool,
}

/// What a run will give. Intervals are of 90 %.
#[derive(Debug, Serialize, ToSchema)]
struct RunForecast {
    kind: Kind,
    /// Leads of the selection.
    leads: u64,
    /// Leads that somebody is asked for.
    eligible: u64,
    /// Why nobody is asked for the others, and how many they are.
    skipped: Vec<Count>,
    /// The providers, in the order in which they are asked; none for verifications.
    providers: Vec<ProviderForecast>,
    /// The share of the leads that are run for which a phone is found, 0 to 1.
    coverage: Range,
    /// The leads for which a phone is found.
    found: Range,
    /// What is charged, in millionths of the currency.
    cost_micros: Range,
    /// Half of the leads are done within this time of their own.
    p50_s: f64,
    /// 95 % of the leads are done within this time of their own.
    p95_s: f64,
    /// The longest that one lead takes.
    worst_case_s: f64,
    /// What all of it takes, as many leads at a time as the settings say and as the providers' limits allow.
    job_time_s: f64,
    /// The order of providers in which the same is found at the least expected cost.
    suggested_order: Vec<String>,
    /// What is expected to be charged in that order, in millionths of the currency.
    suggested_cost_micros: f64,
    currency: String,
}

/// Leads of which the same is true.
#[derive(Debug, Serialize, ToSchema)]
struct Count {
    reason: String,
    count: u64,
}

/// Leads that a provider is not asked for.
#[derive(Debug, Serialize, ToSchema)]
struct WhyCount {
    why: String,
    count: u64,
}

/// Something that is not known for sure.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Range {
    expected: f64,
    low: f64,
    high: f64,
}

/// What a provider will give.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderForecast {
    id: String,
    name: String,
    /// Leads that it may be asked for.
    eligible: u64,
    /// Why it is not asked for the others, if nobody before it has anything.
    skipped: Vec<WhyCount>,
    /// Leads that it is expected to be asked for, as nobody before it found anything.
    expected_calls: f64,
    expected_hits: f64,
    cost_micros: f64,
    hit_rate: Range,
    failure_rate: Range,
    /// Leads for which nothing would be found without it.
    marginal_hits: f64,
    /// What would be saved without it, in millionths of the currency.
    marginal_cost_micros: f64,
    /// Answers that its rates were learned from; where they are few, assumptions count as well.
    learned_from: u64,
}

impl From<Estimate> for Range {
    fn from(of: Estimate) -> Self {
        Self { expected: of.expected, low: of.low, high: of.high }
    }
}

/// Tells what a run will give: coverage, cost, time, and who is left out and why. Nothing is asked and nothing begun.
#[utoipa::path(
    post, path = "/v1/forecasts", tag = "jobs", request_body = ForecastRequest,
    responses(
        (status = 200, description = "the forecast", body = RunForecast),
        (status = 422, description = "the body is not valid", body = Problem),
    )
)]
async fn make(
    State(state): State<AppState>,
    Json(body): Json<ForecastRequest>,
) -> Result<Json<RunForecast>, Problem> {
    check(&body.selection)?;
    let (hasher, kind) = (state.store().hasher().clone(), body.kind);
    let catalog = Arc::clone(state.store().catalog());
    let survey = state.store().read(move |connection| {
        facts::survey(connection, &catalog, &hasher, kind, &body.selection, body.refresh)
    });
    let survey = survey.await?;
    Ok(Json(match kind {
        Kind::Phone => of_phones(&state, &survey),
        Kind::Email => of_emails(&state, &survey),
    }))
}

fn of_phones(state: &AppState, survey: &Survey) -> RunForecast {
    let dispatcher = state.dispatcher();
    let (engine, plan) = (dispatcher.engine(), dispatcher.engine().plan());
    let at_a_time = dispatcher.settings().phone_leads_max;
    let statistics = dispatcher.statistics();
    let PhoneForecast { forecast, skipped, job_time_s } =
        forecast::of_phones(engine, statistics, &survey.facts, at_a_time);
    let known = survey.facts.iter().filter(|(facts, _)| facts.is_known).map(|(_, leads)| leads);
    let known: u64 = known.sum();
    let lacking = forecast.leads_eligible_for_none.saturating_sub(known);
    let mut reasons = counts(survey);
    reasons.push(("they have a phone", known));
    reasons.push(("no provider can be asked for what they have", lacking));
    let steps = forecast.steps.iter().zip(skipped);
    let providers = steps.map(|(step, skipped)| {
        let facts = engine.providers().iter().find(|facts| facts.id == step.provider);
        let learned_from = statistics.of(step.provider.as_str()).statistics.answers();
        let name = facts.map_or(step.provider.as_str(), |facts| &facts.name).to_owned();
        provider(step, name, skipped, learned_from)
    });
    RunForecast {
        kind: Kind::Phone,
        leads: survey.leads,
        eligible: forecast.leads - forecast.leads_eligible_for_none,
        skipped: shown(reasons),
        providers: providers.collect(),
        coverage: forecast.coverage.into(),
        found: forecast.found.into(),
        cost_micros: forecast.cost_micros.into(),
        p50_s: forecast.p50_ms as f64 / 1e3,
        p95_s: forecast.p95_ms as f64 / 1e3,
        worst_case_s: worst_case_s(plan),
        job_time_s,
        suggested_order: forecast.suggested_order.iter().map(ProviderId::to_string).collect(),
        suggested_cost_micros: forecast.suggested_cost_micros,
        currency: state.outside().currency.clone(),
    }
}

fn of_emails(state: &AppState, survey: &Survey) -> RunForecast {
    let eligible: u64 = survey.facts.values().sum();
    let at_a_time = state.dispatcher().settings().email_leads_max.max(1);
    let limits = state.outside().mail.as_ref().map(|mail| mail.verifier().policy().limits);
    let longest_s = limits.map_or(0.0, |limits| f64::from(limits.total_ms) / 1e3);
    let p50_s = if eligible == 0 { 0.0 } else { EMAIL_P50_S.min(longest_s) };
    RunForecast {
        kind: Kind::Email,
        leads: survey.leads,
        eligible,
        skipped: shown(counts(survey)),
        providers: Vec::new(),
        coverage: Range::default(),
        found: Range::default(),
        cost_micros: Range::default(),
        p50_s,
        p95_s: if eligible == 0 { 0.0 } else { longest_s },
        worst_case_s: longest_s,
        job_time_s: (eligible as f64 * p50_s / at_a_time as f64).max(p50_s),
        suggested_order: Vec::new(),
        suggested_cost_micros: 0.0,
        currency: state.outside().currency.clone(),
    }
}

fn counts(survey: &Survey) -> Vec<(&'static str, u64)> {
    vec![
        ("they have an answer", survey.answered),
        ("they are under way", survey.joined),
        ("they are on the list of those who are never enriched", survey.suppressed),
        ("they have no e-mail address", survey.lacking),
    ]
}

fn shown(counts: Vec<(&'static str, u64)>) -> Vec<Count> {
    let some = counts.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(reason, count)| Count { reason: reason.to_owned(), count }).collect()
}

fn provider(
    step: &StepForecast,
    name: String,
    skipped: BTreeMap<String, u64>,
    learned_from: u64,
) -> ProviderForecast {
    ProviderForecast {
        id: step.provider.to_string(),
        name,
        eligible: step.leads_eligible,
        skipped: skipped.into_iter().map(|(why, count)| WhyCount { why, count }).collect(),
        expected_calls: step.leads_asked,
        expected_hits: step.found,
        cost_micros: step.cost_micros,
        hit_rate: step.hit_rate.into(),
        failure_rate: step.failure_rate.into(),
        marginal_hits: step.found_lost_without,
        marginal_cost_micros: step.cost_saved_without_micros,
        learned_from,
    }
}

fn worst_case_s(plan: &Plan<PhoneLookup>) -> f64 {
    plan.worst_case_ms() as f64 / 1e3
}

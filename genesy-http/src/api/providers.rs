//! Who is asked: order, health, limits, hit rates, spend.

use axum::extract::State;
use genesy_core::waterfall::{LeadFields, PhoneLookup, Step};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::engine::ProviderFacts;
use crate::engine::statistics::{Health, Known};
use crate::extract::Json;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Somebody who is asked for phones.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderInfo {
    id: String,
    name: String,
    /// When it is asked, counted from 1; null if it is not, since it cannot be.
    order: Option<usize>,
    /// `ok`, `misconfigured`, `failing` or `unused`.
    #[schema(example = "ok")]
    health: &'static str,
    /// What is wrong, and what to do.
    trouble: Option<String>,
    limits: Limits,
    statistics: ProviderFigures,
    /// The fields of a lead that it is given, and cannot do without.
    #[schema(value_type = Vec<String>)]
    requires: LeadFields,
    /// What a call costs, in millionths of the currency.
    cost_micros: u64,
    /// `per_call` or `per_hit`.
    #[schema(value_type = String)]
    billing: genesy_core::waterfall::Billing,
    currency: String,
}

/// How often it may be asked.
#[derive(Debug, Serialize, ToSchema)]
struct Limits {
    /// Calls a second at most.
    per_second: Option<f64>,
    /// Calls at a time at most.
    concurrent: Option<u32>,
    /// How long a call may take, in milliseconds.
    timeout_ms: u32,
    /// How often one lead is asked for at most.
    attempts_max: u8,
}

/// What its calls were like, by the ledger.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderFigures {
    calls: u64,
    hits: u64,
    misses: u64,
    /// Calls that failed, timed out, were throttled or gave what could not be read.
    failures: u64,
    /// Hits by answers, 0 to 1; nothing without an answer.
    hit_rate: Option<f64>,
    /// Answers that the hit rate is of.
    n: u64,
    latency_p50_ms: Option<f64>,
    latency_p95_ms: Option<f64>,
    charged_micros: u64,
    maybe_charged_micros: u64,
}

impl From<Known> for ProviderFigures {
    fn from(known: Known) -> Self {
        let of = &known.statistics;
        let n = of.answers();
        let ms = |q: f64| of.answer_latency.quantile_us(q).map(|us| us as f64 / 1e3);
        Self {
            calls: known.calls,
            hits: of.hits,
            misses: of.misses.saturating_add(of.rejected),
            failures: of.failures,
            hit_rate: (n > 0).then(|| of.hits as f64 / n as f64),
            n,
            latency_p50_ms: ms(0.5),
            latency_p95_ms: ms(0.95),
            charged_micros: known.charged_micros,
            maybe_charged_micros: known.maybe_charged_micros,
        }
    }
}

/// Gives the providers in the order in which they are asked, and those who cannot be behind them.
#[utoipa::path(
    get, path = "/v1/providers", tag = "providers",
    responses((status = 200, description = "the providers", body = Vec<ProviderInfo>))
)]
async fn list(State(state): State<AppState>) -> Json<Vec<ProviderInfo>> {
    let dispatcher = state.dispatcher();
    let engine = dispatcher.engine();
    let unusable = &state.outside().unusable;
    let of = |order: Option<usize>, step: &Step<PhoneLookup>| {
        let id = step.provider.as_str();
        let facts = engine.providers().iter().find(|facts| facts.id == step.provider);
        let left_out = unusable.iter().find(|of| of.step.provider == step.provider);
        let (health, trouble) = match left_out {
            Some(of) => (Health::Misconfigured, Some(of.why.clone())),
            None => dispatcher.health(id),
        };
        let name = facts.map(|facts| &facts.name).or(left_out.map(|of| &of.name));
        ProviderInfo {
            id: id.to_owned(),
            name: name.map_or(id, |name| name).to_owned(),
            order: order.filter(|_| left_out.is_none()),
            health: health.name(),
            trouble: trouble.or_else(|| engine.searches().err()),
            limits: limits(step, facts),
            statistics: dispatcher.statistics().of(id).into(),
            requires: facts.map_or(step.requires, |facts| facts.requires),
            cost_micros: step.cost.micros,
            billing: step.cost.billing,
            currency: state.outside().currency.clone(),
        }
    };
    let plan = engine.plan().steps();
    let asked = plan.iter().enumerate().map(|(index, step)| of(Some(index + 1), step));
    let others = unusable.iter().map(|of| &of.step);
    let others = others.filter(|other| plan.iter().all(|step| step.provider != other.provider));
    Json(asked.chain(others.map(|step| of(None, step))).collect())
}

fn limits(step: &Step<PhoneLookup>, facts: Option<&ProviderFacts>) -> Limits {
    let limit = facts.map(|facts| facts.rate_limit).unwrap_or_default();
    let calls_max = limit.calls_max.map(f64::from);
    Limits {
        per_second: calls_max.map(|calls| calls / limit.window().as_secs_f64()),
        concurrent: limit.concurrency_max,
        timeout_ms: step.timeout_ms,
        attempts_max: step.retry.attempts_max,
    }
}

//! One JSON object a line.

use genesy_core::verification::compatible::CompatibleReport;
use serde_json::{Value, json};

use crate::input::Target;
use crate::options::Shape;
use crate::report::took_us;
use crate::run::{Done, Ended};

/// A line for each address that was verified, in their order.
pub(crate) fn lines(
    shape: Shape,
    targets: &[Target],
    done: &Done,
) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for (target, ended) in targets.iter().zip(&done.ended) {
        let Some(ended) = ended else { continue };
        let value = match shape {
            Shape::Report => own(target, ended),
            Shape::Compatible => {
                let report = CompatibleReport::new(&target.address, &ended.report);
                serde_json::to_value(report.with_debug(&ended.report, ended.started))?
            }
        };
        text.push_str(&value.to_string());
        text.push('\n');
    }
    Ok(text)
}

fn own(target: &Target, Ended { started, report }: &Ended) -> Value {
    let conclusion = &report.conclusion;
    json!({
        "address": target.address,
        "about": target.about,
        "verdict": conclusion.verdict().name(),
        "reason": conclusion.reason(),
        "stage": conclusion.stage().map(|stage| stage.name()),
        "advice": conclusion.advice(),
        "started": started.rfc_3339().to_string(),
        "took_us": took_us(&report.evidence),
        "report": report,
    })
}

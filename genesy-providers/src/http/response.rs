//! What a response says.

use std::time::SystemTime;

use genesy_core::waterfall::{CountryCode, FoundPhone, PhoneCountries};
use reqwest::Response;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::error::call_error;
use super::headers::{quota_pause, retry_after};
use crate::definition::{Definition, JsonPointer, ResponseMap, StatusClass};
use crate::provider::{Answer, CallError, Reason};

/// What reads a response.
pub(super) struct Reader<'p> {
    pub(super) definition: &'p Definition,
    pub(super) body_bytes_max: usize,
    pub(super) of_lead: Option<CountryCode>,
    pub(super) default_country: Option<CountryCode>,
}

impl Reader<'_> {
    pub(super) async fn read(&self, response: Response) -> Result<Answer<FoundPhone>, CallError> {
        let status = response.status().as_u16();
        let class = self.definition.statuses.class(status);
        if class == StatusClass::Read {
            let pause = quota_pause(response.headers(), SystemTime::now);
            let body = body(response, self.body_bytes_max).await?;
            return Ok(Answer { value: self.found(&body)?, pause });
        }
        self.by_status(class, status, response.headers())
    }

    fn by_status(
        &self,
        class: StatusClass,
        status: u16,
        headers: &HeaderMap,
    ) -> Result<Answer<FoundPhone>, CallError> {
        let pause = quota_pause(headers, SystemTime::now);
        let retry_after = retry_after(headers, SystemTime::now);
        match class {
            StatusClass::Read | StatusClass::Miss => Ok(Answer { value: None, pause }),
            StatusClass::Rejected => {
                Err(CallError::Rejected { reason: format!("it answered HTTP {status}").into() })
            }
            StatusClass::Throttled => {
                Err(CallError::Throttled { retry_after: retry_after.or(pause) })
            }
            StatusClass::Retryable if self.definition.statuses.is_timeout(status) => {
                Err(CallError::TimedOut { retry_after })
            }
            StatusClass::Retryable => {
                let reason = format!("it answered HTTP {status}").into();
                Err(CallError::Retryable { reason, retry_after })
            }
            StatusClass::Misconfigured => {
                Err(CallError::Misconfigured { reason: self.what_to_check(status) })
            }
        }
    }

    fn what_to_check(&self, status: u16) -> Reason {
        let key_env = &self.definition.auth.key_env;
        let check = match status {
            401 | 403 if !key_env.is_empty() => format!("check the key in {key_env}"),
            402 => "check the account: it wants to be paid".to_owned(),
            300..=399 => {
                "it sends the request elsewhere, which is not followed: check base_url and \
                         path of its definition"
                    .to_owned()
            }
            _ => "check method, base_url and path of its definition".to_owned(),
        };
        format!("it answered HTTP {status}: {check}").into()
    }

    /// The phone in a body, if there is one.
    fn found(&self, body: &[u8]) -> Result<Option<FoundPhone>, CallError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let json: Value = serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            unreadable(format!("its answer is no JSON, from line {line}, column {column} on"))
        })?;
        if !json.is_object() && !json.is_array() {
            return Err(unreadable("its answer is JSON, but neither an object nor an array"));
        }
        let ResponseMap { phone, country, .. } = &self.definition.response;
        let Some((place, phone)) = first(&json, phone) else { return Ok(None) };
        let phone = text_of(phone).ok_or_else(|| {
            let (place, found) = (place.as_str(), kind_of(phone));
            unreadable(format!("a phone is a text or a whole number, and at {place} is {found}"))
        })?;
        let country = first(&json, country).and_then(|(_, country)| text_of(country));
        let countries = PhoneCountries {
            of_provider: country.as_deref(),
            of_lead: self.of_lead,
            default: self.default_country,
        };
        Ok(Some(FoundPhone::read(&phone, &countries)))
    }
}

/// The body, if it is no longer than it may be.
async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, CallError> {
    let too_long = || unreadable(format!("its answer is longer than {bytes_max} bytes"));
    let announced = response.content_length().unwrap_or(0);
    if announced > bytes_max as u64 {
        return Err(too_long());
    }
    let mut body = Vec::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await.map_err(|error| call_error(&error))? {
        if body.len() + chunk.len() > bytes_max {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unreadable(reason: impl Into<Reason>) -> CallError {
    CallError::Unreadable { reason: reason.into() }
}

/// The first place that holds something.
fn first<'j, 'p>(
    json: &'j Value,
    places: &'p [JsonPointer],
) -> Option<(&'p JsonPointer, &'j Value)> {
    places.iter().find_map(|place| {
        let value = place.find(json)?;
        let is_nothing = match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            _ => false,
        };
        (!is_nothing).then_some((place, value))
    })
}

/// What a text or a whole number says. A number has lost its leading zeros, which no reader gets back.
fn text_of(value: &Value) -> Option<String> {
    /// Whole numbers up to here are exact.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => Some(whole.to_string()),
            (None, Some(float)) if (0.0..EXACT_MAX).contains(&float) && float.fract() == 0.0 => {
                Some(format!("{float:.0}"))
            }
            _ => None,
        },
        _ => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number that is not whole",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

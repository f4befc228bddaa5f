//! The meaning of an answer outside 2xx: the one place that maps status and category.

use crate::error::HubSpotError;
use bytes::Bytes;
use http::Response;
use serde_json::Value;
use std::time::Duration;
use transport::json::retry_after;

#[cfg(test)]
mod tests;

const SECOND: Duration = Duration::from_secs(1);
/// The rolling window is empty after this.
const TEN_SECONDS: Duration = Duration::from_secs(10);
/// A daily limit ends at midnight of the portal's time zone, which is not known here. 50 looks of the queue cover a day.
const DAILY_LIMIT: Duration = Duration::from_mins(30);

/// The wait after a 429, at its `attempt`-th repetition. An answer
/// without a policy's name is treated as a limit per second: older versions of search have no other.
pub(crate) fn limit_wait(response: &Response<Bytes>, attempt: u32) -> Duration {
    let by_policy = || match Problem::read(response.body()).text("policyName") {
        Some("DAILY") => DAILY_LIMIT,
        Some("TEN_SECONDLY_ROLLING") => TEN_SECONDS,
        _ => SECOND * (attempt + 1),
    };
    retry_after(response).unwrap_or_else(by_policy)
}

/// The error that an answer outside 2xx is.
pub(crate) fn judge(response: &Response<Bytes>) -> HubSpotError {
    let problem = Problem::read(response.body());
    let category = problem.text("category");
    match (response.status().as_u16(), category) {
        (401, _) => HubSpotError::Unauthorized { expired: category == Some("EXPIRED_AUTHENTICATION") },
        (403, Some("MISSING_SCOPES")) => HubSpotError::MissingScopes(problem.scopes()),
        (404, _) => HubSpotError::NotFound,
        (409, _) => HubSpotError::Conflict { existing: problem.existing_id() },
        (400, _) if problem.codes().any(|inner| is_duplicate(inner.code)) => HubSpotError::DuplicateValue,
        (400, _) if !problem.unknown_properties().is_empty() => {
            HubSpotError::UnknownProperties(problem.unknown_properties())
        }
        (429, _) => HubSpotError::RateLimited { after: Some(limit_wait(response, 0)) },
        (status @ (408 | 423 | 477 | 500..), _) => HubSpotError::Unavailable { status, after: retry_after(response) },
        (status, category) => HubSpotError::Rejected {
            status,
            category: category
                .or_else(|| problem.codes().next().map(|inner| inner.code))
                .or_else(|| problem.oauth_code())
                .map(str::to_owned),
            message: problem.text("message").unwrap_or_default().to_owned(),
            correlation_id: problem.text("correlationId").map(str::to_owned),
            properties: problem.properties(|_| true),
        },
    }
}

fn is_duplicate(code: &str) -> bool {
    code.contains("UNIQUE_VALUE") || code.contains("DUPLICATE")
}

/// The error envelope, every field of which HubSpot may leave out or write in another shape.
struct Problem {
    body: Value,
    /// The JSON inside the prose of `Property values were not valid: [...]`.
    in_prose: Value,
}

/// One inner error.
struct Inner<'a> {
    code: &'a str,
    property: Option<&'a str>,
}

impl Problem {
    fn read(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let prose = body.get("message").and_then(Value::as_str).unwrap_or_default();
        let list = prose.find('[').and_then(|start| prose.get(start..)).unwrap_or_default();
        // Something may follow the list, so only its first JSON value is read.
        let in_prose =
            serde_json::Deserializer::from_str(list).into_iter().next().and_then(Result::ok).unwrap_or_default();
        Self { body, in_prose }
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// OAuth's answers have no category: HubSpot's `status`, else the error of RFC 6749.
    fn oauth_code(&self) -> Option<&str> {
        self.text("status").filter(|status| *status != "error").or_else(|| self.text("error"))
    }

    fn errors(&self) -> impl Iterator<Item = &Value> {
        let listed = self.body.get("errors").and_then(Value::as_array);
        listed.into_iter().chain(self.in_prose.as_array()).flatten()
    }

    fn codes(&self) -> impl Iterator<Item = Inner<'_>> {
        self.errors().filter_map(|error| {
            let code = ["code", "error", "subCategory"].iter().find_map(|field| error.get(field)?.as_str())?;
            let named = ["name", "in"].iter().find_map(|field| error.get(field)?.as_str());
            let property = named.or_else(|| error.pointer("/context/propertyName/0")?.as_str());
            Some(Inner { code, property })
        })
    }

    fn unknown_properties(&self) -> Vec<String> {
        self.properties(|code| code == "PROPERTY_DOESNT_EXIST")
    }

    /// The properties that inner errors of such a code name.
    fn properties(&self, of: impl Fn(&str) -> bool) -> Vec<String> {
        let of_code = self.codes().filter(|inner| of(inner.code));
        let mut names: Vec<String> = of_code.filter_map(|inner| inner.property).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }

    fn scopes(&self) -> Vec<String> {
        let contexts = self.errors().chain([&self.body]).filter_map(|error| error.get("context"));
        let lists =
            contexts.flat_map(|context| ["requiredGranularScopes", "requiredScopes"].map(|field| context.get(field)));
        let scopes = lists.flatten().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        let mut scopes: Vec<String> = scopes.map(str::to_owned).collect();
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// `Contact already exists. Existing ID: 6001`: the only place where HubSpot names it.
    fn existing_id(&self) -> Option<String> {
        let (_, rest) = self.text("message")?.split_once("Existing ID:")?;
        let id: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        (!id.is_empty()).then_some(id)
    }
}

//! The environment of a function, read once at its cold start.

use crate::functions::{DelayEngine, FunctionSpec};
use std::time::Duration;

/// The environment of a function. A variable that the function does not use may be absent.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`: the DynamoDB table.
    pub table_name: Option<String>,
    /// `EVENTS_QUEUE_URL`: the FIFO queue.
    pub events_queue_url: Option<String>,
    /// `EVENTS_QUEUE_ARN`: the same, as the scheduler's target.
    pub events_queue_arn: Option<String>,
    /// `EVENTS_DEAD_LETTER_ARN`: what the events queue has given up comes from here.
    pub events_dead_letter_arn: Option<String>,
    /// `DELAY_ENGINE`: `scheduler` (default) or `sqs`.
    pub delay_engine: DelayEngine,
    /// `DELAY_QUEUE_URL`: where e-mails wait with `sqs`.
    pub delay_queue_url: Option<String>,
    /// `CLOSE_DELAY_QUEUE_URL`: where closes wait with `sqs`.
    pub close_delay_queue_url: Option<String>,
    /// `SCHEDULE_GROUP`: the EventBridge Scheduler group.
    pub schedule_group: Option<String>,
    /// `SCHEDULE_ROLE_ARN`: what the scheduler acts as.
    pub schedule_role_arn: Option<String>,
    /// `SCHEDULE_DLQ_ARN`: where schedules go that could not be delivered.
    pub schedule_dlq_arn: Option<String>,
    /// `CLOSE_FUNCTION_ARN`: the function that closes tickets.
    pub close_function_arn: Option<String>,
    /// `SECRET_ARN`: keyring, URL keys and client secrets.
    pub secret_arn: Option<String>,
    /// `PUBLIC_URL`: what HubSpot signs; without a slash at the end.
    pub public_url: Option<String>,
    /// `HUBSPOT_API_URL`, by default `https://api.hubapi.com`.
    pub hubspot_api_url: String,
    /// `HUBSPOT_APP_URL`, by default `https://app.hubspot.com`: where people consent.
    pub hubspot_app_url: String,
    /// `HUBSPOT_API_VERSIONS`: `dated` (default) or `v3`.
    pub hubspot_api_versions: String,
    /// `OPENCX_API_URL`, by default `https://api.open.cx`.
    pub opencx_api_url: String,
    /// `ACCEPT_V1_SIGNATURES`: `true` accepts v1 where v3 is absent.
    pub accept_v1_signatures: bool,
    /// `CLOSE_DELAY_SECONDS`, by default 15.
    pub close_delay: Duration,
    /// `EMAIL_DELAY_SECONDS`, by default 5.
    pub email_delay: Duration,
    /// `LOG_LEVEL`, by default `info`.
    pub log_level: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`: Lambda sets it.
    pub function_name: String,
}

/// The environment does not fit the function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// All that are missing, together.
    #[error("environment variables are missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// One whose value cannot be used.
    #[error("the environment variable {name} must be {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// The values it may have.
        expected: &'static str,
    },
}

impl Config {
    /// Reads the process's environment and checks that all the function needs is there.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads environment variables")]
    pub fn from_env(spec: &FunctionSpec) -> Result<Self, ConfigError> {
        Self::from_lookup(spec, |name| std::env::var(name).ok())
    }

    /// The same from any source; an empty value counts as missing.
    pub fn from_lookup(spec: &FunctionSpec, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let delay_engine = match get("DELAY_ENGINE").as_deref() {
            None | Some("scheduler") => DelayEngine::Scheduler,
            Some("sqs") => DelayEngine::Sqs,
            Some(_) => return Err(ConfigError::Invalid { name: "DELAY_ENGINE", expected: "scheduler or sqs" }),
        };
        let missing: Vec<_> = spec.needed(delay_engine).into_iter().filter(|name| get(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(ConfigError::Missing(missing));
        }
        let or = |name, default: &str| get(name).unwrap_or_else(|| default.to_owned());
        let seconds = |name, default| match get(name).map(|value| value.parse()) {
            None => Ok(Duration::from_secs(default)),
            Some(Ok(seconds @ 0..=900)) => Ok(Duration::from_secs(seconds)),
            Some(_) => Err(ConfigError::Invalid { name, expected: "a number of seconds, 0 to 900" }),
        };
        let versions = or("HUBSPOT_API_VERSIONS", "dated");
        if versions.parse::<hubspot::ApiVersions>().is_err() {
            return Err(ConfigError::Invalid { name: "HUBSPOT_API_VERSIONS", expected: "dated or v3" });
        }
        Ok(Self {
            table_name: get("TABLE_NAME"),
            events_queue_url: get("EVENTS_QUEUE_URL"),
            events_queue_arn: get("EVENTS_QUEUE_ARN"),
            events_dead_letter_arn: get("EVENTS_DEAD_LETTER_ARN"),
            delay_engine,
            delay_queue_url: get("DELAY_QUEUE_URL"),
            close_delay_queue_url: get("CLOSE_DELAY_QUEUE_URL"),
            schedule_group: get("SCHEDULE_GROUP"),
            schedule_role_arn: get("SCHEDULE_ROLE_ARN"),
            schedule_dlq_arn: get("SCHEDULE_DLQ_ARN"),
            close_function_arn: get("CLOSE_FUNCTION_ARN"),
            secret_arn: get("SECRET_ARN"),
            public_url: get("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()),
            hubspot_api_url: or("HUBSPOT_API_URL", "https://api.hubapi.com"),
            hubspot_app_url: or("HUBSPOT_APP_URL", "https://app.hubspot.com").trim_end_matches('/').to_owned(),
            hubspot_api_versions: versions,
            opencx_api_url: or("OPENCX_API_URL", "https://api.open.cx"),
            accept_v1_signatures: get("ACCEPT_V1_SIGNATURES").as_deref() == Some("true"),
            close_delay: seconds("CLOSE_DELAY_SECONDS", 15)?,
            email_delay: seconds("EMAIL_DELAY_SECONDS", 5)?,
            log_level: or("LOG_LEVEL", "info"),
            function_name: or("AWS_LAMBDA_FUNCTION_NAME", "local"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigError, DelayEngine};
    use crate::functions::{CLOSE, EVENTS, FUNCTIONS, FunctionSpec};
    use std::collections::BTreeSet;
    use std::time::Duration;

    const NONE: FunctionSpec =
        FunctionSpec { name: "none", queue: &[], timers: &[], table: &[], needed: &[], optional: &[] };

    /// The environment of a function without rights, which has the secret alone.
    fn of_none(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        Config::from_lookup(&NONE, |name| if name == "SECRET_ARN" { Some("arn".to_owned()) } else { lookup(name) })
    }

    #[test]
    fn all_missing_variables_are_named_together() {
        let result = Config::from_lookup(&CLOSE, |_| None).map(|_| ());
        let scheduler = vec!["TABLE_NAME", "SECRET_ARN", "SCHEDULE_GROUP", "SCHEDULE_ROLE_ARN", "CLOSE_FUNCTION_ARN"];
        assert_eq!(result, Err(ConfigError::Missing(scheduler)));
    }

    #[test]
    fn each_delay_engine_needs_its_own() {
        let result = Config::from_lookup(&EVENTS, |name| match name {
            "DELAY_ENGINE" => Some("sqs".to_owned()),
            "TABLE_NAME" | "EVENTS_QUEUE_URL" | "SECRET_ARN" => Some("x".to_owned()),
            _ => None,
        });
        let missing = ConfigError::Missing(vec!["DELAY_QUEUE_URL", "CLOSE_DELAY_QUEUE_URL"]);
        assert_eq!(result.map(|_| ()), Err(missing));
        let odd = of_none(|name| (name == "DELAY_ENGINE").then(|| "cron".to_owned())).map(|_| ());
        assert!(matches!(odd, Err(ConfigError::Invalid { name: "DELAY_ENGINE", .. })), "{odd:?}");
        assert_eq!(of_none(|_| None).map(|c| c.delay_engine), Ok(DelayEngine::Scheduler));
    }

    #[test]
    fn no_variable_is_listed_twice() {
        for function in FUNCTIONS {
            let all: Vec<_> = function.variables().collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}: {all:?}", function.name);
        }
    }

    #[test]
    fn an_odd_number_of_seconds_is_named() {
        let lookup = |name: &str| (name == "CLOSE_DELAY_SECONDS").then(|| "soon".to_owned());
        let result = of_none(lookup).map(|_| ());
        assert!(matches!(result, Err(ConfigError::Invalid { name: "CLOSE_DELAY_SECONDS", .. })), "{result:?}");
    }

    #[test]
    fn absent_delays_have_their_defaults() {
        let config = of_none(|_| None);
        let delays = config.map(|c| (c.close_delay, c.email_delay));
        assert_eq!(delays, Ok((Duration::from_secs(15), Duration::from_secs(5))));
    }
}

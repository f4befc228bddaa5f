//! The environment of the functions (contract section 5), read once at cold start.

use std::time::Duration;

/// What a function reads from its environment. A variable that a function does not use need not be there.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`: the DynamoDB table.
    pub table_name: Option<String>,
    /// `EVENTS_QUEUE_URL`: the FIFO queue.
    pub events_queue_url: Option<String>,
    /// `EVENTS_QUEUE_ARN`: the same, as the scheduler's target.
    pub events_queue_arn: Option<String>,
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
}

/// The environment does not fit the function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// All that are missing, together.
    #[error("read the environment: {} missing", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// One whose value cannot be used.
    #[error("read the environment: {name} must be {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

impl Config {
    /// Reads the process's environment and checks that all of `needed` are there.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads environment variables")]
    pub fn from_env(needed: &[&'static str]) -> Result<Self, ConfigError> {
        Self::from_lookup(needed, |name| std::env::var(name).ok())
    }

    /// The same from any source; an empty value counts as missing.
    pub fn from_lookup(needed: &[&'static str], lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let missing: Vec<_> = needed.iter().copied().filter(|name| get(name).is_none()).collect();
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigError};
    use std::time::Duration;

    #[test]
    fn all_missing_variables_are_named_together() {
        let result = Config::from_lookup(&["TABLE_NAME", "SECRET_ARN"], |_| None);
        assert_eq!(result.map(|_| ()), Err(ConfigError::Missing(vec!["TABLE_NAME", "SECRET_ARN"])));
    }

    #[test]
    fn an_odd_number_of_seconds_is_named() {
        let lookup = |name: &str| (name == "CLOSE_DELAY_SECONDS").then(|| "soon".to_owned());
        let result = Config::from_lookup(&[], lookup).map(|_| ());
        assert!(matches!(result, Err(ConfigError::Invalid { name: "CLOSE_DELAY_SECONDS", .. })), "{result:?}");
    }

    #[test]
    fn defaults_are_the_contracts() {
        let config = Config::from_lookup(&[], |_| None);
        let delays = config.map(|c| (c.close_delay, c.email_delay));
        assert_eq!(delays, Ok((Duration::from_secs(15), Duration::from_secs(5))));
    }
}

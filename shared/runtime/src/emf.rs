//! Writes the counts of an invocation in CloudWatch's embedded metric format: JSON lines on standard output that
//! CloudWatch Logs turns into metrics. No call, no agent.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;
use transport::{Clock as _, Measure, Meter, SystemClock, Unit};

const NAMESPACE: &str = "OpenCxHubSpot";

/// The metrics of one function.
pub(crate) struct Emf {
    function: String,
    meter: Meter,
}

impl Emf {
    pub(crate) fn new(function: &str, meter: Meter) -> Self {
        Self { function: function.to_owned(), meter }
    }

    /// Writes what was counted since the last time, with how long the invocation took.
    pub(crate) fn write(&self, took: Duration) {
        self.meter.took("Duration", took);
        let mut out = std::io::stdout().lock();
        for line in lines(&self.function, SystemClock.now().as_millisecond(), self.meter.take()) {
            // A process whose output is gone has nobody to tell.
            let _ = writeln!(out, "{line}");
        }
    }
}

type Dimension = Option<(&'static str, String)>;
type Measured = Vec<(Measure, Vec<f64>)>;

/// One line for the metrics by function, and one for each value of another dimension, such as a reason.
fn lines(function: &str, at_ms: i64, measured: BTreeMap<Measure, Vec<f64>>) -> Vec<Value> {
    let mut by_dimension: BTreeMap<Dimension, Measured> = BTreeMap::new();
    for (measure, values) in measured {
        by_dimension.entry(measure.of.clone()).or_default().push((measure, values));
    }
    by_dimension.into_iter().map(|(dimension, measured)| line(function, at_ms, dimension, measured)).collect()
}

fn line(function: &str, at_ms: i64, dimension: Dimension, measured: Measured) -> Value {
    let mut dimensions = vec!["Function"];
    let mut line = Map::from_iter([("Function".to_owned(), json!(function))]);
    if let Some((name, value)) = dimension {
        dimensions.push(name);
        line.insert(name.to_owned(), json!(value));
    }
    let mut metrics = Vec::new();
    for (Measure { name, unit, .. }, values) in measured {
        metrics.push(json!({ "Name": name, "Unit": word(unit) }));
        let value = if let [value] = values.as_slice() { json!(value) } else { json!(values) };
        line.insert(name, value);
    }
    let directive = json!([{ "Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics }]);
    line.insert("_aws".to_owned(), json!({ "Timestamp": at_ms, "CloudWatchMetrics": directive }));
    Value::Object(line)
}

fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "Count",
        Unit::Seconds => "Seconds",
        Unit::Milliseconds => "Milliseconds",
    }
}

#[cfg(test)]
mod tests {
    use super::lines;
    use serde_json::json;
    use std::time::Duration;
    use transport::Meter;

    #[test]
    fn counts_are_by_function_and_by_reason() {
        let meter = Meter::on();
        meter.count("Accepted", 3);
        meter.count("Accepted", 2);
        meter.count_of("Skipped", "Reason", "comment");
        meter.count_of("Skipped", "Reason", "comment");
        meter.count_of("Skipped", "Reason", "echo");
        meter.took("Duration", Duration::from_millis(12));
        meter.took("Duration", Duration::from_millis(30));
        let lines = lines("stack-events", 1_795_168_800_000, meter.take());
        let of_function = json!({
            "_aws": { "Timestamp": 1_795_168_800_000_i64, "CloudWatchMetrics": [{
                "Namespace": "OpenCxHubSpot", "Dimensions": [["Function"]], "Metrics": [
                    { "Name": "Accepted", "Unit": "Count" },
                    { "Name": "Duration", "Unit": "Milliseconds" },
                    { "Name": "Skipped", "Unit": "Count" },
                ],
            }] },
            "Function": "stack-events", "Accepted": 5.0, "Duration": [12.0, 30.0], "Skipped": 3.0,
        });
        let of_reason = |reason: &str, count: f64| {
            json!({
                "_aws": { "Timestamp": 1_795_168_800_000_i64, "CloudWatchMetrics": [{
                    "Namespace": "OpenCxHubSpot", "Dimensions": [["Function", "Reason"]],
                    "Metrics": [{ "Name": "Skipped", "Unit": "Count" }],
                }] },
                "Function": "stack-events", "Reason": reason, "Skipped": count,
            })
        };
        assert_eq!(lines, [of_function, of_reason("comment", 2.0), of_reason("echo", 1.0)]);
        assert!(meter.take().is_empty(), "what was taken is not counted again");
    }

    #[test]
    fn more_values_than_cloudwatch_takes_are_left_out() {
        let meter = Meter::on();
        (0..150).for_each(|n| meter.took("Duration", Duration::from_millis(n)));
        assert_eq!(meter.take().values().map(Vec::len).collect::<Vec<_>>(), [100]);
    }
}

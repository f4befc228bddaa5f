//! How much waits in an SQS queue and its dead-letter queue, for the diagnostics.

use crate::aws_error::causes;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use flows::{PortError, QueueDepth};

/// Counts the messages of the queue at `url`, and of the dead-letter queue its redrive policy names.
///
/// A dead-letter queue that may not be read is not known; SQS's counts are approximate.
pub(crate) async fn depth(client: &Client, url: &str) -> Result<QueueDepth, PortError> {
    let asked = client.get_queue_attributes().queue_url(url);
    let asked = asked
        .attribute_names(Name::ApproximateNumberOfMessages)
        .attribute_names(Name::ApproximateNumberOfMessagesNotVisible)
        .attribute_names(Name::ApproximateNumberOfMessagesDelayed)
        .attribute_names(Name::RedrivePolicy);
    let told = asked.send().await;
    let told = told.map_err(|error| PortError { action: "count the queue's messages", problem: causes(&error) })?;
    let told = told.attributes.unwrap_or_default();
    let count = |name: Name| told.get(&name).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
    let waiting = count(Name::ApproximateNumberOfMessages)
        + count(Name::ApproximateNumberOfMessagesNotVisible)
        + count(Name::ApproximateNumberOfMessagesDelayed);
    let dead = match told.get(&Name::RedrivePolicy).and_then(|policy| dead_letter_queue(policy)) {
        Some(name) => dead_letters(client, &name).await,
        None => None,
    };
    Ok(QueueDepth { waiting, dead })
}

/// The name at the end of the dead-letter queue's ARN.
fn dead_letter_queue(policy: &str) -> Option<String> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    Some(policy.get("deadLetterTargetArn")?.as_str()?.rsplit(':').next()?.to_owned())
}

async fn dead_letters(client: &Client, name: &str) -> Option<u64> {
    let url = client.get_queue_url().queue_name(name).send().await.ok()?.queue_url?;
    let asked = client.get_queue_attributes().queue_url(url).attribute_names(Name::ApproximateNumberOfMessages);
    asked.send().await.ok()?.attributes?.get(&Name::ApproximateNumberOfMessages)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::dead_letter_queue;

    #[test]
    fn the_redrive_policy_names_the_dead_letter_queue() {
        let policy =
            r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:bridge-dead.fifo","maxReceiveCount":1000}"#;
        assert_eq!(dead_letter_queue(policy).as_deref(), Some("bridge-dead.fifo"));
        assert_eq!(dead_letter_queue("{}"), None);
    }
}

use super::Channel;
use crate::{AiState, ChannelId, Lifecycle, Sentiment, SessionStatus};

#[test]
fn every_word_of_the_contract_is_a_channel() {
    for word in "web email phone_voice sms whatsapp slack instagram messenger api web_voice".split(' ') {
        let channel: Channel = word.parse().unwrap();
        assert_eq!(channel.as_str(), word);
        assert_eq!(serde_json::to_value(channel).unwrap(), word);
        assert_eq!(serde_json::from_value::<Channel>(word.into()).unwrap(), channel);
    }
    assert!("fax".parse::<Channel>().is_err());
    assert!("Web".parse::<Channel>().is_err());
}

#[test]
fn hubspots_ids_and_what_hubspot_delivers() {
    let check = |id: &str, channel: Channel, delivers: bool| {
        assert_eq!(Channel::of_hubspot(&ChannelId::parse(id).unwrap()), channel, "{id}");
        assert_eq!(channel.hubspot_delivers(), delivers, "{channel:?}");
    };
    check("1000", Channel::Web, true);
    check("1001", Channel::Messenger, true);
    check("1002", Channel::Email, true);
    check("1007", Channel::Whatsapp, false);
    check("991234", Channel::Api, false);
    for channel in [Channel::Sms, Channel::PhoneVoice, Channel::WebVoice, Channel::Slack, Channel::Instagram] {
        assert!(!channel.hubspot_delivers(), "{channel:?}");
    }
}

#[test]
fn states_have_the_contracts_words() {
    let check = |json: Result<String, serde_json::Error>, word: &str| assert_eq!(json.unwrap(), format!("\"{word}\""));
    for (sentiment, word) in [(Sentiment::Angry, "angry"), (Sentiment::Happy, "happy"), (Sentiment::Neutral, "neutral")]
    {
        check(serde_json::to_string(&sentiment), word);
        assert_eq!(sentiment.as_str(), word);
    }
    let statuses = [
        (SessionStatus::Open, "open"),
        (SessionStatus::ClosedResolved, "closed_resolved"),
        (SessionStatus::ClosedUnresolved, "closed_unresolved"),
    ];
    for (status, word) in statuses {
        check(serde_json::to_string(&status), word);
        assert_eq!(status.as_str(), word);
    }
    check(serde_json::to_string(&AiState::HandedOff), "handed_off");
    check(serde_json::to_string(&AiState::Active), "active");
    check(serde_json::to_string(&AiState::Paused), "paused");
    check(serde_json::to_string(&Lifecycle::Open), "open");
    check(serde_json::to_string(&Lifecycle::Resolved), "resolved");
}

#[test]
fn calls_are_not_written() {
    let spoken = [Channel::PhoneVoice, Channel::WebVoice];
    for channel in [Channel::Web, Channel::Sms, Channel::Whatsapp, Channel::Email, Channel::Slack, Channel::Api] {
        assert!(channel.is_written(), "{channel:?}");
    }
    assert!(spoken.into_iter().all(|channel| !channel.is_written()));
}

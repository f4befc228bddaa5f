use crate::{ChannelId, InboxId, OrgId};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Where a customer writes, in OpenCX's words (contract section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A chat on a web page.
    Web,
    /// E-mail.
    Email,
    /// A phone call.
    PhoneVoice,
    /// Text messages.
    Sms,
    /// `WhatsApp`.
    Whatsapp,
    /// Slack.
    Slack,
    /// Instagram.
    Instagram,
    /// Facebook Messenger.
    Messenger,
    /// OpenCX's own interface, and channels of HubSpot that it has no word for.
    Api,
    /// A call from a web page.
    WebVoice,
}

/// How OpenCX's channels are addressed in an inbox; of one organization each inbox has one such account.
pub fn channel_address(org: &OrgId, inbox: &InboxId) -> String {
    format!("opencx-{org}-{inbox}")
}

/// A channel that is not one of the contract's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read the channel: it is none of web, email, phone_voice, sms, whatsapp, slack, instagram, messenger, api, web_voice"
)]
pub struct UnknownChannel;

impl Channel {
    const ALL: [Self; 10] = [
        Self::Web,
        Self::Email,
        Self::PhoneVoice,
        Self::Sms,
        Self::Whatsapp,
        Self::Slack,
        Self::Instagram,
        Self::Messenger,
        Self::Api,
        Self::WebVoice,
    ];

    /// The channel behind HubSpot's id: 1000 live chat, 1001 Messenger, 1002 e-mail, 1007 `WhatsApp`; others are custom.
    pub fn of_hubspot(channel: &ChannelId) -> Self {
        match channel.as_str() {
            "1000" => Self::Web,
            "1001" => Self::Messenger,
            "1002" => Self::Email,
            "1007" => Self::Whatsapp,
            _ => Self::Api,
        }
    }

    /// Whether a rep's public reply in HubSpot reaches the customer by HubSpot (document 004, "Rep replies sync back").
    pub fn hubspot_delivers(self) -> bool {
        matches!(self, Self::Web | Self::Email | Self::Messenger)
    }

    /// Whether an app may write on it through HubSpot: not on `WhatsApp`, and there is no other way to phones.
    pub fn takes_apps_messages(self) -> bool {
        !matches!(self, Self::Whatsapp | Self::Sms | Self::PhoneVoice | Self::WebVoice)
    }

    /// Whether people write on it: what OpenCX carries on such a channel itself can be a conversation in HubSpot.
    pub fn is_written(self) -> bool {
        !matches!(self, Self::PhoneVoice | Self::WebVoice)
    }

    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Email => "email",
            Self::PhoneVoice => "phone_voice",
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Slack => "slack",
            Self::Instagram => "instagram",
            Self::Messenger => "messenger",
            Self::Api => "api",
            Self::WebVoice => "web_voice",
        }
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text).ok_or(UnknownChannel)
    }
}

#[cfg(test)]
mod tests;

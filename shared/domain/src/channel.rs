//! The channels on which customers write.

use crate::{ChannelId, InboxId, OrgId};
use std::str::FromStr;

words! {
    /// Where a customer writes, in OpenCX's words.
    Channel {
        /// A chat on a web page.
        Web = "web",
        /// E-mail.
        Email = "email",
        /// A phone call.
        PhoneVoice = "phone_voice",
        /// Text messages.
        Sms = "sms",
        /// `WhatsApp`.
        Whatsapp = "whatsapp",
        /// Slack.
        Slack = "slack",
        /// Instagram.
        Instagram = "instagram",
        /// Facebook Messenger.
        Messenger = "messenger",
        /// OpenCX's own interface, and channels of HubSpot that OpenCX has no word for.
        Api = "api",
        /// A call from a web page.
        WebVoice = "web_voice",
    }
}

/// How OpenCX's channels are addressed in an inbox; of one organization each inbox has one such account.
pub fn channel_address(org: &OrgId, inbox: &InboxId) -> String {
    format!("opencx-{org}-{inbox}")
}

/// A word that names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the channel is none of web, email, phone_voice, sms, whatsapp, slack, instagram, messenger, api, web_voice")]
pub struct UnknownChannel;

impl Channel {
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

    /// Whether a rep's public reply in HubSpot reaches the customer through HubSpot.
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
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::of_word(text).ok_or(UnknownChannel)
    }
}

#[cfg(test)]
mod tests;

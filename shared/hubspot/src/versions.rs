use std::str::FromStr;

/// The path of each HubSpot API, with its version: the one place that knows a version.
///
/// HubSpot ends support of v1 to v3 in 2027-09 and of v4 on 2027-03-30; the dated paths are what remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiVersions {
    pub(crate) conversations: &'static str,
    /// In the v3 family the assignee lives under another prefix than the rest of its thread.
    pub(crate) assignees: &'static str,
    pub(crate) objects: &'static str,
    pub(crate) owners: &'static str,
    pub(crate) pipelines: &'static str,
    pub(crate) properties: &'static str,
    pub(crate) account: &'static str,
    pub(crate) files: &'static str,
    pub(crate) oauth: &'static str,
    pub(crate) custom_channels: &'static str,
}

impl ApiVersions {
    /// The dated versions. For conversations HubSpot has none before 2026-09.
    pub const fn dated() -> Self {
        Self {
            conversations: "/conversations/conversations/2026-09",
            assignees: "/conversations/conversations/2026-09",
            objects: "/crm/objects/2026-09",
            owners: "/crm/owners/2026-09",
            pipelines: "/crm/pipelines/2026-09",
            properties: "/crm/properties/2026-09",
            account: "/account-info/2026-09",
            files: "/files/2026-03/files",
            oauth: "/oauth/2026-03",
            custom_channels: "/conversations/custom-channels/2026-03",
        }
    }

    /// As [`Self::dated`], with conversations under `2026-09-beta`, which HubSpot's guide recommends to new integrations.
    pub const fn dated_beta() -> Self {
        let beta = "/conversations/conversations/2026-09-beta";
        Self { conversations: beta, assignees: beta, ..Self::dated() }
    }

    /// The numbered versions.
    pub const fn v3() -> Self {
        Self {
            conversations: "/conversations/v3/conversations",
            assignees: "/conversations/conversations/v3",
            objects: "/crm/v3/objects",
            owners: "/crm/v3/owners",
            pipelines: "/crm/v3/pipelines",
            properties: "/crm/v3/properties",
            account: "/account-info/v3",
            files: "/files/v3/files",
            oauth: "/oauth/v3",
            custom_channels: "/conversations/v3/custom-channels",
        }
    }
}

impl Default for ApiVersions {
    fn default() -> Self {
        Self::dated()
    }
}

/// A text that names no family of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are no API versions: expected `dated`, `dated-beta` or `v3`")]
pub struct UnknownVersions;

impl FromStr for ApiVersions {
    type Err = UnknownVersions;

    fn from_str(text: &str) -> Result<Self, UnknownVersions> {
        match text.trim() {
            "dated" => Ok(Self::dated()),
            "dated-beta" => Ok(Self::dated_beta()),
            "v3" => Ok(Self::v3()),
            _ => Err(UnknownVersions),
        }
    }
}

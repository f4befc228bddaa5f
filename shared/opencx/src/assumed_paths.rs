//! The paths of the endpoints that OpenCX does not publish.

/// The assumed endpoints: paths below the base URL, with `{session}` in the place of the session's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedPaths {
    /// `PUT`: silences the AI or lets it speak.
    pub handed_off: String,
    /// `POST`: adds an internal note.
    pub notes: String,
    /// `PUT`: merges into the custom data.
    pub custom_data: String,
    /// `PUT`: keeps HubSpot's ids.
    pub hubspot_ids: String,
}

impl Default for AssumedPaths {
    fn default() -> Self {
        let under_session = |last: &str| format!("/chat/sessions/{{session}}/{last}");
        Self {
            handed_off: under_session("handoff"),
            notes: under_session("notes"),
            custom_data: under_session("custom-data"),
            hubspot_ids: under_session("hubspot"),
        }
    }
}

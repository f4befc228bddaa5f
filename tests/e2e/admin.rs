//! An admin of the organization, at the console's API.

use crate::canaries;
use crate::console::Console;
use crate::world::{Differently, ORG, PUBLIC, World};
use domain::OrgId;
use serde_json::{Value, json};
use store::PortalProperties;

impl World {
    /// A call of the console's API.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.api_of(ORG, method, path, body).await
    }

    /// The same by another organization's admin.
    pub(crate) async fn api_of(&self, org: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        Console::of(self, org).call(method, path, body).await
    }

    /// Connects as an admin does: by the console's API, in live mode.
    pub(crate) async fn connect(&mut self, differently: &Differently) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key = self.ocx("GET", "/_sim/portal", Value::Null).await["api_key"].clone();
        let mut settings = json!({ "enabled": true, "opencx_requests_per_minute": 10_000 });
        let more = [("ai_user", &self.portal["ai_user"]), ("default_user", &self.portal["ai_user"])];
        if differently.oauth {
            assert_eq!(Console::of(self, ORG).consent(json!({})).await, "/#result=connected");
            let all = settings.as_object_mut().unwrap();
            all.extend(more.map(|(name, value)| (name.to_owned(), value.clone())));
            all.insert("opencx_api_key".to_owned(), key.clone());
        } else {
            let token = &self.portal["access_token"];
            let form =
                json!({ "access_token": token, "default_user_id": self.portal["ai_user"], "opencx_api_key": key });
            self.admin("PUT", "/api/connection/private-app", form).await;
        }
        if let (Some(all), Some(more)) = (settings.as_object_mut(), differently.settings.as_object()) {
            all.extend(more.clone());
        }
        // An admin may not change this one.
        let oauth_only = settings.as_object_mut().unwrap().remove("oauth_only");
        self.admin("PATCH", "/api/settings", settings).await;
        if let Some(oauth_only) = oauth_only {
            self.change_settings(|settings| settings.oauth_only = oauth_only == true).await;
        }
        self.url = text(&self.admin("GET", "/api/connection", Value::Null).await["webhook_url"]);
        let connection = self.operator().store.connection(&OrgId::parse(ORG).unwrap()).await.unwrap().unwrap();
        let refused = matches!(connection.properties, PortalProperties::Refused(_));
        assert_eq!(refused, differently.properties_refused, "{:?}", connection.properties);
        self.nonce = connection.nonce;
        let hook = json!({ "url": self.url, "client_secret": self.portal["client_secret"] });
        self.hs("PUT", "/_sim/webhook", hook).await;
        self.ocx("PUT", "/_sim/functions", json!({ "url": PUBLIC })).await;
        for secret in [&self.portal["access_token"], &self.portal["client_secret"], &key] {
            canaries::plant(text(secret));
        }
        canaries::plant(self.url.rsplit('/').next().unwrap_or_default().to_owned());
        self.forget_calls().await;
    }

    /// A call of the console's API that succeeds.
    async fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.api(method, path, body).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }
}

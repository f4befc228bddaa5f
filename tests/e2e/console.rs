//! The page's calls, as an admin's browser makes them.

use crate::canaries;
use crate::world::{PUBLIC, World};
use bytes::Bytes;
use domain::OrgId;
use http::{Method, Request, Response};
use runtime::{LONGEST_TOKEN, sign_admin_token};
use serde_json::{Value, json};
use simulator::{Simulator, in_process};
use std::sync::Arc;
use std::time::Duration;
use transport::{Clock, Transport};

/// The page of one organization's admin.
pub(crate) struct Console<'w> {
    world: &'w World,
    org: OrgId,
}

impl<'w> Console<'w> {
    pub(crate) fn of(world: &'w World, org: &str) -> Self {
        Self { world, org: OrgId::parse(org).unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, Value::Null).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = self.send(method, path, "", body).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }

    async fn send(&self, method: &str, path: &str, cookie: &str, body: Value) -> Response<Bytes> {
        // Hours may pass in a story, so each call has a fresh token.
        let key = self.world.token_key();
        let token = sign_admin_token(&self.org, "admin", self.world.clock.now() + LONGEST_TOKEN, &key).unwrap();
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("{PUBLIC}{path}"))
            .header("authorization", format!("Bearer {token}"))
            .header("cookie", cookie)
            .body(body)
            .unwrap();
        let answer = self.world.runner.as_ref().unwrap().handle(request).await.unwrap();
        // Another function sees a change within a minute, when it reads the connection again; stories do not wait for that.
        self.world.forget_what_was_read();
        answer
    }

    /// Begins a consent and lets the simulated admin answer: HubSpot's way back, and the browser's cookie.
    pub(crate) async fn begin(&self) -> (String, String) {
        let answer = self.send("POST", "/api/oauth/start", "", json!({})).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; Secure") && cookie.contains("HttpOnly"),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let url = serde_json::from_slice::<Value>(answer.body()).unwrap()["authorize_url"].as_str().unwrap().to_owned();
        let sim: Arc<dyn Simulator> = self.world.hubspot.clone();
        let ask = Request::builder().uri(url).header("host", "hubspot.test").body(Bytes::new()).unwrap();
        let consent = in_process(sim).send(ask, Duration::from_secs(5)).await.unwrap();
        assert_eq!(consent.status(), 302, "{consent:?}");
        let back = consent.headers()["location"].to_str().unwrap().to_owned();
        (back.strip_prefix(PUBLIC).unwrap().to_owned(), cookie)
    }

    /// The browser comes back; where it is sent.
    pub(crate) async fn callback(&self, back: &str, cookie: &str) -> String {
        let answer = self.send("GET", back, cookie, Value::Null).await;
        assert_eq!(answer.status(), 302);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// A whole consent, with the admin behaving as `consent` says.
    pub(crate) async fn consent(&self, consent: Value) -> String {
        self.world.hs("PUT", "/_sim/oauth", consent).await;
        let (back, cookie) = self.begin().await;
        canaries::plant(cookie.split('=').nth(1).unwrap().to_owned());
        self.callback(&back, &cookie).await
    }
}

impl World {
    /// The key that signs admin tokens.
    pub(crate) fn token_key(&self) -> Vec<u8> {
        self.keyring.token_key().unwrap()
    }

    /// The simulated HubSpot's app.
    pub(crate) fn app(&self) -> Option<hubspot::OAuthApp> {
        let text = |name: &str| self.portal[name].as_str().map(str::to_owned);
        Some(hubspot::OAuthApp {
            client_id: text("client_id")?,
            client_secret: text("client_secret")?,
            redirect_uri: format!("{PUBLIC}/oauth/callback"),
            app_url: "http://hubspot.test".to_owned(),
            custom_channel: text("custom_channel_id").and_then(|id| domain::ChannelId::parse(id).ok()),
        })
    }
}

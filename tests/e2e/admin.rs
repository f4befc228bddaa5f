//! The console's API as an admin's browser calls it.

use crate::world::{ORG, PUBLIC, World};
use bytes::Bytes;
use domain::OrgId;
use http::{Method, Request};
use serde_json::Value;
use transport::Clock as _;

impl World {
    /// A call of the console's API by an admin.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.api_of(ORG, method, path, body).await
    }

    /// The same by another organization's admin.
    pub(crate) async fn api_of(&self, org: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let org = OrgId::parse(org).unwrap();
        let (expires, key) = (self.clock.now() + runtime::LONGEST_TOKEN, self.keyring.token_key().unwrap());
        let token = runtime::sign_admin_token(&org, "admin", expires, &key).unwrap();
        let request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
        let request = request.uri(format!("{PUBLIC}{path}")).header("authorization", format!("Bearer {token}"));
        let request = request.body(if body.is_null() { Bytes::new() } else { body.to_string().into() }).unwrap();
        let answer = self.runner.as_ref().unwrap().handle(request).await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null))
    }
}

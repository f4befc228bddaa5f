use super::*;
use crate::{HubSpotError, OAuthApp, OAuthError, TokenSource};
use futures::future::BoxFuture;

const TOKENS: &str =
    r#"{"token_type":"bearer","access_token":"canary-access","refresh_token":"canary-refresh","expires_in":1800}"#;

fn app() -> OAuthApp {
    OAuthApp {
        client_id: "id".to_owned(),
        client_secret: "canary-secret".to_owned(),
        redirect_uri: "https://b.test/back".to_owned(),
        app_url: "https://app.hubspot.test/".to_owned(),
        custom_channel: None,
    }
}

fn until() -> Timestamp {
    start() + Duration::from_secs(60)
}

#[test]
fn the_consent_asks_for_exactly_the_apps_scopes() {
    let url = app().authorize_url("s 1");
    assert!(url.starts_with(
        "https://app.hubspot.test/oauth/authorize?client_id=id&redirect_uri=https%3A%2F%2Fb.test%2Fback&"
    ));
    assert!(
        url.contains("&scope=oauth%20conversations.read%20")
            && url.contains("&optional_scope=crm.objects.owners.read%20")
    );
    assert!(url.ends_with("&state=s%201"));
}

#[tokio::test]
async fn codes_and_refresh_tokens_go_into_a_form_and_into_nothing_else() {
    let script = Script::new([answer(200, TOKENS), answer(200, TOKENS)]);
    let tokens = script.hubspot.exchange(&app(), "c&1", until()).await.unwrap();
    assert_eq!((tokens.access_token.as_str(), tokens.expires_in_s), ("canary-access", 1800));
    assert!(!format!("{tokens:?} {:?}", app()).contains("canary"));
    script.hubspot.refresh(&app(), "r1", until()).await.unwrap();
    let seen = script.requests();
    assert_eq!(script.lines(), ["POST /oauth/2026-03/token", "POST /oauth/2026-03/token"]);
    let exchange = "grant_type=authorization_code&code=c%261&redirect_uri=https%3A%2F%2Fb.test%2Fback&client_id=id&client_secret=canary-secret";
    assert_eq!((seen[0].body.as_str().unwrap(), seen[0].token.as_str()), (exchange, ""));
    assert!(seen[1].body.as_str().unwrap().starts_with("grant_type=refresh_token&refresh_token=r1&"));
}

#[tokio::test]
async fn hubspots_refusals_have_names_and_only_one_ends_a_grant() {
    let check = async |status: u16, body: &str, fits: fn(&OAuthError) -> bool| {
        let script = Script::of(status, body);
        let error = script.hubspot.refresh(&app(), "r1", until()).await.unwrap_err();
        assert!(fits(&error), "{body}: {error:?}");
        assert_eq!(script.requests().len(), 1, "a refresh is never repeated by itself");
    };
    check(400, r#"{"status":"BAD_REFRESH_TOKEN","message":"x"}"#, |e| matches!(e, OAuthError::BadRefreshToken)).await;
    check(400, r#"{"status":"BAD_CLIENT_ID","error":"invalid_request"}"#, |e| matches!(e, OAuthError::BadClient)).await;
    check(400, r#"{"status":"BAD_AUTH_CODE"}"#, |e| matches!(e, OAuthError::BadAuthCode)).await;
    check(400, r#"{"status":"BAD_REDIRECT_URI"}"#, |e| matches!(e, OAuthError::BadRedirectUri)).await;
    check(503, "", |e| matches!(e, OAuthError::Call(_))).await;
    check(400, "<html>", |e| matches!(e, OAuthError::Call(_))).await;
    check(200, r#"{"access_token":""}"#, |e| matches!(e, OAuthError::Call(_))).await;
}

#[tokio::test]
async fn a_token_that_is_not_active_opens_nothing() {
    let active = r#"{"active":true,"hub_id":7,"app_id":"9","hub_domain":"a.test","scopes":["oauth"]}"#;
    let script = Script::new([answer(200, active), answer(200, r#"{"active":false}"#)]);
    let token = AccessToken::new("t");
    let opens = script.hubspot.introspect(&app(), &token, until()).await.unwrap();
    assert_eq!((opens.portal.as_str(), opens.app.as_str(), opens.scopes.len()), ("7", "9", 1));
    let closed = script.hubspot.introspect(&app(), &token, until()).await;
    assert!(matches!(closed, Err(OAuthError::Inactive)), "{closed:?}");
}

/// One token, then another.
struct Two;

impl TokenSource for Two {
    fn current(&self) -> BoxFuture<'_, Result<AccessToken, HubSpotError>> {
        Box::pin(async { Ok(AccessToken::new("old")) })
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a AccessToken,
        expired: bool,
    ) -> BoxFuture<'a, Result<Option<AccessToken>, HubSpotError>> {
        assert!(expired && *refused == AccessToken::new("old"));
        Box::pin(async { Ok(Some(AccessToken::new("new"))) })
    }
}

#[tokio::test]
async fn a_refused_call_is_sent_once_more_with_another_token() {
    let expired = r#"{"status":"error","category":"EXPIRED_AUTHENTICATION"}"#;
    let script = Script::new([answer(401, expired), answer(401, expired)]);
    let portal = script.hubspot.portal_of(Arc::new(Two), until());
    assert!(matches!(portal.inboxes().await, Err(HubSpotError::Unauthorized { expired: true })));
    let tokens: Vec<_> = script.requests().into_iter().map(|seen| seen.token).collect();
    assert_eq!(tokens, ["Bearer old", "Bearer new"]);
}

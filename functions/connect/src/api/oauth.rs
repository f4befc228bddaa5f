//! `/api/oauth/start` and the callback: HubSpot's consent, bound to the browser that began it.

use crate::call::Call;
use crate::problem::Problem;
use crate::{Connect, Reply, refusal};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::Request;
use lambda_http::http::header;
use operations::{Callback, ConnectError, Consented, Established};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use store::OAuthState;

pub(super) async fn start(call: &Call<'_>) -> Result<Reply, Problem> {
    let (state, browser) = ((call.connect.random)(), (call.connect.random)());
    let begun = OAuthState { org: call.org().clone(), browser: hash(&browser), actor: call.admin.role.to_owned() };
    let url = operations::start_oauth(call.bridge(), &state, &begun).await?;
    Ok(Reply::json(&json!({ "authorize_url": url })).with(header::SET_COOKIE, &cookie(call.connect, &browser, 600)))
}

/// HubSpot has sent the browser back. The page tells what happened.
pub(crate) async fn callback(connect: &Connect, request: &Request) -> Reply {
    let query = crate::call::pairs(request.uri().query().unwrap_or_default());
    let field = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let cookies = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let wanted = format!("{}=", cookie_name(connect));
    let browser = cookies.flat_map(|cookies| cookies.split(';')).find_map(|cookie| cookie.trim().strip_prefix(&wanted));
    let secret = (connect.random)();
    let callback = Callback {
        state: field("state").unwrap_or_default(),
        browser: &hash(browser.unwrap_or_default()),
        code: field("code"),
        error: field("error").map(|error| (error, field("error_description").unwrap_or_default())),
        secret: &secret,
    };
    let told = told(operations::finish_oauth(&connect.desk(), &callback).await);
    Reply::redirect(&format!("/#{told}")).with(header::SET_COOKIE, &cookie(connect, "", 0))
}

fn told(consented: Result<Consented, ConnectError>) -> String {
    let error =
        |code: &str, detail: &str| format!("error={code}&detail={}", utf8_percent_encode(detail, NON_ALPHANUMERIC));
    match consented {
        Ok(Consented::Established(Established::Connected)) => "result=connected".to_owned(),
        Ok(Consented::Established(Established::Confirm { id, from, to })) => {
            format!("confirm={id}&from={from}&to={to}")
        }
        Ok(Consented::Cancelled) => error("cancelled", "Nothing was connected: the consent was cancelled in HubSpot."),
        Ok(Consented::NotAdmin) => error(
            "not_admin",
            "HubSpot lets only super admins and people with App Marketplace access install apps. Ask one of them to connect.",
        ),
        Ok(Consented::ExpiredState) => {
            error("expired_state", "This consent was used already or is older than 10 minutes. Connect again.")
        }
        Ok(Consented::WrongBrowser) => {
            error("wrong_browser", "The consent was begun in another browser. Connect again in this one.")
        }
        Ok(Consented::CodeExpired) => error("code_expired", "HubSpot's code was used or too old. Connect again."),
        Err(refused) => {
            tracing::warn!(error = %refused, "a consent was not completed");
            error(refusal::code(&refused), &refusal::words(&refused))
        }
    }
}

/// The browser keeps the secret; its hash is stored here.
fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, secret.as_bytes()))
}

/// Browsers take the `__Host-` prefix over HTTPS only; plain HTTP is for one's own machine.
fn cookie_name(connect: &Connect) -> &'static str {
    if connect.public_url.starts_with("https:") { "__Host-opencx-oauth" } else { "opencx-oauth" }
}

fn cookie(connect: &Connect, value: &str, seconds: u32) -> String {
    let name = cookie_name(connect);
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

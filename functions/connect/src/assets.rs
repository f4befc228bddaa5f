//! The console's files, compiled in.

use crate::problem::Problem;
use crate::reply::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::Body;
use lambda_http::http::{HeaderMap, StatusCode, header};

/// Path, type and content. A further file is one more line.
const FILES: &[(&str, &str, &[u8])] = &[
    ("/", "text/html; charset=utf-8", include_bytes!("../console/index.html")),
    ("/app.js", "text/javascript; charset=utf-8", include_bytes!("../console/app.js")),
    ("/app.css", "text/css; charset=utf-8", include_bytes!("../console/app.css")),
];

/// The file at `path`; 304 where the browser has it already.
pub(crate) fn answer(path: &str, headers: &HeaderMap) -> Result<Reply, Problem> {
    let file = FILES.iter().find(|(at, ..)| *at == path).ok_or_else(|| Problem::not_found("such page"))?;
    let &(_, content_type, content) = file;
    let digest = ring::digest::digest(&ring::digest::SHA256, content);
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let reply = if known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag) {
        Reply::of(StatusCode::NOT_MODIFIED, content_type, Body::Empty)
    } else {
        Reply::of(StatusCode::OK, content_type, String::from_utf8_lossy(content).into_owned())
    };
    // Always asked for, rarely sent: a new deployment shows at once.
    Ok(reply.with(header::CACHE_CONTROL, "no-cache").with(header::ETAG, &tag))
}

//! The console's files, compiled in.

use crate::problem::Problem;
use crate::reply::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::Body;
use lambda_http::http::{HeaderMap, StatusCode, header};
use ring::digest::{SHA256, digest};

macro_rules! files {
    ($($name:literal)*) => { &[$(($name, include_bytes!(concat!("../console/", $name)))),*] };
}

/// Name and content of every file. A further file is one more name.
const FILES: &[(&str, &[u8])] = files! {
    "api.js" "app.css" "app.js" "audit.js" "base.css" "charts.js" "checks.js" "connection.js" "consent.js" "crm.js"
    "deliveries.js" "delivery.js" "diagnostics.js" "dom.js" "format.js" "guide.js" "hours.js" "icon.svg"
    "index.html" "insights.js" "mended.js" "overview.js" "pairs.js" "people.js" "preview.js" "routing.js"
    "settings.js" "signatures.js" "takeover.js" "ui.js" "words.js"
};
/// The page at `/`.
const PAGE: &str = "index.html";

fn file(path: &str) -> Option<&'static (&'static str, &'static [u8])> {
    let name = if path == "/" { PAGE } else { path.strip_prefix('/').filter(|name| *name != PAGE)? };
    FILES.iter().find(|(known, _)| *known == name)
}

/// Whether there is a file at `path`.
pub(crate) fn is_one(path: &str) -> bool {
    file(path).is_some()
}

/// The file at `path`; 304 where the browser has it already.
pub(crate) fn answer(path: &str, headers: &HeaderMap) -> Result<Reply, Problem> {
    let &(name, content) = file(path).ok_or_else(|| Problem::not_found("such page"))?;
    let content_type = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest(&SHA256, content)));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let reply = if known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag) {
        Reply::of(StatusCode::NOT_MODIFIED, content_type, Body::Empty)
    } else {
        Reply::of(StatusCode::OK, content_type, String::from_utf8_lossy(content).into_owned())
    };
    // Browsers ask each time, so that a new deployment shows at once.
    Ok(reply.with(header::CACHE_CONTROL, "no-cache").with(header::ETAG, &tag))
}

#[cfg(test)]
mod tests {
    use super::FILES;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/console")).unwrap();
        let there: BTreeSet<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let served: BTreeSet<_> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(there, served);
    }
}

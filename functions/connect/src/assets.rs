//! The console's files, compiled in.

use crate::problem::Problem;
use crate::reply::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::Body;
use lambda_http::http::{HeaderMap, StatusCode, header};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

/// Path, type and content. A further file is one more line.
const FILES: &[(&str, &str, &[u8])] = &[
    ("/api.js", SCRIPT, include_bytes!("../console/api.js")),
    ("/app.css", CSS, include_bytes!("../console/app.css")),
    ("/app.js", SCRIPT, include_bytes!("../console/app.js")),
    ("/audit.js", SCRIPT, include_bytes!("../console/audit.js")),
    ("/base.css", CSS, include_bytes!("../console/base.css")),
    ("/charts.js", SCRIPT, include_bytes!("../console/charts.js")),
    ("/checks.js", SCRIPT, include_bytes!("../console/checks.js")),
    ("/connection.js", SCRIPT, include_bytes!("../console/connection.js")),
    ("/consent.js", SCRIPT, include_bytes!("../console/consent.js")),
    ("/crm.js", SCRIPT, include_bytes!("../console/crm.js")),
    ("/deliveries.js", SCRIPT, include_bytes!("../console/deliveries.js")),
    ("/delivery.js", SCRIPT, include_bytes!("../console/delivery.js")),
    ("/diagnostics.js", SCRIPT, include_bytes!("../console/diagnostics.js")),
    ("/dom.js", SCRIPT, include_bytes!("../console/dom.js")),
    ("/format.js", SCRIPT, include_bytes!("../console/format.js")),
    ("/guide.js", SCRIPT, include_bytes!("../console/guide.js")),
    ("/hours.js", SCRIPT, include_bytes!("../console/hours.js")),
    ("/icon.svg", IMAGE, include_bytes!("../console/icon.svg")),
    ("/", HTML, include_bytes!("../console/index.html")),
    ("/insights.js", SCRIPT, include_bytes!("../console/insights.js")),
    ("/mended.js", SCRIPT, include_bytes!("../console/mended.js")),
    ("/overview.js", SCRIPT, include_bytes!("../console/overview.js")),
    ("/pairs.js", SCRIPT, include_bytes!("../console/pairs.js")),
    ("/people.js", SCRIPT, include_bytes!("../console/people.js")),
    ("/preview.js", SCRIPT, include_bytes!("../console/preview.js")),
    ("/routing.js", SCRIPT, include_bytes!("../console/routing.js")),
    ("/settings.js", SCRIPT, include_bytes!("../console/settings.js")),
    ("/signatures.js", SCRIPT, include_bytes!("../console/signatures.js")),
    ("/takeover.js", SCRIPT, include_bytes!("../console/takeover.js")),
    ("/ui.js", SCRIPT, include_bytes!("../console/ui.js")),
    ("/words.js", SCRIPT, include_bytes!("../console/words.js")),
];

/// Whether there is a file at `path`.
pub(crate) fn is_one(path: &str) -> bool {
    FILES.iter().any(|(at, ..)| *at == path)
}

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

#[cfg(test)]
mod tests {
    use super::FILES;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/console")).unwrap();
        let path = |name: String| if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
        let there: BTreeSet<_> = folder.map(|file| path(file.unwrap().file_name().into_string().unwrap())).collect();
        let served: BTreeSet<_> = FILES.iter().map(|(path, ..)| (*path).to_owned()).collect();
        assert_eq!(there, served);
    }
}

//! The page: three files that `scripts/map` builds from `control/map/`. They are committed, so that building the
//! program needs no npm.

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

const PAGE: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/map.js");
const STYLE: &str = include_str!("page/map.css");

/// The page runs only its own script, contacts only its own endpoint, and cannot be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document.
pub async fn page() -> Response {
    file("text/html; charset=utf-8", PAGE)
}

/// Its script.
pub async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

/// Its style.
pub async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 6] = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        // Another version of the program may answer at this address next time.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

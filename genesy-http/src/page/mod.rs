//! The live page: files that are part of the program, served as they were written.
//!
//! There is no build step, and no file asks another host for anything. Paths in them are relative, so that
//! the page also works where the application is nested under a path that ends with a slash.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;

use crate::problem::Problem;
use crate::state::AppState;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const IMAGE: &str = "image/svg+xml";
/// Windows-1252 on purpose: the sample shows that the encoding is found out.
const SAMPLE: &str = "text/csv; charset=windows-1252";

/// Asked for again at each load, and not sent again while it is the same.
const CACHE_CONTROL: &str = "no-cache";
/// How much of the digest names a version of a file, in bytes.
const TAG_BYTES: usize = 12;

/// A file of the page: its name, content type and content.
type File = (&'static str, &'static str, &'static [u8]);

macro_rules! files {
    ($($name:literal: $content_type:ident,)*) => {
        &[$(($name, $content_type, include_bytes!($name)),)*]
    };
}

/// All files. The first one is the page itself.
const FILES: &[File] = files! {
    "index.html": HTML,
    "style.css": STYLE,
    "icon.svg": IMAGE,
    "main.js": SCRIPT,
    "api.js": SCRIPT,
    "dom.js": SCRIPT,
    "drawer.js": SCRIPT,
    "forecast.js": SCRIPT,
    "grid.js": SCRIPT,
    "import.js": SCRIPT,
    "leads.js": SCRIPT,
    "live.js": SCRIPT,
    "preview.js": SCRIPT,
    "process.js": SCRIPT,
    "providers.js": SCRIPT,
    "rows.js": SCRIPT,
    "runs.js": SCRIPT,
    "state.js": SCRIPT,
    "words.js": SCRIPT,
    "sample-leads.csv": SAMPLE,
};

/// The entity tags of [`FILES`], in their order.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tag = |(_, _, content): &File| {
        let digest = digest::digest(&digest::SHA256, content);
        let start = digest.as_ref().get(..TAG_BYTES).unwrap_or_default();
        format!("\"{}\"", URL_SAFE_NO_PAD.encode(start))
    };
    FILES.iter().map(tag).collect()
});

/// `/` and `/page/…`.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/", get(index)).route("/page/{name}", get(file))
}

async fn index(headers: HeaderMap) -> Response {
    answer(0, &headers)
}

async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match FILES.iter().position(|(of_file, ..)| *of_file == name) {
        Some(index) => answer(index, &headers),
        None => Problem::not_found("such file of the page").into_response(),
    }
}

fn answer(index: usize, request: &HeaderMap) -> Response {
    let (Some((_, content_type, content)), Some(tag)) = (FILES.get(index), TAGS.get(index)) else {
        return Problem::not_found("such file of the page").into_response();
    };
    let known = request.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let headers = [
        (header::CONTENT_TYPE, *content_type),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::ETAG, tag.as_str()),
    ];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, *content).into_response()
}

#[cfg(test)]
mod tests {
    use super::FILES;

    /// The whole page, uncompressed.
    const BYTES_MAX: usize = 100 * 1024;

    fn text(name: &str) -> String {
        let (.., content) = FILES.iter().find(|(of_file, ..)| *of_file == name).unwrap();
        String::from_utf8_lossy(content).into_owned()
    }

    fn scripts() -> impl Iterator<Item = (&'static str, String)> {
        let scripts = FILES.iter().filter(|(name, ..)| name.ends_with(".js"));
        scripts.map(|(name, ..)| (*name, text(name)))
    }

    #[test]
    fn the_page_is_light() {
        // The sample is fetched only by whoever asks for it.
        let of_page = FILES.iter().filter(|(name, ..)| !name.ends_with(".csv"));
        let bytes: usize = of_page.map(|(.., content)| content.len()).sum();
        assert!(bytes <= BYTES_MAX, "{bytes} bytes");
    }

    #[test]
    fn every_module_that_is_imported_is_served() {
        for (name, script) in scripts() {
            for part in script.split(" from './").skip(1) {
                let imported = part.split('\'').next().unwrap_or_default();
                assert!(
                    FILES.iter().any(|(of_file, ..)| *of_file == imported),
                    "{name} imports {imported}"
                );
            }
        }
    }

    /// What the content policy of the server would refuse, and what would let a value of a lead be markup.
    #[test]
    fn nothing_is_inline_and_no_data_becomes_markup() {
        let page = text("index.html");
        assert!(!page.contains("style=") && !page.contains("<style"), "inline style");
        assert!(!page.contains("onclick="), "inline handler");
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script type=\"module\" src=").count()
        );
        for (name, script) in scripts() {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!script.contains(word), "{name}: {word}");
            }
        }
    }

    #[test]
    fn no_file_names_another_host() {
        for (name, ..) in FILES.iter().filter(|(name, ..)| !name.ends_with(".csv")) {
            let text = text(name).replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{name}");
        }
    }
}

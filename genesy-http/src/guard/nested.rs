//! Where another application nests this one, places within it begin with that path.

use axum::extract::{NestedPath, Request};
use axum::http::{Extensions, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// The path that this application is nested under: nothing if it is not.
pub(crate) fn prefix(extensions: &Extensions) -> &str {
    extensions.get::<NestedPath>().map_or("", |path| path.as_str().trim_end_matches('/'))
}

/// Puts the path before the places that handlers name.
pub(super) async fn mend_location(request: Request, next: Next) -> Response {
    let prefix = prefix(request.extensions()).to_owned();
    let mut response = next.run(request).await;
    if let Some(location) = response.headers_mut().get_mut(header::LOCATION)
        && let Some(path) = location.to_str().ok().filter(|path| path.starts_with('/'))
        && let Ok(whole) = HeaderValue::try_from(format!("{prefix}{path}"))
    {
        *location = whole;
    }
    response
}

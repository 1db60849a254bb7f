//! How a lead becomes a request.

use genesy_core::waterfall::{LeadFields, LeadInputs};
use url::Url;

use super::json_template::JsonTemplate;
use super::template::Template;

/// A request, but for the key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// How it is sent.
    pub method: Method,
    /// Where the provider is: http or https, with a host, without user, query and fragment.
    pub base_url: Url,
    /// What comes behind the base URL, without a slash in front. It has no optional field.
    pub path: Template,
    /// The parameters of the query, in the order of the definition.
    pub query: Vec<(String, Template)>,
    /// Headers beside those that the engine sets. The names are valid, and so is the text of the
    /// definition in the values; what a lead says need not be.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Body,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// GET, which has no body.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Body {
    /// None.
    None,
    /// JSON.
    Json(JsonTemplate),
    /// The fields of a form, in the order of the definition. One whose template needs a field that the
    /// lead lacks is left out.
    Form(Vec<(String, Template)>),
}

impl Request {
    /// The address for a lead, behind `base` as it is behind [`Self::base_url`].
    ///
    /// What the lead says never adds a segment to the path or a parameter to the query, nor does it
    /// change the host. There is no address if the lead lacks a field of the path, or if what it says
    /// makes a segment `.` or `..`, which no encoding keeps from being resolved.
    pub fn url(&self, base: &Url, inputs: &LeadInputs) -> Option<Url> {
        let path = self.path.render_with(inputs, push_encoded)?;
        if path.split('/').any(is_dots) {
            return None;
        }
        let mut url = base.clone();
        url.set_query(None);
        url.set_fragment(None);
        if !path.is_empty() {
            let path = format!("{}/{path}", base.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        let parameters = self.query.iter();
        let there: Vec<_> = parameters
            .filter_map(|(name, template)| Some((name, template.render(inputs)?)))
            .collect();
        if !there.is_empty() {
            url.query_pairs_mut().extend_pairs(there);
        }
        Some(url)
    }

    /// The fields without which it cannot be made, and all that it is made of.
    pub(super) fn fields(&self) -> (LeadFields, LeadFields) {
        let mut required = LeadFields::NONE;
        let mut all = LeadFields::NONE;
        let mut add = |template: &Template| {
            template.required_fields().iter().for_each(|field| required.insert(field));
            template.fields().iter().for_each(|field| all.insert(field));
        };
        add(&self.path);
        self.query.iter().chain(&self.headers).for_each(|(_, template)| add(template));
        match &self.body {
            Body::None => {}
            Body::Json(json) => json.each_template(&mut add),
            Body::Form(fields) => fields.iter().for_each(|(_, template)| add(template)),
        }
        (required, all)
    }
}

impl Method {
    /// All methods.
    pub(super) const ALL: [Self; 4] = [Self::Get, Self::Post, Self::Put, Self::Patch];

    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// Whether a segment means the one it is in, or the one above: `%2e` is a dot as well.
pub(super) fn is_dots(segment: &str) -> bool {
    let segment = segment.replace("%2e", ".").replace("%2E", ".");
    segment == "." || segment == ".."
}

/// Appends a text of which only the unreserved characters of RFC 3986 stay as they are.
fn push_encoded(text: &str, encoded: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            encoded.push('%');
            encoded.extend(digits.map(char::from));
        }
    }
}

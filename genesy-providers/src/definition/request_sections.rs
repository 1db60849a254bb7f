//! Makes a request of its table of TOML.

use genesy_core::waterfall::{LeadField, LeadInputs};
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Number;
use toml::de::DeValue;
use url::Url;

use super::error::{Fault, Mistake, quoted};
use super::json_template::Node;
use super::reader::{Item, Section, number};
use super::request::is_dots;
use super::sections::choice;
use super::{Body, JsonTemplate, Method, Request, Template};

/// Levels of objects and arrays in a JSON body at most, the body itself counted.
const JSON_DEPTH_MAX: usize = 16;
/// What is expected where a text with fields belongs.
const A_TEMPLATE: &str = "write a text in quotation marks, such as \"{email}\"";
/// What is expected where templates belong.
const TEMPLATES: &str = "write a table of texts";
/// What is expected where the base URL belongs.
const BASE_URL: &str = "write one such as \"https://api.example.com/v1\"";
/// Headers that HTTP itself needs: nobody else sets them.
const HEADERS_OF_HTTP: [&str; 5] =
    ["connection", "content-length", "host", "transfer-encoding", "upgrade"];
/// Headers that hold keys: only `[auth]` sets them.
const HEADERS_OF_KEYS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// The request of `[request]`.
pub(super) fn request(section: &Section<'_>) -> Result<Request, Fault> {
    section.only(&["method", "base_url", "path", "query", "headers", "body"])?;
    let names = Method::ALL.map(Method::as_str);
    let name =
        choice(&section.need("method", &format!("write one of {}", names.join(", ")))?, &names)?;
    let method = Method::ALL.into_iter().find(|method| method.as_str() == name);
    let method = method.unwrap_or(Method::Get);
    let base_url = section.need("base_url", BASE_URL)?.read(BASE_URL, base_url)?;
    let path = match section.get("path") {
        Some(item) => path(&item)?,
        None => Template::default(),
    };
    let query = match section.get("query") {
        Some(item) => templates(&item, |name| query_name(name).map(|_| ()))?,
        None => Vec::new(),
    };
    let headers =
        section.get("headers").map(|item| headers(&item)).transpose()?.unwrap_or_default();
    let body = match section.get("body") {
        Some(item) if method == Method::Get => {
            return Err(item.fault(Mistake::new(
                "a GET has no body",
                "use another method, or [request.query] instead",
            )));
        }
        Some(item) => body(&item.section("write [request.body.json] or [request.body.form]")?)?,
        None => Body::None,
    };
    Ok(Request { method, base_url, path, query, headers, body })
}

fn base_url(text: &str) -> Result<Url, Mistake> {
    let wrong =
        |what: &str, expected: &str| Mistake::new(format!("{} {what}", quoted(text)), expected);
    let Ok(url) = Url::parse(text) else {
        // Before an @ there may be a password, which is not to be quoted.
        let found = if text.contains('@') { "it" } else { &quoted(text) };
        return Err(Mistake::new(format!("{found} is no address"), BASE_URL));
    };
    if !url.username().is_empty() || url.password().is_some() {
        let expected = "take them away: keys come from the environment, see [auth]";
        return Err(Mistake::new("it has a user or a password", expected));
    }
    if !["http", "https"].contains(&url.scheme()) {
        return Err(wrong("is neither http nor https", BASE_URL));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("has no host", BASE_URL));
    }
    if url.query().is_some() {
        return Err(wrong("has a query", "move it to [request.query]"));
    }
    if url.fragment().is_some() {
        return Err(wrong("has a fragment", "take the # and what follows away"));
    }
    Ok(url)
}

/// The path, without a slash in front.
fn path(item: &Item<'_>) -> Result<Template, Fault> {
    let template = item.read(A_TEMPLATE, |text| Template::parse(text.trim_start_matches('/')))?;
    let wrong = |found: &str, expected: &str| Err(item.fault(Mistake::new(found, expected)));
    if template.fields() != template.required_fields() {
        return wrong(
            "it has an optional field",
            "write it without ?, or use it in the query or body",
        );
    }
    let filled =
        LeadField::ALL.iter().fold(LeadInputs::default(), |inputs, field| inputs.with(*field, "x"));
    let text = template.render(&filled).unwrap_or_default();
    let is_percent =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    let encodes_well =
        template.literals().all(|literal| literal.split('%').skip(1).all(is_percent));
    if !encodes_well {
        return wrong("it has a % without two hexadecimal digits", "write %25 for a percent sign");
    }
    if text.contains(|c: char| "?#\\".contains(c) || c.is_whitespace() || c.is_control()) {
        let expected = "write segments with / between them; parameters belong in [request.query]";
        return wrong("it has white space or one of ? # \\", expected);
    }
    if text.split('/').any(is_dots) {
        return wrong("it has a segment . or ..", "write the path as it is after them");
    }
    Ok(template)
}

fn headers(item: &Item<'_>) -> Result<Vec<(String, Template)>, Fault> {
    let headers = templates(item, |name| {
        valid_header_name(name)?;
        if HEADERS_OF_KEYS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let found = "this header holds a key";
            return Err(Mistake::new(found, "take it away: [auth] says where the key goes"));
        }
        Ok(())
    })?;
    for (index, item) in item.section(TEMPLATES)?.items().iter().enumerate() {
        let (name, template) = &headers[index];
        if headers[..index].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            let found = "this header is there twice, in other letters";
            return Err(item.fault(Mistake::new(found, "take one of them away")));
        }
        if template.literals().any(|text| HeaderValue::from_str(text).is_err()) {
            let found = "it is no value of a header";
            return Err(item.fault(Mistake::new(found, "write printable ASCII only")));
        }
    }
    Ok(headers)
}

fn body(section: &Section<'_>) -> Result<Body, Fault> {
    const EXPECTED: &str = "write either [request.body.json] or [request.body.form]";
    section.only(&["json", "form"])?;
    match (section.get("json"), section.get("form")) {
        (Some(json), None) => {
            json.section("write a table, which is sent as a JSON object")?;
            Ok(Body::Json(JsonTemplate(node(&json, 1)?)))
        }
        (None, Some(form)) => Ok(Body::Form(templates(&form, |_| Ok(()))?)),
        (Some(_), Some(form)) => {
            Err(form.fault(Mistake::new("there is a JSON body already", EXPECTED)))
        }
        (None, None) => Err(section.fault(Mistake::new("it is empty", EXPECTED))),
    }
}

/// A value of a JSON body at a depth, counted from 1.
fn node(item: &Item<'_>, depth: usize) -> Result<Node, Fault> {
    const EXPECTED: &str = "write a text, a number, true, false, an array or a table";
    if depth > JSON_DEPTH_MAX {
        let expected = format!("write {JSON_DEPTH_MAX} levels at most");
        return Err(item.fault(Mistake::new("it is nested too deep", expected)));
    }
    match item.value() {
        DeValue::String(text) => {
            Template::parse(text).map(Node::Text).map_err(|mistake| item.fault(mistake))
        }
        DeValue::Boolean(is_true) => Ok(Node::Bool(*is_true)),
        DeValue::Integer(integer) => match number(integer) {
            Some(number) => Ok(Node::Number(number.into())),
            None => Err(item.fault(Mistake::new("it is a number of more than 64 bits", EXPECTED))),
        },
        DeValue::Float(float) => {
            let number = float.as_str().parse().ok().and_then(Number::from_f64);
            let no_number = || Mistake::new("it is a number that JSON has not", EXPECTED);
            number.map(Node::Number).ok_or_else(|| item.fault(no_number()))
        }
        DeValue::Array(_) => {
            let elements = item.list(EXPECTED)?;
            let nodes = elements.iter().map(|element| node(element, depth + 1));
            nodes.collect::<Result<_, _>>().map(Node::List)
        }
        DeValue::Table(_) => {
            let members = item.section(EXPECTED)?.items();
            let nodes =
                members.iter().map(|member| Ok((member.name.to_owned(), node(member, depth + 1)?)));
            nodes.collect::<Result<_, _>>().map(Node::Object)
        }
        DeValue::Datetime(_) => Err(item.wrong_type(EXPECTED)),
    }
}

/// The templates of a table, in the order of the text.
fn templates(
    item: &Item<'_>,
    check_name: impl Fn(&str) -> Result<(), Mistake>,
) -> Result<Vec<(String, Template)>, Fault> {
    let items = item.section(TEMPLATES)?.items();
    let read = |item: &Item<'_>| {
        check_name(item.name).map_err(|mistake| item.fault(mistake))?;
        Ok((item.name.to_owned(), item.read(A_TEMPLATE, Template::parse)?))
    };
    items.iter().map(read).collect()
}

/// A name that a header of a definition can have.
pub(super) fn valid_header_name(name: &str) -> Result<&str, Mistake> {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(Mistake::new(
            format!("{} is no name of a header", quoted(name)),
            "write letters, digits and - without white space",
        ));
    }
    if HEADERS_OF_HTTP.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(Mistake::new(
            format!("HTTP itself needs the header {}", quoted(name)),
            "take it away, or use another one",
        ));
    }
    Ok(name)
}

/// A name that a query parameter can have.
pub(super) fn query_name(name: &str) -> Result<&str, Mistake> {
    if name.is_empty() {
        return Err(Mistake::new("a parameter has no name", "write one"));
    }
    Ok(name)
}

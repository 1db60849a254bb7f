//! Where the number is in a response.

use serde_json::Value;

use super::error::{Mistake, quoted};

/// Where to look in the JSON of a response. Of each list, the first that is there counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseMap {
    /// The phone number, a text or a number; at least one place.
    pub phone: Vec<JsonPointer>,
    /// The number's country, a code of ISO 3166-1 or a calling code.
    pub country: Vec<JsonPointer>,
}

/// A place in a JSON document as RFC 6901 writes it, such as `/data/0/phone`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPointer {
    text: String,
    /// Its parts, without escapes.
    tokens: Vec<String>,
}

impl JsonPointer {
    /// The pointer, for [`serde_json::Value::pointer`].
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What is there in a document, if anything is.
    pub fn find<'j>(&self, json: &'j Value) -> Option<&'j Value> {
        self.tokens.iter().try_fold(json, |value, token| match value {
            Value::Object(members) => members.get(token),
            Value::Array(elements) => elements.get(index(token)?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        })
    }

    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        let starts_well = text.is_empty() || text.starts_with('/');
        let escapes_well = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if starts_well && escapes_well {
            let parts = text.split('/').skip(1);
            let tokens = parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
            return Ok(Self { text: text.to_owned(), tokens });
        }
        Err(Mistake::new(
            format!("{} is no JSON pointer", quoted(text)),
            "write one such as \"/data/phone\": it begins with /, and ~0 stands for ~ and ~1 for /",
        ))
    }
}

/// The index of an element: digits, without zeros in front.
fn index(token: &str) -> Option<usize> {
    let is_index = token == "0" || token.starts_with(|first| matches!(first, '1'..='9'));
    is_index.then(|| token.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::JsonPointer;

    #[test]
    fn pointers_are_those_of_rfc_6901() {
        for good in ["", "/", "/phone", "/a/0/b", "/a~1b~0c", "/ ", "/é", "//"] {
            assert_eq!(JsonPointer::parse(good).unwrap().as_str(), good);
        }
        for bad in ["phone", "#/phone", "$.phone", " /phone", "/a~", "/a~2", "/~~0"] {
            assert!(JsonPointer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_there_is_found_as_others_find_it() {
        let json = json!({
            "": 1, "a/b": 2, "m~n": 3, "~1": 4, "list": [5, [6], {"deep": 7}], "01": 8, "text": "9",
        });
        for pointer in [
            "",
            "/",
            "/a~1b",
            "/a/b",
            "/m~0n",
            "/~01",
            "/list",
            "/list/0",
            "/list/1/0",
            "/list/2/deep",
            "/list/3",
            "/list/00",
            "/list/01",
            "/list/+1",
            "/list/-",
            "/list/",
            "/list/1x",
            "/01",
            "/text/0",
            "/none",
        ] {
            let found = JsonPointer::parse(pointer).unwrap();
            assert_eq!(found.find(&json), json.pointer(pointer), "{pointer}");
        }
    }
}

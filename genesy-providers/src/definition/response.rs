//! Where the number is in a response.

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
pub struct JsonPointer(String);

impl JsonPointer {
    /// The pointer, for [`serde_json::Value::pointer`].
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        let starts_well = text.is_empty() || text.starts_with('/');
        let escapes_well = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if starts_well && escapes_well {
            return Ok(Self(text.to_owned()));
        }
        Err(Mistake::new(
            format!("{} is no JSON pointer", quoted(text)),
            "write one such as \"/data/phone\": it begins with /, and ~0 stands for ~ and ~1 for /",
        ))
    }
}

#[cfg(test)]
mod tests {
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
}

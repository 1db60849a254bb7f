//! Providers as data.
//!
//! A definition is a file of TOML that says how a provider is asked and how it answers. It is checked
//! wholly when it is read, so that nothing about it can go wrong later; an error names file, line and key,
//! and says what to write instead. [`SCHEMA`] is its JSON Schema, for editors.
//!
//! ```
//! use genesy_providers::definition::Definition;
//!
//! let definition = Definition::parse(
//!     r#"
//!     id = "acme_phones"
//!     timeout_ms = 4000
//!
//!     [request]
//!     method = "GET"
//!     base_url = "https://api.example.com/v1"
//!     path = "people/{email}"
//!     [request.query]
//!     title = "{job_title?}"        # left out for a lead without one
//!
//!     [auth]
//!     place = "bearer"
//!     key_env = "ACME_PHONES_KEY"   # the environment has the key, the definition never
//!
//!     [response]
//!     phone = ["/data/mobile", "/data/phone"]
//!     "#,
//!     "acme.toml",
//! )?;
//! assert_eq!(definition.description.id.as_str(), "acme_phones");
//!
//! let error = Definition::parse("id = \"Acme\"", "acme.toml").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "acme.toml:1: id: \"Acme\" is no name of a provider; write 1 to 64 of a-z, 0-9, - and _"
//! );
//! # Ok::<(), genesy_providers::definition::DefinitionError>(())
//! ```
//!
//! # Keys
//!
//! | key | what it says |
//! |---|---|
//! | `id` | the name in plans: 1 to 64 of a-z, 0-9, `-` and `_` |
//! | `name` | the name for people; the id if there is none |
//! | `timeout_ms` | how long a call may take, in milliseconds |
//! | `request.method` | `GET`, `POST`, `PUT` or `PATCH` |
//! | `request.base_url` | http or https; it may have a path, and no user, query or fragment |
//! | `request.path` | a [`Template`] without optional fields: what comes behind the base URL |
//! | `request.query`, `request.headers` | tables of templates |
//! | `request.body.json` or `request.body.form` | the body: any JSON object whose texts are templates, or a table of templates |
//! | `auth.place` | `header`, `query`, `bearer`, `basic` or `none` |
//! | `auth.name` | the header or query parameter of the key, for these two places only |
//! | `auth.user` | the user whose password the key is, for `basic` only |
//! | `auth.key_env` | the environment variable that holds the key, for all places but `none` |
//! | `response.phone`, `response.country` | JSON pointers; the first that is there counts. The country may be left out |
//! | `statuses` | HTTP statuses that mean something else than [usual](Statuses) |
//! | `rate_limit` | `calls_max`, `per_ms` (a second if there is none) and `concurrency_max`; no limits if there are none |
//! | `cost` | `micros` (millionths of the currency) and `billing`, `per_call` or `per_hit`; nothing if there is none |

mod auth;
mod error;
mod json_template;
mod reader;
mod request;
mod request_sections;
mod response;
mod sections;
mod statuses;
mod template;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use toml::de::DeTable;

pub use self::auth::{Auth, AuthPlace};
pub use self::error::DefinitionError;
use self::error::{Fault, Mistake};
pub use self::json_template::JsonTemplate;
use self::reader::Section;
pub use self::request::{Body, Method, Request};
pub use self::response::{JsonPointer, ResponseMap};
pub use self::statuses::{StatusClass, Statuses};
pub use self::template::Template;
use crate::Description;

/// Bytes of a definition at most.
pub const DEFINITION_BYTES_MAX: usize = 64 * 1024;

/// The JSON Schema of definitions, draft 2020-12.
pub const SCHEMA: &str = include_str!("../../provider.schema.json");

/// A provider as data: all that the HTTP engine needs to ask it, but for the key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Definition {
    /// Who it is, and what may be asked of it. It requires the fields that templates write as `{field}`,
    /// and uses those that they write as `{field?}` as well.
    pub description: Description,
    /// How a lead becomes a request.
    pub request: Request,
    /// Where the key goes.
    pub auth: Auth,
    /// Where the number is in a response.
    pub response: ResponseMap,
    /// What an HTTP status means.
    pub statuses: Statuses,
}

/// Orion Connect, Astra Dialer and Nimbus Lookup, in the order in which the default plan asks them.
pub fn built_in() -> Vec<Definition> {
    let files = [
        ("orion_connect.toml", include_str!("built_in/orion_connect.toml")),
        ("astra_dialer.toml", include_str!("built_in/astra_dialer.toml")),
        ("nimbus_lookup.toml", include_str!("built_in/nimbus_lookup.toml")),
    ];
    let parse =
        |(file, text)| Definition::parse(text, file).expect("a built-in definition is valid");
    files.map(parse).into()
}

impl Definition {
    /// The definition that a text of TOML is. `file` is what errors call it.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(text: &str, file: &str) -> Result<Self, DefinitionError> {
        let parse = || {
            if text.len() > DEFINITION_BYTES_MAX {
                return Err(too_long());
            }
            let table = DeTable::parse(text).map_err(|error| no_toml(&error))?;
            sections::definition(&Section::root(table.get_ref()))
        };
        parse().map_err(|fault| DefinitionError::of(file, text, fault))
    }

    /// The definition in a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, DefinitionError> {
        let file = path.display().to_string();
        let bytes = match read_bytes(path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(DefinitionError::Unreadable { file, source }),
        };
        let text = String::from_utf8_lossy(&bytes);
        if bytes.len() > DEFINITION_BYTES_MAX {
            return Err(DefinitionError::of(&file, &text, too_long()));
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => Self::parse(text, &file),
            Err(error) => {
                let mistake = Mistake::new("this is not UTF-8", "save the file as UTF-8");
                let fault = Fault { key: String::new(), at: error.valid_up_to(), mistake };
                Err(DefinitionError::of(&file, &text, fault))
            }
        }
    }
}

/// The bytes of a file, but no more than are needed to see that they are too many.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(DEFINITION_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn too_long() -> Fault {
    let expected = format!("a definition has {DEFINITION_BYTES_MAX} bytes at most");
    Fault { key: String::new(), at: 0, mistake: Mistake::new("this is too long", expected) }
}

fn no_toml(error: &toml::de::Error) -> Fault {
    let found = format!("this is not TOML: {}", error.message());
    let expected = "mend it; a text stands in quotation marks, and each key once";
    let at = error.span().map_or(0, |span| span.start);
    Fault { key: String::new(), at, mistake: Mistake::new(found, expected) }
}

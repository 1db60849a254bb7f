//! Secrets: what a variable holds, or the file whose path stands in the one with `_FILE` behind its name.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use genesy_temporal::client::ApiKey;
use genesy_temporal::codec::{Codec, Keys};

use crate::Failure;

const API_KEY: &str = "GENESY_API_KEY";
const CODEC_KEYS: &str = "GENESY_CODEC_KEYS";
/// Bytes of a secret at most.
const SECRET_BYTES_MAX: u64 = 16 * 1024;

pub(crate) fn api_key() -> Result<Option<ApiKey>, Failure> {
    let Some((from, text)) = read(API_KEY)? else { return Ok(None) };
    let wrong = |error| Failure::Configuration(format!("{from}: {error}"));
    ApiKey::new(&text).map(Some).map_err(wrong)
}

pub(crate) fn codec() -> Result<Option<Codec>, Failure> {
    let Some((from, text)) = read(CODEC_KEYS)? else { return Ok(None) };
    let wrong = |error| Failure::Configuration(format!("{from}: {error}"));
    text.parse::<Keys>().map(Codec::new).map(Some).map_err(wrong)
}

/// A secret, and where it is from.
fn read(name: &str) -> Result<Option<(String, String)>, Failure> {
    if let Some(text) = variable(name)? {
        return Ok(Some((name.to_owned(), text)));
    }
    let file_name = format!("{name}_FILE");
    let Some(path) = variable(&file_name)? else { return Ok(None) };
    let from = format!("{file_name}: {path}");
    let text = read_file(Path::new(&path));
    let text = text.map_err(|why| Failure::Configuration(format!("{from}: {why}")))?;
    Ok(Some((from, text)))
}

/// A variable. One that cannot be read is not taken for one that is not set: the worker would go on without
/// what it is to encrypt with.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(text) => Ok(Some(text)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::Configuration(format!("{name}: this is no text in UTF-8")))
        }
    }
}

/// The text of a file. It may be a pipe, which does not say how long it is.
fn read_file(path: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("this file cannot be read ({error})");
    let mut text = String::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(cannot)?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(format!("more than {SECRET_BYTES_MAX} bytes are no secret"));
    }
    Ok(text)
}

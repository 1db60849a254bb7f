//! Secrets: what a variable holds, or the file whose path stands in the one with `_FILE` behind its name.

use std::env;
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
    let file_name = format!("{name}_FILE");
    match (env::var(name), env::var(&file_name)) {
        (Ok(text), _) => Ok(Some((name.to_owned(), text))),
        (Err(env::VarError::NotUnicode(_)), _) => {
            Err(Failure::Configuration(format!("{name}: this is no text")))
        }
        (Err(env::VarError::NotPresent), Ok(path)) => {
            let from = format!("{file_name}: {path}");
            let text = read_file(Path::new(&path));
            let text = text.map_err(|why| Failure::Configuration(format!("{from}: {why}")))?;
            Ok(Some((from, text)))
        }
        (Err(env::VarError::NotPresent), Err(_)) => Ok(None),
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("this file cannot be read ({error})");
    let bytes = std::fs::metadata(path).map_err(cannot)?.len();
    if bytes > SECRET_BYTES_MAX {
        return Err(format!("{bytes} bytes are no secret"));
    }
    std::fs::read_to_string(path).map_err(cannot)
}

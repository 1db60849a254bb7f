//! Reading the unpacked npm package `cldr-localenames-full`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use genesy_core::country::table_format::loose_key;
use serde_json::Value;

/// What the package says about territories.
pub(crate) struct Source {
    /// The package's version, which is CLDR's.
    pub(crate) version: String,
    /// Names in all locales, each with the alpha-2 codes it stands for somewhere.
    pub(crate) names: BTreeMap<String, BTreeSet<String>>,
    /// The names among them that come from [`WIDESPREAD`] languages.
    pub(crate) widespread: BTreeSet<String>,
    /// The names among them that come from [`COMMON`] languages.
    pub(crate) common: BTreeSet<String>,
    /// English names by alpha-2 code.
    pub(crate) english: BTreeMap<String, String>,
}

/// Languages with accents in which leads files are often written. Names that lost their accented
/// letters without a trace are looked for in these alone, as they look like other words.
const WIDESPREAD: [&str; 14] =
    ["cs", "da", "de", "en", "es", "fr", "hu", "it", "nl", "pl", "pt", "ro", "sv", "tr"];

/// Languages in Latin letters in which leads files are often written, and with which accents are
/// often left out.
const COMMON: [&str; 24] = [
    "ca", "cs", "da", "de", "en", "es", "fi", "fr", "gl", "hr", "hu", "id", "it", "ms", "nb", "nl",
    "no", "pl", "pt", "ro", "sk", "sl", "sv", "tr",
];

/// Reads the package unpacked in `package`.
pub(crate) fn read(package: &Path) -> Result<Source, Box<dyn Error>> {
    let manifest: Value = serde_json::from_slice(&fs::read(package.join("package.json"))?)?;
    let version = manifest["version"].as_str().ok_or("package.json has no version")?.to_owned();
    let mut source = Source {
        version,
        names: BTreeMap::new(),
        widespread: BTreeSet::new(),
        common: BTreeSet::new(),
        english: BTreeMap::new(),
    };
    for locale in fs::read_dir(package.join("main"))? {
        let file = locale?.path().join("territories.json");
        if file.exists() {
            add_locale(&serde_json::from_slice(&fs::read(file)?)?, &mut source);
        }
    }
    Ok(source)
}

fn add_locale(json: &Value, source: &mut Source) {
    let locales = json["main"].as_object().into_iter().flatten();
    for (locale, content) in locales {
        let territories = content["localeDisplayNames"]["territories"].as_object();
        for (code, name) in territories.into_iter().flatten() {
            // `GB-alt-short` is another name of `GB`; digits are regions of the world.
            let alpha2 = code.split('-').next().unwrap_or_default();
            let Some(name) = name.as_str() else { continue };
            // Two ASCII letters are a code before they are a name.
            if alpha2.len() != 2 || (name.is_ascii() && loose_key(name).length <= 2) {
                continue;
            }
            let language = locale.split('-').next().unwrap_or_default();
            if COMMON.contains(&language) {
                source.common.insert(name.to_owned());
            }
            if WIDESPREAD.contains(&language) {
                source.widespread.insert(name.to_owned());
            }
            if locale == "en" && code == alpha2 {
                source.english.insert(alpha2.to_owned(), name.to_owned());
            }
            source.names.entry(name.to_owned()).or_default().insert(alpha2.to_owned());
        }
    }
}

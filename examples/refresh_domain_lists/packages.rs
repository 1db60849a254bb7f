//! Reading the packages, each in its own form.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// A package that gives less has changed its form.
const WORDS_MIN: usize = 500;

/// Domains that a disposable service has not offered for longer may be somebody else's by now.
const OFFERED_DAYS_MAX: u64 = 180;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// The words of one package, as it writes them.
#[derive(Default)]
pub(crate) struct Package {
    pub(crate) version: String,
    pub(crate) words: BTreeSet<String>,
}

#[derive(Default)]
pub(crate) struct Packages {
    /// Free-mail and disposable domains.
    pub(crate) free_email_domains: Package,
    /// The same.
    pub(crate) email_providers: Package,
    /// Disposable domains, and those of forwarding services.
    pub(crate) mailchecker: Package,
    /// Disposable domains, each looked into by a person.
    pub(crate) disposable_email_domains: Package,
    /// Domains that disposable services were seen to offer.
    pub(crate) fakefilter: Package,
    /// Local parts.
    pub(crate) role_based_email_addresses: Package,
}

impl Packages {
    /// Reads the packages that npm and pip unpacked in `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let npm = folder.join("node_modules");
        let words =
            |name: &str, file: &str, parse: fn(&str) -> Result<BTreeSet<String>, String>| {
                let folder = npm.join(name);
                let version = npm_version(&read(&folder.join("package.json"))?);
                package(&folder.join(file), version, parse)
            };
        Ok(Self {
            free_email_domains: words("free-email-domains", "domains.json", json_array)?,
            email_providers: words("email-providers", "all.json", json_array)?,
            mailchecker: words("mailchecker", "platform/node/index.js", json_array_of_set)?,
            fakefilter: words("fakefilter", "json/data_version2.json", offered_lately)?,
            role_based_email_addresses: words(
                "role-based-email-addresses",
                "src/index.js",
                quoted_lines,
            )?,
            disposable_email_domains: python_package(&folder.join("python"))?,
        })
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn package(
    path: &Path,
    version: Option<String>,
    parse: fn(&str) -> Result<BTreeSet<String>, String>,
) -> Result<Package, String> {
    let at = |error: String| format!("{}: {error}", path.display());
    let version = version.ok_or_else(|| at("the package has no version".to_owned()))?;
    let words = parse(&read(path)?).map_err(at)?;
    if words.len() < WORDS_MIN {
        return Err(at(format!("{} words only: has the package a new form?", words.len())));
    }
    Ok(Package { version, words })
}

fn npm_version(manifest: &str) -> Option<String> {
    let manifest: Value = serde_json::from_str(manifest).ok()?;
    Some(manifest.get("version")?.as_str()?.to_owned())
}

/// A package of Python: its version is in the name of a folder beside it.
fn python_package(folder: &Path) -> Result<Package, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let version = entries.filter_map(Result::ok).find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let version = name.strip_prefix("disposable_email_domains-")?.strip_suffix(".dist-info")?;
        Some(version.to_owned())
    });
    package(&folder.join("disposable_email_domains/__init__.py"), version, quoted_lines)
}

/// A JSON array of strings.
pub(crate) fn json_array(text: &str) -> Result<BTreeSet<String>, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// The JSON array in the first `new Set([…])` of a JavaScript file.
pub(crate) fn json_array_of_set(text: &str) -> Result<BTreeSet<String>, String> {
    let array = text.split_once("new Set(").and_then(|(_, rest)| rest.split_once(')'));
    json_array(array.ok_or("no `new Set(…)`")?.0)
}

/// The lines that are one string in single quotes and a comma: `    'word',`.
pub(crate) fn quoted_lines(text: &str) -> Result<BTreeSet<String>, String> {
    let quoted = |line: &str| {
        let word = line.trim().strip_suffix(',')?.strip_prefix('\'')?.strip_suffix('\'')?;
        (!word.contains(['\'', '\\'])).then(|| word.to_owned())
    };
    let words: BTreeSet<String> = text.lines().filter_map(quoted).collect();
    if words.is_empty() { Err("no lines of quoted words".to_owned()) } else { Ok(words) }
}

/// The hosts in `{"t": …, "domains": {…: {"hosts": {HOST: {"lastseen": …}}}}}` that were seen within
/// [`OFFERED_DAYS_MAX`] of the time `t` when the list was made, both in seconds.
pub(crate) fn offered_lately(text: &str) -> Result<BTreeSet<String>, String> {
    let list: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let made = list.get("t").and_then(Value::as_u64).ok_or("no time `t`")?;
    let domains = list.get("domains").and_then(Value::as_object).ok_or("no `domains`")?;
    let mut offered = BTreeSet::new();
    for (domain, entry) in domains {
        let hosts = entry.get("hosts").and_then(Value::as_object);
        for (host, dates) in hosts.ok_or_else(|| format!("{domain} has no `hosts`"))? {
            let seen = dates.get("lastseen").and_then(Value::as_u64);
            let seen = seen.ok_or_else(|| format!("{host} has no `lastseen`"))?;
            if made.saturating_sub(seen) <= OFFERED_DAYS_MAX * DAY_SECONDS {
                offered.insert(host.clone());
            }
        }
    }
    Ok(offered)
}

//! The core stays a function of its arguments.
//!
//! `clippy.toml` bans the calls that Clippy can name. This file holds the rest: what the crate may
//! depend on, and which words its library code may not contain.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test reads the sources and asks cargo; the library may not"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every normal dependency this crate may have. A new one is a decision: it reaches every embedder.
const DEPENDENCIES_ALLOWED: &[&str] = &[
    "aho-corasick",
    "compact_str",
    "encoding_rs",
    "fearless_simd",
    "foldhash",
    "idna",
    "memchr",
    "prost",
    "psl",
    "rlibphonenumber",
    "serde",
    "simdutf8",
    "thiserror",
    "unicode-normalization",
];

/// Crates that bring a runtime, a socket, a clock or randomness, even below an allowed dependency.
const CRATES_BANNED: &[&str] = &[
    "async-std",
    "chrono",
    "getrandom",
    "hyper",
    "jiff",
    "mio",
    "openssl-sys",
    "rand",
    "rand_core",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "time",
    "tokio",
];

/// Modules of `std` that reach outside the program.
const STD_MODULES_BANNED: &[&str] = &["env", "fs", "net", "os", "process", "thread"];

/// Words that library code may not contain outside comments and string literals.
const WORDS_BANNED: &[&str] = &[
    "HashMap",
    "HashSet",
    "Instant",
    "RandomState",
    "SystemTime",
    "async",
    "await",
    "dbg",
    "eprintln",
    "println",
    "stderr",
    "stdin",
    "stdout",
    "thread_local",
    "tokio",
    "unsafe",
];

#[test]
fn dependencies_are_the_allowed_ones() {
    for dependency in manifest()["dependencies"].as_array().expect("cargo lists dependencies") {
        let name = dependency["name"].as_str().expect("a dependency has a name");
        match dependency["kind"].as_str() {
            None => {
                assert!(
                    DEPENDENCIES_ALLOWED.contains(&name),
                    "{name} is not an allowed dependency"
                );
            }
            Some(kind) => {
                assert_eq!(kind, "dev", "{name} is a {kind} dependency; the core has none");
            }
        }
    }
}

#[test]
fn nothing_below_the_dependencies_is_banned() {
    let linked = linked_crates();
    assert!(linked.len() > DEPENDENCIES_ALLOWED.len(), "the tree was not understood");
    let banned: Vec<_> =
        linked.iter().filter(|name| CRATES_BANNED.contains(&name.as_str())).collect();
    assert!(banned.is_empty(), "{banned:?} is below a dependency of the core");
}

#[test]
fn library_code_reaches_for_nothing_outside() {
    let mut files = Vec::new();
    collect_sources(&crate_directory().join("src"), &mut files);
    assert!(!files.is_empty(), "no source file was found");
    let mut faults = Vec::new();
    for file in files {
        for word in banned_words(library_part(&read(&file))) {
            faults.push(format!("{}: {word}", file.display()));
        }
    }
    assert!(faults.is_empty(), "impure library code:\n{}", faults.join("\n"));
}

#[test]
fn impure_code_is_seen() {
    for (source, expected) in [
        ("let now = std::time::Instant::now();", "Instant"),
        ("use std::{fmt, fs};", "std::fs"),
        ("use std::net::{IpAddr, TcpStream};", "std::net"),
        ("use std::{io::{self, Read}, time::SystemTime};", "SystemTime"),
        ("let c = '\"'; unsafe { f() } // \"", "unsafe"),
        ("fn f<'a>(x: &'a str) { println!(\"{x}\") }", "println"),
        ("let s = r#\"a \" b\"#; std :: env :: var(s)", "std::env"),
    ] {
        assert_eq!(banned_words(source), [expected], "in {source}");
    }
}

#[test]
fn comments_strings_and_tests_are_not_code() {
    let source = "
        //! Never `Instant`, never std::fs.
        /* nor unsafe /* nested */ std::net */
        const TITLE: &str = \"Instant \\\" Messenger\";
        const RAW: &str = r#\"unsafe \" println\"#;
        const QUOTE: char = '\\'';
        use std::{fmt, time::Duration};
        #[cfg(test)]\nmod tests { use std::fs; }";
    assert_eq!(banned_words(library_part(source)), Vec::<String>::new());
}

fn crate_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What Cargo knows of this crate: inherited dependencies are resolved, nothing is downloaded.
fn manifest() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(crate_directory())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array_mut().expect("cargo lists packages");
    let own = packages.iter().position(|package| package["name"] == env!("CARGO_PKG_NAME"));
    packages.swap_remove(own.expect("this package is listed"))
}

/// The names of all crates that this one is linked with, under all its features. What only builds them, on
/// the machine of whoever compiles, is not among them.
fn linked_crates() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--all-features"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(crate_directory())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("cargo prints text");
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// The `.rs` files below `directory`, without those that are test modules as a whole.
fn collect_sources(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("the source directory is readable") {
        let path = entry.expect("a directory entry").path();
        if path.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        if path.is_dir() {
            collect_sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// A file up to its test module, which by this project's custom comes last.
fn library_part(source: &str) -> &str {
    source.split("#[cfg(test)]\nmod tests {").next().unwrap_or(source)
}

/// The banned words and `std` modules in `source`, in order.
fn banned_words(source: &str) -> Vec<String> {
    let code = without_comments_and_literals(source);
    let tokens = tokens(&code);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if WORDS_BANNED.contains(token) {
            found.push((*token).to_owned());
        }
        if *token == "std" && tokens.get(index + 1) == Some(&"::") {
            let modules = modules_named(&tokens[index + 2..]);
            let banned = modules.into_iter().filter(|module| STD_MODULES_BANNED.contains(module));
            found.extend(banned.map(|module| format!("std::{module}")));
        }
    }
    found
}

/// The first path segments after `std::`: one, or each of a braced group.
fn modules_named<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    if tokens.first() != Some(&"{") {
        return tokens.iter().take(1).copied().collect();
    }
    let mut depth = 0_usize;
    let mut modules = Vec::new();
    for pair in tokens.windows(2) {
        match pair[0] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0], "{" | ",") {
            modules.push(pair[1]);
        }
    }
    modules
}

/// Words, `::`, and single characters.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// The source with comments, strings and character literals cut out.
fn without_comments_and_literals(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = skipped_length(rest);
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[length..];
        }
    }
    code
}

/// The length of the comment or literal that `rest` begins with, or 0.
fn skipped_length(rest: &str) -> usize {
    let until = |end: &str, from: usize| {
        rest[from..].find(end).map_or(rest.len(), |position| from + position + end.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if rest.starts_with('"') {
        return escaped_length(rest, '"');
    }
    if let Some(raw) = rest.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
        }
    }
    // A quote begins a character, unless it begins a lifetime.
    let mut characters = rest.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some('\''), Some('\\'), _) => escaped_length(rest, '\''),
        (Some('\''), Some(character), Some('\'')) => character.len_utf8() + 2,
        _ => 0,
    }
}

/// The length of a literal between two `quote`s, in which a backslash escapes.
fn escaped_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return index + quote.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// The length of a block comment; they nest.
fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut index = 0;
    while index < rest.len() {
        if rest[index..].starts_with("/*") {
            depth += 1;
            index += 2;
        } else if rest[index..].starts_with("*/") {
            depth -= 1;
            index += 2;
            if depth == 0 {
                return index;
            }
        } else {
            index += rest[index..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

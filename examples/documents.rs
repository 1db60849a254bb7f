//! Whatever the documents name is there: files, examples, benches, tests.

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 8] = [
    "README.md",
    "IMPROVEMENTS.md",
    "CHANGELOG.md",
    "genesy-core/README.md",
    "genesy-providers/README.md",
    "genesy-temporal/README.md",
    "genesy-http/README.md",
    "genesy-http/THREATS.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn documents() -> impl Iterator<Item = (&'static str, String)> {
    DOCUMENTS.into_iter().map(|name| {
        (name, fs::read_to_string(root().join(name)).expect("a document of the project"))
    })
}

/// What is set as code within the text, blocks of code left out.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let texts = text.split("```").step_by(2);
    texts.flat_map(|text| text.split('`').skip(1).step_by(2))
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for (document, text) in documents() {
        let headings: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .map(|heading| heading.to_lowercase().replace(' ', "-").replace('.', ""))
            .collect();
        for rest in text.split("](").skip(1) {
            count += 1;
            let link = rest.split(')').next().unwrap_or_default();
            match link.strip_prefix('#') {
                Some(heading) => {
                    assert!(headings.iter().any(|of| of == heading), "{document}: {link}");
                }
                // Those to other hosts are named by their scheme, and no test goes there.
                None if link.starts_with("https://") => {}
                None => assert!(root().join(link).exists(), "{document}: {link} is not there"),
            }
        }
    }
    assert!(count > 20, "only {count} links were found");
}

#[test]
fn files_that_are_named_are_there() {
    let mut count = 0;
    for (document, text) in documents() {
        let paths = named(&text).filter(|name| {
            let is_path = name.contains('/') && !name.contains([' ', '(', '<', '*', '{']);
            is_path && (name.starts_with("genesy-") || name.starts_with("examples/"))
        });
        for path in paths {
            count += 1;
            // A test within a file: `path::name`.
            let (path, test) = path.split_once("::").unwrap_or((path, ""));
            assert!(root().join(path).exists(), "{document}: {path} is not there");
            if !test.is_empty() {
                let file = fs::read_to_string(root().join(path)).expect("a file");
                let head = format!("fn {test}(");
                assert!(file.contains(&head), "{document}: {test} is not in {path}");
            }
        }
    }
    assert!(count > 10, "only {count} paths were found");
}

#[test]
fn programs_that_are_named_are_there() {
    let examples = include_str!("Cargo.toml");
    let benches = include_str!("../benches/Cargo.toml");
    let mut count = 0;
    for (document, text) in documents() {
        for (option, manifest) in [("--example ", examples), ("--bench ", benches)] {
            for rest in text.split(option).skip(1) {
                count += 1;
                let end = rest.find(|of: char| !of.is_alphanumeric() && of != '_');
                let name = &rest[..end.unwrap_or(rest.len())];
                let entry = format!("name = \"{name}\"");
                assert!(manifest.contains(&entry), "{document}: {option}{name} is not there");
            }
        }
    }
    assert!(count > 5, "only {count} programs were found");
}

//! What is wrong with a definition, and where.

use std::io;

/// Characters of a definition that a message quotes at most.
pub(super) const QUOTE_CHARS_MAX: usize = 60;

/// Why a definition cannot be used. The message says where, what is there, and what to write instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The file cannot be read.
    #[error("{file}: this file cannot be read: see that it is there and may be read")]
    Unreadable {
        /// The file.
        file: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The text is no definition.
    #[error("{file}:{line}: {}{found}; {expected}", prefix(.key))]
    Wrong {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The key with those above it, such as `request.path`; empty for the file as a whole.
        key: String,
        /// What is there.
        found: String,
        /// What to do about it.
        expected: String,
    },
}

impl DefinitionError {
    /// The error of a text, made of what was noticed at a byte of it.
    pub(super) fn of(file: &str, text: &str, fault: Fault) -> Self {
        let Fault { key, at, mistake: Mistake { found, expected } } = fault;
        let before = &text.as_bytes()[..at.min(text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Self::Wrong { file: file.to_owned(), line, key, found, expected }
    }
}

/// Something wrong at a byte of the text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) key: String,
    pub(super) at: usize,
    pub(super) mistake: Mistake,
}

/// Something wrong with a value, wherever it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) found: String,
    pub(super) expected: String,
}

impl Mistake {
    pub(super) fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { found: found.into(), expected: expected.into() }
    }
}

/// The first characters of a text in quotation marks, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut kept: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    format!("{kept:?}")
}

fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}

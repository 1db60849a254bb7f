//! The lists kept by hand: what the packages lack, and what they should not have.

use std::collections::BTreeSet;

use crate::lists::{domain_on_wire, joined};

/// Words added to a list and words taken off it.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) more: BTreeSet<String>,
    pub(crate) never: BTreeSet<String>,
}

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) free_mail: Changes,
    pub(crate) disposable: Changes,
    pub(crate) roles: Changes,
}

impl Kept {
    pub(crate) fn read() -> Result<Self, String> {
        Ok(Self {
            free_mail: changes(
                ("free_mail.txt", include_str!("kept/free_mail.txt")),
                ("not_free_mail.txt", include_str!("kept/not_free_mail.txt")),
                domain_on_wire,
            )?,
            disposable: changes(
                ("disposable.txt", include_str!("kept/disposable.txt")),
                ("not_disposable.txt", include_str!("kept/not_disposable.txt")),
                domain_on_wire,
            )?,
            roles: changes(
                ("roles.txt", include_str!("kept/roles.txt")),
                ("not_role.txt", include_str!("kept/not_role.txt")),
                joined,
            )?,
        })
    }
}

/// Two files, each a name and a text.
fn changes(
    more: (&str, &str),
    never: (&str, &str),
    normal: impl Fn(&str) -> Option<String>,
) -> Result<Changes, String> {
    let changes =
        Changes { more: words(more.0, more.1, &normal)?, never: words(never.0, never.1, &normal)? };
    match changes.more.intersection(&changes.never).next() {
        Some(both) => Err(format!("{both} is in both {} and {}", more.0, never.0)),
        None => Ok(changes),
    }
}

/// The words of `text` between white space, less the lines that begin with `#`.
pub(crate) fn words(
    file: &str,
    text: &str,
    normal: impl Fn(&str) -> Option<String>,
) -> Result<BTreeSet<String>, String> {
    let mut words = BTreeSet::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        for word in line.split_whitespace() {
            let at = format!("{file}, line {}: {word}", index + 1);
            if normal(word).as_deref() != Some(word) {
                return Err(format!("{at} is not written as the lists write it"));
            }
            if !words.insert(word.to_owned()) {
                return Err(format!("{at} stands there twice"));
            }
        }
    }
    Ok(words)
}

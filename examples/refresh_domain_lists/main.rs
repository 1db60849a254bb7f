//! Writes the lists of `genesy_core::address::lists` from packages that keep such lists up.
//!
//! ```sh
//! npm install --ignore-scripts --no-save --prefix packages free-email-domains@1.12.6 \
//!     email-providers@2.26.0 mailchecker@6.0.21 fakefilter@0.1.1476 role-based-email-addresses@3.1.0
//! pip install --no-deps --target packages/python disposable-email-domains==0.0.293
//! cargo run -p genesy-examples --example refresh_domain_lists -- packages
//! ```
//!
//! It reads the unpacked packages and the lists kept by hand in `kept` beside this file, and writes
//! `free_mail.txt`, `disposable.txt` and `roles.txt`. With `--check` it writes nothing, and fails
//! unless the three are what it would write.
//!
//! Newer packages: change the versions here and in `genesy-core/src/address/lists/LICENSES.txt`, run it,
//! and read the difference line by line; whatever is no provider or no disposable goes to `kept`.

mod kept;
mod lists;
mod packages;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use kept::Kept;
use lists::{List, disposable, free_mail, roles};
use packages::Packages;

/// The folder of the library's lists.
fn lists_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../genesy-core/src/address/lists")
}

#[expect(clippy::print_stdout, reason = "a program's output")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = arguments.iter().any(|argument| argument == "--check");
    let Some(folder) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        return Err("usage: refresh_domain_lists [--check] FOLDER_OF_PACKAGES".into());
    };
    let packages = Packages::read(Path::new(folder))?;
    for List { file, text } in all_lists(&packages, &Kept::read()?) {
        let path = lists_folder().join(file);
        if !check {
            fs::write(&path, &text)?;
        } else if fs::read_to_string(&path)? != text {
            return Err(format!("{file} is not what these packages give").into());
        }
        println!("{file}: {} lines, {} bytes", text.lines().count(), text.len());
    }
    Ok(())
}

fn all_lists(packages: &Packages, kept: &Kept) -> [List; 3] {
    let providers = lists::free_mail_domains(packages, kept);
    [free_mail(packages, &providers), disposable(packages, kept, &providers), roles(packages, kept)]
}

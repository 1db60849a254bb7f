//! Writes the country table of genesy-core from CLDR's names of territories in all languages.
//!
//! ```sh
//! npm pack cldr-localenames-full@48.2.0 && tar xzf cldr-localenames-full-48.2.0.tgz
//! cargo run --release -p genesy-examples --example refresh_country_table -- package
//! ```
//!
//! It reads `territories.json` of every locale in the unpacked package, and the two hand-kept
//! lists in `genesy-core/src/country/data`: `iso3166.txt` (codes) and `variants.txt` (English
//! names that CLDR lacks). It writes `names.bin` and `SOURCE.txt` beside them, and `rows.rs`.
//! With `--check` it writes nothing, looks every name up in several spellings, and prints figures.

mod build;
mod check;
mod cldr;
mod damage;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the library's country module.
fn country_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../genesy-core/src/country")
}

#[expect(clippy::print_stdout, reason = "a program's output")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = arguments.iter().any(|argument| argument == "--check");
    let Some(package) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        return Err("usage: refresh_country_table [--check] DIR_OF_UNPACKED_PACKAGE".into());
    };
    let source = cldr::read(Path::new(package))?;
    if check {
        print!("{}", check::report(&source));
        return Ok(());
    }
    let folder = country_folder();
    let codes = build::parse_codes(&fs::read_to_string(folder.join("data/iso3166.txt"))?)?;
    let variants = fs::read_to_string(folder.join("data/variants.txt"))?;
    let table = build::table(&codes, &source, &variants)?;
    fs::write(folder.join("data/names.bin"), &table.bytes)?;
    fs::write(folder.join("rows.rs"), build::rows(&codes, &source.english)?)?;
    let note = format!(
        "names.bin and rows.rs: made by examples/refresh_country_table from the npm package\n\
         cldr-localenames-full {} (Unicode CLDR, licence Unicode-3.0, text in LICENSE-UNICODE)\n\
         and from the hand-kept iso3166.txt and variants.txt.\n\n{}",
        source.version, table.counts
    );
    fs::write(folder.join("data/SOURCE.txt"), &note)?;
    print!("{note}");
    Ok(())
}

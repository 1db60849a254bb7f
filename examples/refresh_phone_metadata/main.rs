//! Makes `genesy-core/src/phone/data/plans.bin` from the metadata of libphonenumber:
//!
//! ```sh
//! cargo run --example refresh_phone_metadata -- METADATA.bin genesy-core/src/phone/data/plans.bin
//! ```
//!
//! `METADATA.bin` is `src/generated/metadata/metadata.bin` of the `rlibphonenumber` package, which cargo
//! keeps in its registry folder. What numbers look like when printed, and examples, are left out: Genesy
//! reads and checks numbers. `\d` becomes `0-9`: the numbers that patterns see have ASCII digits alone,
//! a pattern of all of Unicode's digits takes twenty times the memory, and Genesy's own matcher reads
//! patterns of digits and classes only.

#![expect(deprecated, reason = "rlibphonenumber marks fields that its own wrapper shadows")]

use std::error::Error;
use std::{env, fs};

use prost::Message;
use rlibphonenumber::{PhoneMetadata, PhoneMetadataCollection, PhoneNumberDesc};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        return Err("give two files: the metadata to read and the one to write".into());
    };
    let plans = reduced(&fs::read(input)?)?;
    fs::write(output, plans)?;
    Ok(())
}

/// The metadata with what reading and checking needs.
fn reduced(metadata: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {
    let mut collection = PhoneMetadataCollection::decode(metadata)?;
    for region in &mut collection.metadata {
        region.number_format.clear();
        region.intl_number_format.clear();
        for kind in kinds(region).into_iter().flatten() {
            kind.example_number = None;
            with_ascii_digits(&mut kind.national_number_pattern);
        }
        with_ascii_digits(&mut region.international_prefix);
        with_ascii_digits(&mut region.national_prefix_for_parsing);
        with_ascii_digits(&mut region.leading_digits);
    }
    Ok(collection.encode_to_vec())
}

fn kinds(region: &mut PhoneMetadata) -> [&mut Option<PhoneNumberDesc>; 17] {
    [
        &mut region.general_desc,
        &mut region.fixed_line,
        &mut region.mobile,
        &mut region.toll_free,
        &mut region.premium_rate,
        &mut region.shared_cost,
        &mut region.personal_number,
        &mut region.voip,
        &mut region.pager,
        &mut region.uan,
        &mut region.emergency,
        &mut region.voicemail,
        &mut region.short_code,
        &mut region.standard_rate,
        &mut region.carrier_specific,
        &mut region.sms_services,
        &mut region.no_international_dialling,
    ]
}

/// Writes `\d` as `[0-9]`, or as `0-9` where it stands in a class already.
fn with_ascii_digits(pattern: &mut Option<String>) {
    let Some(text) = pattern else { return };
    let mut ascii = String::with_capacity(text.len());
    let mut in_class = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('d') => ascii.push_str(if in_class { "0-9" } else { "[0-9]" }),
                other => ascii.extend(Some('\\').into_iter().chain(other)),
            },
            other => {
                in_class = other == '[' || in_class && other != ']';
                ascii.push(other);
            }
        }
    }
    *text = ascii;
}

#[cfg(test)]
mod tests {
    use super::with_ascii_digits;

    #[test]
    fn digits_are_those_of_ascii() {
        for (pattern, expected) in [
            (r"^(?:6\d{4})$", "^(?:6[0-9]{4})$"),
            (r"[2-47\d]\d", "[2-470-9][0-9]"),
            (r"\.\d", r"\.[0-9]"),
            ("00", "00"),
        ] {
            let mut pattern = Some(pattern.to_owned());
            with_ascii_digits(&mut pattern);
            assert_eq!(pattern.as_deref(), Some(expected));
        }
    }
}

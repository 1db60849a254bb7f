//! What a provider's number is: read as the numbering plans have it.

use super::lead::CountryCode;
use super::lookup::{CountrySource, FoundPhone, PhoneQuality, ReadIn};
use crate::phone::{LineType, ParsedPhone, Region, RegionSource, Regions};
use crate::pii::Pii;

/// The countries that may read a number without a calling code. The first that is there does, and no
/// other is tried: a number of the wrong country is worse than none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhoneCountries<'a> {
    /// What the provider says beside the number: a code of ISO 3166-1 alpha-2 (`ES`) or a calling code
    /// (`34`, `+34`, `0034`). Anything else counts as nothing.
    pub of_provider: Option<&'a str>,
    /// The lead's.
    pub of_lead: Option<CountryCode>,
    /// The one to fall back upon.
    pub default: Option<CountryCode>,
}

impl FoundPhone {
    /// Reads what a provider gave as a number. What is none is [`PhoneQuality::Unreadable`], and kept.
    pub fn read(raw: &str, countries: &PhoneCountries<'_>) -> Self {
        let (lead, named_by) = countries.first();
        let regions = Regions { lead, default: None };
        let Ok(phone) = ParsedPhone::parse_with_repairs(raw, &regions) else {
            let raw = Pii::new(raw.to_owned());
            return Self { raw, e164: None, quality: PhoneQuality::Unreadable, read_in: None };
        };
        let quality = match (phone.possible, phone.valid, phone.line_type) {
            (_, true, LineType::Mobile) => PhoneQuality::Mobile,
            (_, true, _) => PhoneQuality::Valid,
            (true, false, _) => PhoneQuality::Possible,
            (false, false, _) => PhoneQuality::Impossible,
        };
        let named_by = match phone.region_source {
            RegionSource::InternationalPrefix => CountrySource::Number,
            RegionSource::Lead | RegionSource::Default => named_by,
        };
        let country = phone.region_used.and_then(|region| CountryCode::new(region.as_str()));
        Self {
            e164: Some(Pii::new(phone.e164.reveal().as_str().to_owned())),
            quality,
            read_in: country.map(|country| ReadIn { country, named_by }),
            raw: Pii::new(raw.to_owned()),
        }
    }
}

impl PhoneCountries<'_> {
    fn first(&self) -> (Option<Region>, CountrySource) {
        let region = |code: CountryCode| Region::new(code.as_str());
        if let Some(region) = self.of_provider.and_then(region_of) {
            (Some(region), CountrySource::Provider)
        } else if let Some(region) = self.of_lead.and_then(region) {
            (Some(region), CountrySource::Lead)
        } else {
            (self.default.and_then(region), CountrySource::Default)
        }
    }
}

/// The region that a country's code or calling code stands for.
fn region_of(code: &str) -> Option<Region> {
    let code = code.trim();
    let calling_code = code.strip_prefix('+').or_else(|| code.strip_prefix("00")).unwrap_or(code);
    let is_number = !calling_code.is_empty() && calling_code.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        calling_code.parse().ok().and_then(Region::of_calling_code)
    } else {
        Region::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::PhoneCountries;
    use crate::waterfall::{CountryCode, CountrySource, FoundPhone, PhoneQuality};

    fn read(raw: &str, of_provider: Option<&str>, lead: &str, default: &str) -> FoundPhone {
        let (of_lead, default) = (CountryCode::new(lead), CountryCode::new(default));
        FoundPhone::read(raw, &PhoneCountries { of_provider, of_lead, default })
    }

    fn seen(phone: &FoundPhone) -> (&str, &str, Option<CountrySource>) {
        let e164 = phone.e164.as_ref().map_or("", |e164| e164.reveal());
        let country = phone.read_in.as_ref().map_or("", |read| read.country.as_str());
        (e164, country, phone.read_in.map(|read| read.named_by))
    }

    #[test]
    fn the_first_country_that_is_there_reads_a_national_number() {
        use CountrySource::{Default, Lead, Number, Provider};
        let us = "+14155550132";
        for (raw, provider, lead, default, expected) in [
            ("4155550132", Some("US"), "ES", "FR", (us, "US", Some(Provider))),
            ("4155550132", Some("1"), "ES", "FR", (us, "US", Some(Provider))),
            ("4155550132", Some(" +1 "), "ES", "FR", (us, "US", Some(Provider))),
            ("4155550132", Some("001"), "ES", "FR", (us, "US", Some(Provider))),
            ("4155550132", None, "US", "FR", (us, "US", Some(Lead))),
            ("4155550132", Some(""), "US", "FR", (us, "US", Some(Lead))),
            ("4155550132", Some("Mars"), "US", "FR", (us, "US", Some(Lead))),
            ("4155550132", Some("999"), "US", "FR", (us, "US", Some(Lead))),
            ("4155550132", None, "", "US", (us, "US", Some(Default))),
            ("+14155550132", Some("ES"), "FR", "", (us, "US", Some(Number))),
            ("612345678", Some("ES"), "US", "", ("+34612345678", "ES", Some(Provider))),
            ("612345678", Some("34"), "US", "", ("+34612345678", "ES", Some(Provider))),
            ("34612345678", Some("34"), "US", "", ("+34612345678", "ES", Some(Provider))),
            ("7700900123", Some("44"), "", "", ("+447700900123", "GB", Some(Provider))),
            ("4155550132", None, "", "", ("", "", None)),
        ] {
            let phone = read(raw, provider, lead, default);
            assert_eq!(seen(&phone), expected, "{raw} {provider:?} {lead} {default}");
        }
    }

    #[test]
    fn the_provider_s_country_counts_even_if_the_number_does_not_fit_it() {
        // Ten digits are no Spanish number; taking it for an American one would be a guess.
        let phone = read("4155550132", Some("ES"), "US", "US");
        assert_eq!(phone.read_in.map(|read| read.named_by), Some(CountrySource::Provider));
        assert!(phone.quality <= PhoneQuality::Impossible);
    }

    #[test]
    fn quality_is_what_the_numbering_plans_say() {
        for (raw, quality) in [
            ("+34 612 345 678", PhoneQuality::Mobile),
            ("+34 912 345 678", PhoneQuality::Valid),
            ("+1 415 555 0132", PhoneQuality::Valid),
            ("+34 412 345 678", PhoneQuality::Possible),
            ("+34 61", PhoneQuality::Impossible),
            ("ask at the desk", PhoneQuality::Unreadable),
            ("N/A", PhoneQuality::Unreadable),
            ("", PhoneQuality::Unreadable),
        ] {
            assert_eq!(read(raw, None, "", "").quality, quality, "{raw}");
        }
    }
}

//! Regions: whose numbering plan reads a number that carries no calling code.

use std::fmt;

use super::plans::PLANS;
use serde::{Deserialize, Serialize};

/// A country or territory with a telephone numbering plan, as its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region([u8; 2]);

impl Region {
    /// The region of an alpha-2 code in either case, or `None` where no numbering plan is known
    /// (`AQ`, `ZZ`, anything that is not two letters).
    pub fn new(alpha_2: &str) -> Option<Self> {
        let &[first, second] = alpha_2.as_bytes() else { return None };
        let region = Self([first.to_ascii_uppercase(), second.to_ascii_uppercase()]);
        PLANS.of_region(region).map(|_| region)
    }

    /// The region of a calling code without its `+`; of several that share it, the main one, whose
    /// code the metadata names first. `None` where no country has it (+800, +999).
    pub fn of_calling_code(code: u16) -> Option<Self> {
        PLANS.numbering(code.into())?.regions.first()?.region
    }

    /// One more than the largest [`Region::index`].
    pub(super) const INDEX_END: usize = 26 * 26;

    /// The place of a code of two letters among all of them.
    pub(super) fn index(self) -> Option<usize> {
        let [first, second] = self.0.map(|letter| usize::from(letter.wrapping_sub(b'A')));
        (first < 26 && second < 26).then_some(first * 26 + second)
    }

    /// The alpha-2 code in upper case.
    pub fn as_str(&self) -> &str {
        // Two ASCII letters by construction, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    /// `None` for the pseudo-region `001` of calling codes that belong to no country (+800, +870).
    pub(super) fn from_plan(code: &str) -> Option<Self> {
        let &[first, second] = code.as_bytes() else { return None };
        Some(Self([first, second]))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl TryFrom<String> for Region {
    type Error = UnknownRegion;

    fn try_from(alpha_2: String) -> Result<Self, UnknownRegion> {
        Self::new(&alpha_2).ok_or(UnknownRegion)
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.as_str().to_owned()
    }
}

/// A stored region code that has no numbering plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no telephone numbering plan is known for this region code")]
#[non_exhaustive]
pub struct UnknownRegion;

/// The regions that may read a number written without a calling code.
///
/// One region reads a cell: the lead's own country, and the file's default only where the lead
/// has none. A number that fails in the lead's country is not tried in the default one, for a
/// number of the wrong country is worse than none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// The country of the lead, from its own row.
    pub lead: Option<Region>,
    /// The country that the file as a whole is assumed to be about.
    pub default: Option<Region>,
}

impl Regions {
    /// The region that reads, and where it came from.
    pub(super) fn reading(&self) -> (Option<Region>, RegionSource) {
        match (self.lead, self.default) {
            (Some(lead), _) => (Some(lead), RegionSource::Lead),
            (None, Some(default)) => (Some(default), RegionSource::Default),
            (None, None) => (None, RegionSource::InternationalPrefix),
        }
    }
}

/// What decided the region of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RegionSource {
    /// The number itself: `+`, or the international prefix dialled from the reading region.
    InternationalPrefix,
    /// The lead's country.
    Lead,
    /// The file's default country.
    Default,
}

#[cfg(test)]
mod tests {
    use super::{Region, RegionSource, Regions};

    #[test]
    fn only_regions_with_a_numbering_plan_exist() {
        assert_eq!(Region::new("es").map(|region| region.to_string()), Some("ES".to_owned()));
        for code in ["AQ", "ZZ", "001", "E", "ESP", "", "é", "12"] {
            assert_eq!(Region::new(code), None, "{code}");
        }
    }

    #[test]
    fn a_calling_code_has_a_main_region() {
        for (code, region) in [(1, "US"), (34, "ES"), (44, "GB"), (7, "RU"), (39, "IT")] {
            let main = Region::of_calling_code(code);
            assert_eq!(main.as_ref().map(Region::as_str), Some(region), "{code}");
        }
        assert!(
            [0, 800, 999, u16::MAX].iter().all(|code| Region::of_calling_code(*code).is_none())
        );
    }

    #[test]
    fn the_country_of_the_lead_comes_before_the_default_of_the_file() {
        let (lead, default) = (Region::new("ES"), Region::new("US"));
        assert_eq!(Regions { lead, default }.reading(), (lead, RegionSource::Lead));
        assert_eq!(Regions { lead: None, default }.reading(), (default, RegionSource::Default));
    }

    #[test]
    fn a_region_is_stored_as_its_code() {
        let region = Region::new("GB").unwrap();
        assert_eq!(serde_json::to_string(&region).unwrap(), "\"GB\"");
        assert_eq!(serde_json::from_str::<Region>("\"GB\"").unwrap(), region);
        assert!(serde_json::from_str::<Region>("\"ZZ\"").is_err());
    }
}

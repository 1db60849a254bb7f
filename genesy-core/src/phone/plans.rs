//! The numbering plans of the world.
//!
//! `data/plans.bin` is the metadata of libphonenumber (Apache-2.0), reduced to what reading and
//! checking numbers needs; `examples/refresh_phone_metadata` makes it and says how.

use std::sync::LazyLock;

use prost::Message;
use rlibphonenumber::{PhoneMetadata, PhoneMetadataCollection, PhoneNumberDesc};

use super::Region;
use super::numbering::{Kind, Lengths, Numbering, Plan};

static TABLE: &[u8] = include_bytes!("data/plans.bin");

/// The plans by calling code and by region. Each is compiled when it is first needed.
pub(super) static PLANS: LazyLock<Plans> = LazyLock::new(|| Plans::new(table()));

/// One more than the largest calling code.
const CALLING_CODES: usize = 1000;

/// Stands for a calling code or a region without a plan.
const NONE: u16 = u16::MAX;

/// The metadata as the phone library takes it.
pub(super) fn table() -> PhoneMetadataCollection {
    PhoneMetadataCollection::decode(TABLE).expect("the table that is compiled in")
}

/// All numbering plans.
#[derive(Debug)]
pub(super) struct Plans {
    pub(super) numberings: Vec<Numbering>,
    of_calling_code: Vec<u16>,
    /// By [`Region::index`]: the numbering, and the place among its regions.
    of_region: Vec<(u16, u16)>,
}

impl Plans {
    fn new(table: PhoneMetadataCollection) -> Self {
        let mut plans = Self {
            numberings: Vec::new(),
            of_calling_code: vec![NONE; CALLING_CODES],
            of_region: vec![(NONE, NONE); Region::INDEX_END],
        };
        for metadata in table.metadata {
            plans.add(metadata);
        }
        for (numbering, of_code) in plans.numberings.iter().enumerate() {
            for (place, plan) in of_code.regions.iter().enumerate() {
                if let Some(index) = plan.region.and_then(Region::index) {
                    plans.of_region[index] = (numbering as u16, place as u16);
                }
            }
        }
        plans
    }

    fn add(&mut self, metadata: PhoneMetadata) {
        let Some(code) = metadata.country_code.and_then(|code| u16::try_from(code).ok()) else {
            return;
        };
        let Some(of_code) = self.of_calling_code.get_mut(usize::from(code)) else { return };
        if *of_code == NONE {
            *of_code = self.numberings.len() as u16;
            self.numberings.push(Numbering::new(code));
        }
        let regions = &mut self.numberings[usize::from(*of_code)].regions;
        let place = if metadata.main_country_for_code() { 0 } else { regions.len() };
        regions.insert(place, plan(metadata));
    }

    /// The plan of a calling code.
    pub(super) fn numbering(&self, calling_code: usize) -> Option<&Numbering> {
        self.numberings.get(usize::from(*self.of_calling_code.get(calling_code)?))
    }

    /// The plan of a region, and the region's place in it.
    pub(super) fn of_region(&self, region: Region) -> Option<(&Numbering, usize)> {
        let (numbering, place) = *self.of_region.get(region.index()?)?;
        Some((self.numberings.get(usize::from(numbering))?, usize::from(place)))
    }

    /// The calling code that an international number begins with, and its count of digits. No
    /// calling code is the beginning of another.
    pub(super) fn calling_code(&self, digits: &[u8]) -> Option<(&Numbering, usize)> {
        let mut code = 0;
        if digits.first() == Some(&0) {
            return None;
        }
        digits.iter().take(3).enumerate().find_map(|(at, &digit)| {
            code = code * 10 + usize::from(digit);
            Some((self.numbering(code)?, at + 1))
        })
    }
}

#[expect(deprecated, reason = "rlibphonenumber marks fields that its own wrapper shadows")]
fn plan(metadata: PhoneMetadata) -> Plan {
    let transform = metadata.national_prefix_transform_rule().to_owned();
    let mobile_is_fixed_line = metadata.same_mobile_and_fixed_line_pattern();
    let general = metadata.general_desc.unwrap_or_default();
    Plan {
        region: Region::from_plan(&metadata.id),
        international_prefix: metadata.international_prefix,
        national_prefix: metadata.national_prefix_for_parsing,
        transform,
        leading_digits: metadata.leading_digits,
        local_lengths: Lengths::new(&general.possible_length_local_only),
        general: kind(Some(general)),
        kinds: [
            metadata.premium_rate,
            metadata.toll_free,
            metadata.shared_cost,
            metadata.voip,
            metadata.personal_number,
            metadata.pager,
            metadata.uan,
            metadata.voicemail,
            metadata.fixed_line,
            metadata.mobile,
        ]
        .map(kind),
        mobile_is_fixed_line,
    }
}

#[expect(deprecated, reason = "rlibphonenumber marks fields that its own wrapper shadows")]
fn kind(description: Option<PhoneNumberDesc>) -> Kind {
    let Some(description) = description else { return Kind::default() };
    let lengths = &description.possible_length;
    Kind {
        lengths: (!lengths.is_empty()).then(|| Lengths::new(lengths)),
        pattern: description.national_number_pattern,
    }
}

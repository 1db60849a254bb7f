//! The numbering plans of the world, for rlibphonenumber.
//!
//! `data/plans.bin` is the metadata of libphonenumber (Apache-2.0), reduced to what reading and
//! checking numbers needs; `examples/refresh_phone_metadata` makes it and says how. Its patterns are
//! of ASCII digits, which keeps them small: compiled, those of all regions take a few megabytes.

use std::sync::LazyLock;

use prost::Message;
use rlibphonenumber::{PhoneMetadataCollection, PhoneNumberUtil};

static PLANS: &[u8] = include_bytes!("data/plans.bin");

/// Reads and checks numbers. It compiles a region's patterns when they are first needed.
pub(super) static PHONE_NUMBER_UTIL: LazyLock<PhoneNumberUtil> = LazyLock::new(|| {
    let plans = PhoneMetadataCollection::decode(PLANS).expect("the table that is compiled in");
    PhoneNumberUtil::new_for_metadata(plans).expect("the regions of that table")
});

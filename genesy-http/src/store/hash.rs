//! The keyed hash that stands for an address.

use genesy_core::address::AddressRef;
use ring::hmac;

/// Hashes addresses and domains (HMAC-SHA-256) under the key of the store. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Hasher(hmac::Key);

/// A keyed hash.
pub(crate) type Hash = [u8; 32];

impl Hasher {
    pub(super) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The hash of a text.
    pub(crate) fn hash(&self, text: &[u8]) -> Hash {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(&self.0, text).as_ref());
        bytes
    }

    /// The hash of an address, the same for all ways to write it.
    pub(crate) fn address(&self, address: &AddressRef<'_>) -> Hash {
        address.with_normal_form(|normal| self.hash(normal))
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 64 bits of a hash by which leads are found: `email_key`.
pub(crate) fn key(hash: &Hash) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(bytes)
}

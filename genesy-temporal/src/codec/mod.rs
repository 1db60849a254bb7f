//! Encryption of payloads: inputs, results, heartbeats, memos and failures are stored by the server as
//! AES-256-GCM (NIST SP 800-38D) of whole payloads, under keys that it never sees.
//!
//! ```
//! use genesy_temporal::client::ClientOptions;
//! use genesy_temporal::codec::{Codec, Keys};
//!
//! // The first key encrypts; those after it still decrypt what was written before.
//! let keys: Keys = "
//!     2026-11:bm90IGEga2V5LCBidXQgdGhpcnR5LXR3byBieXRlcyE=
//!     2026-05:YW5vdGhlciBvbmUgdGhhdCBpcyBubyBrZXkgZWl0aGU="
//!     .parse()?;
//! let mut options = ClientOptions::new("http://127.0.0.1:7233");
//! options.codec = Some(Codec::new(keys));
//! # Ok::<(), genesy_temporal::codec::KeysError>(())
//! ```
//!
//! Clients and workers of a namespace have the same keys: a worker takes those of its client.
//!
//! # Switching it on, and rotating
//!
//! What is not encrypted is read as it is, so that a running system can be switched over, and its old runs
//! end well. What matters is that no worker meets what it cannot decrypt: such a worker's tasks of workflows
//! are given again until it has the key, but calls of providers that it takes fail, and count as attempts.
//!
//! | to | first | then, when all have it | in the end |
//! |---|---|---|---|
//! | switch it on | give all workers and clients the key, [decrypting only](Codec::decrypting_only) | let all encrypt | |
//! | rotate | give all the new key behind the active one | put it in front | leave the old one out, when the namespace's retention has passed |
//!
//! # What is and what is not encrypted
//!
//! | in the server | encrypted |
//! |---|---|
//! | inputs and results of workflows, activities, queries and updates; heartbeats; memos | yes |
//! | messages and details of failures | yes: lists show "Encoded failure", and the failure's type |
//! | ids, names, times, search attributes, and that a payload cannot be decrypted | no: they hold no personal data |
//!
//! # Format
//!
//! The metadata of a payload are `encoding` = `binary/encrypted`, `encryption-version` = `1` and
//! `encryption-key-id`; its data are the nonce, then the ciphertext of the payload's protobuf bytes, then
//! the tag. The metadata are authenticated with it. Who can write to the server's store can still exchange
//! whole payloads, and put plain ones in their place.
//!
//! | limit | value |
//! |---|---|
//! | payloads under one key | 2^32, since nonces are random (NIST SP 800-38D, 8.3): some 200 million leads; rotate before |
//! | what a payload grows by | nonce 12 bytes, tag 16 bytes, and metadata of about 100 bytes |
//! | a key's id | 64 characters ([`KEY_ID_CHARS_MAX`]) |
//! | keys | 32 ([`KEYS_MAX`]) |

mod keys;
mod sealed;

use std::sync::Arc;

use temporalio_common::data_converters::{
    DataConverter, DefaultFailureConverter, PayloadConverter,
};

pub use self::keys::{KEY_BYTES, KEY_ID_CHARS_MAX, KEYS_MAX, Key, KeyId, Keys, KeysError};
use self::sealed::Sealed;

/// Encrypts what the server stores. See the [module](self).
#[derive(Debug, Clone)]
pub struct Codec {
    keys: Arc<Keys>,
    encrypts: bool,
}

impl Codec {
    /// A codec with these keys.
    pub fn new(keys: Keys) -> Self {
        Self { keys: Arc::new(keys), encrypts: true }
    }

    /// Encrypts nothing yet, and decrypts what others have encrypted.
    #[must_use]
    pub fn decrypting_only(self) -> Self {
        Self { encrypts: false, ..self }
    }

    /// Whether it encrypts.
    pub const fn encrypts(&self) -> bool {
        self.encrypts
    }

    /// The keys that it has.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// Why a payload cannot be read or written. It quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The key is not there.
    #[error(
        "this is encrypted with the key {id:?}, which is not among the codec's keys: add it, also if it is an old one"
    )]
    UnknownKey {
        /// Its id.
        id: String,
    },
    /// It was written by another codec.
    #[error(
        "this is encrypted by another codec, or a later version of this one: read it with that one"
    )]
    Format,
    /// It is not what was written, or the key is another one of the same id.
    #[error(
        "this cannot be decrypted with the key {id:?}: it was changed, or the key is another one of the same id"
    )]
    Broken {
        /// The key's id.
        id: String,
    },
    /// The operating system has no random bytes, or the payload is too long for the algorithm.
    #[error("this cannot be encrypted: the system has no random bytes, or it is too long")]
    NotEncrypted,
}

/// How values become payloads. Without a codec they are plain, and encrypted ones an error that says so.
pub(crate) fn converter(codec: Option<&Codec>) -> DataConverter {
    // Messages of failures are moved to where they are encrypted.
    let failures = DefaultFailureConverter::new(codec.is_some_and(Codec::encrypts));
    DataConverter::new(PayloadConverter::default(), failures, Sealed::new(codec.cloned()))
}

/// The same for descriptions and lists, of which most is in the clear: what cannot be decrypted is left as
/// it is, so that it hides nothing else.
pub(crate) fn lenient_converter(codec: Option<&Codec>) -> DataConverter {
    let failures = DefaultFailureConverter::new(false);
    DataConverter::new(PayloadConverter::default(), failures, Sealed::lenient(codec.cloned()))
}

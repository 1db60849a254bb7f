//! Payloads, encrypted and decrypted.

use futures::future::BoxFuture;
use prost::Message;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom, SystemRandom};
use temporalio_common::data_converters::{
    PayloadCodec, PayloadConversionError, SerializationContextData,
};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::keys::{KeyId, Keys};
use super::{Codec, CodecError};

const ENCODING: &str = "encoding";
const ENCRYPTED: &[u8] = b"binary/encrypted";
const VERSION: &str = "encryption-version";
const VERSION_1: &[u8] = b"1";
const KEY_ID: &str = "encryption-key-id";

/// What the SDK calls for each payload.
pub(super) struct Sealed {
    codec: Option<Codec>,
    /// Whether what cannot be opened is an error, or left as it is.
    leaves_closed: bool,
}

impl Sealed {
    pub(super) const fn new(codec: Option<Codec>) -> Self {
        Self { codec, leaves_closed: false }
    }

    /// Leaves what it cannot open as it is.
    pub(super) const fn lenient(codec: Option<Codec>) -> Self {
        Self { codec, leaves_closed: true }
    }
}

type Coded = BoxFuture<'static, Result<Vec<Payload>, PayloadConversionError>>;

impl PayloadCodec for Sealed {
    fn encode(&self, _: &SerializationContextData, payloads: Vec<Payload>) -> Coded {
        done(match &self.codec {
            Some(codec) if codec.encrypts() => {
                payloads.iter().map(|payload| seal(codec.keys(), payload)).collect()
            }
            _ => Ok(payloads),
        })
    }

    fn decode(&self, _: &SerializationContextData, payloads: Vec<Payload>) -> Coded {
        let keys = self.codec.as_ref().map(Codec::keys);
        if self.leaves_closed {
            let opened = |payload: Payload| open(keys, payload.clone()).unwrap_or(payload);
            return done(Ok(payloads.into_iter().map(opened).collect()));
        }
        done(payloads.into_iter().map(|payload| open(keys, payload)).collect())
    }
}

fn done(coded: Result<Vec<Payload>, CodecError>) -> Coded {
    let coded = coded.map_err(|error| PayloadConversionError::EncodingError(error.into()));
    Box::pin(std::future::ready(coded))
}

/// The payload, encrypted with the active key.
fn seal(keys: &Keys, payload: &Payload) -> Result<Payload, CodecError> {
    let (id, key) = keys.active();
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| CodecError::NotEncrypted)?;
    let tag_len = key.aead().algorithm().tag_len();
    let mut data = Vec::with_capacity(NONCE_LEN + payload.encoded_len() + tag_len);
    data.extend_from_slice(&nonce);
    data.extend_from_slice(&payload.encode_to_vec());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key
        .aead()
        .seal_in_place_separate_tag(nonce, associated(id.as_str()), &mut data[NONCE_LEN..])
        .map_err(|_| CodecError::NotEncrypted)?;
    data.extend_from_slice(tag.as_ref());
    let metadata = [
        (ENCODING, ENCRYPTED.to_vec()),
        (VERSION, VERSION_1.to_vec()),
        (KEY_ID, id.as_str().as_bytes().to_vec()),
    ];
    let metadata = metadata.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(Payload { metadata: metadata.collect(), data, ..Payload::default() })
}

/// The payload in the clear: decrypted, if it is encrypted.
fn open(keys: Option<&Keys>, payload: Payload) -> Result<Payload, CodecError> {
    let metadata = |name: &str| payload.metadata.get(name).map(Vec::as_slice);
    if metadata(ENCODING) != Some(ENCRYPTED) {
        return Ok(payload);
    }
    let id = metadata(KEY_ID).and_then(|id| std::str::from_utf8(id).ok());
    // The id is shown, and whatever claims to be one may be anything.
    let id = id.and_then(|id| KeyId::new(id).ok());
    let (Some(id), Some(VERSION_1)) = (id, metadata(VERSION)) else {
        return Err(CodecError::Format);
    };
    let Some(key) = keys.and_then(|keys| keys.find(&id)) else {
        return Err(CodecError::UnknownKey { id: id.to_string() });
    };
    let broken = || CodecError::Broken { id: id.to_string() };
    let Some((nonce, sealed)) = payload.data.split_first_chunk::<NONCE_LEN>() else {
        return Err(broken());
    };
    let mut sealed = sealed.to_vec();
    let opened = key
        .aead()
        .open_in_place(Nonce::assume_unique_for_key(*nonce), associated(id.as_str()), &mut sealed)
        .map_err(|_| broken())?;
    Payload::decode(&*opened).map_err(|_| broken())
}

/// What is authenticated beside the payload itself: all that is in its metadata. An id has no semicolon.
fn associated(id: &str) -> Aad<Vec<u8>> {
    Aad::from([ENCRYPTED, b";", VERSION_1, b";", id.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::super::keys::Key;
    use super::*;

    fn keys() -> Keys {
        Keys::new(KeyId::new("new").expect("an id"), Key::new([7; 32]))
            .with_old(KeyId::new("old").expect("an id"), Key::new([8; 32]))
            .expect("another id")
    }

    fn plain() -> Payload {
        Payload {
            metadata: [(ENCODING.to_owned(), b"json/plain".to_vec())].into(),
            data: "\"Zoë Müller, +34 600 000 000\"".into(),
            ..Payload::default()
        }
    }

    fn holds(bytes: &[u8], part: &str) -> bool {
        bytes.windows(part.len()).any(|window| window == part.as_bytes())
    }

    #[test]
    fn what_is_sealed_is_opened_and_shows_nothing() {
        let sealed = seal(&keys(), &plain()).expect("sealed");
        let bytes = sealed.encode_to_vec();
        for part in ["Zoë", "Müller", "600", "json/plain"] {
            assert!(holds(&plain().encode_to_vec(), part), "{part} is looked for rightly");
            assert!(!holds(&bytes, part), "{part} shows");
        }
        assert_eq!(open(Some(&keys()), sealed), Ok(plain()));
        assert_eq!(open(Some(&keys()), plain()), Ok(plain()), "plain ones pass");
        assert_eq!(open(None, plain()), Ok(plain()));
    }

    #[test]
    fn one_that_decrypts_only_leaves_payloads_plain() {
        let context = SerializationContextData::None;
        let encrypting = Sealed::new(Some(Codec::new(keys())));
        let decrypting = Sealed::new(Some(Codec::new(keys()).decrypting_only()));
        let now = |coded: Coded| coded.now_or_never().expect("it is ready").expect("coded");
        assert_eq!(now(decrypting.encode(&context, vec![plain()])), [plain()]);
        let sealed = now(encrypting.encode(&context, vec![plain()]));
        assert_ne!(sealed, [plain()]);
        assert_eq!(now(decrypting.decode(&context, sealed)), [plain()]);
    }

    #[test]
    fn no_nonce_comes_twice() {
        let nonces = |_| seal(&keys(), &plain()).expect("sealed").data[..NONCE_LEN].to_vec();
        let all: std::collections::BTreeSet<_> = (0..1000).map(nonces).collect();
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn what_was_changed_is_an_error() {
        let sealed = seal(&keys(), &plain()).expect("sealed");
        let broken = Err(CodecError::Broken { id: "new".to_owned() });
        for at in 0..sealed.data.len() {
            let mut changed = sealed.clone();
            changed.data[at] ^= 1;
            assert_eq!(open(Some(&keys()), changed), broken, "byte {at}");
        }
        for len in 0..sealed.data.len() {
            let mut short = sealed.clone();
            short.data.truncate(len);
            assert_eq!(open(Some(&keys()), short), broken, "{len} bytes");
        }
        // The id of another key that is there, and one that has the same bytes.
        let mut other = sealed.clone();
        other.metadata.insert(KEY_ID.to_owned(), b"old".to_vec());
        assert_eq!(
            open(Some(&keys()), other.clone()),
            Err(CodecError::Broken { id: "old".to_owned() })
        );
        let same = Keys::new(KeyId::new("old").expect("an id"), Key::new([7; 32]));
        assert_eq!(open(Some(&same), other), Err(CodecError::Broken { id: "old".to_owned() }));
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let sealed = seal(&keys(), &plain()).expect("sealed");
        let other = Keys::new(KeyId::new("other").expect("an id"), Key::new([9; 32]));
        for keys in [None, Some(&other)] {
            let error = open(keys, sealed.clone()).expect_err("no key");
            assert!(error.to_string().contains("the key \"new\""), "{error}");
        }
        for (name, value) in [(VERSION, "2"), (KEY_ID, "no id, but +34600000000")] {
            let mut odd = sealed.clone();
            odd.metadata.insert(name.to_owned(), value.into());
            assert_eq!(open(Some(&keys()), odd), Err(CodecError::Format));
        }
    }
}

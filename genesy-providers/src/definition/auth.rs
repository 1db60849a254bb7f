//! Where the key of a provider goes.

/// Where the key goes, and where it comes from. The key itself is never in a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Auth {
    /// Where it goes.
    pub place: AuthPlace,
    /// The environment variable that holds it; the one with `_FILE` behind the name may name a file
    /// instead. Empty if the place is [`AuthPlace::None`].
    pub key_env: String,
}

/// The place of a key in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthPlace {
    /// There is no key.
    None,
    /// A header of this name.
    Header {
        /// The header.
        name: String,
    },
    /// A query parameter of this name.
    Query {
        /// The parameter.
        name: String,
    },
    /// `Authorization: Bearer` and the key.
    Bearer,
    /// `Authorization: Basic`, with the key as the password of this user.
    Basic {
        /// The user: it has no colon.
        user: String,
    },
}

impl AuthPlace {
    /// The names that definitions write.
    pub(super) const NAMES: [&str; 5] = ["header", "query", "bearer", "basic", "none"];
}

//! The normalizer's `dialect` part.

//! The normalizer's `normalize` part.

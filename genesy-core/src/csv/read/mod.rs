//! The normalizer's `read` part.

//! The normalizer's `encoding` part.

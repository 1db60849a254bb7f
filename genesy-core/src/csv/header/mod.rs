//! The normalizer's `header` part.

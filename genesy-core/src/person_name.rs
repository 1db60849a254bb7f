//! Names of persons: splitting a full name.

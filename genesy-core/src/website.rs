//! Websites and registrable domains.

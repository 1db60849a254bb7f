//! The pure core of Genesy.

#[cfg(any(feature = "csv", feature = "verification"))]
pub mod address;
#[cfg(feature = "csv")]
mod codepage;
#[cfg(feature = "csv")]
pub mod country;
#[cfg(feature = "csv")]
pub mod csv;
#[cfg(feature = "csv")]
pub mod person_name;
#[cfg(feature = "csv")]
pub mod phone;
pub mod pii;
#[cfg(feature = "csv")]
pub mod website;

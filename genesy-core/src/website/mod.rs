//! Websites and registrable domains: which company a cell such as `https://www.example.co.uk/path`
//! speaks of.
//!
//! The registrable domain is the public suffix and one label more, by the
//! [Public Suffix List](https://publicsuffix.org/), its private part included: under `github.io`,
//! `myshopify.com` or `blogspot.com` each customer has a domain of his own, so `ada.github.io` is
//! the registrable domain there. A suffix that the list does not name (`.local`, `.invalid`, the
//! `js` of `node.js`) gives none.

mod error;
mod host;
mod linkedin;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use error::{WebsiteError, WebsiteErrorKind};
pub(crate) use linkedin::is_usual_profile;
pub use linkedin::{LinkedinPage, linkedin_page, linkedin_profile};

use crate::address::{AddressRef, DomainKind, is_free_mail};
use crate::trim::trim;

/// Social networks, and other hosts where companies have pages beside their own site, or for want of one.
const HOSTS_OF_PAGES: [&str; 19] = [
    "crunchbase.com",
    "facebook.com",
    "fb.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "ok.ru",
    "pinterest.com",
    "t.me",
    "threads.net",
    "tiktok.com",
    "tripadvisor.com",
    "twitter.com",
    "vk.com",
    "wa.me",
    "x.com",
    "xing.com",
    "yelp.com",
    "youtube.com",
];

/// A website, borrowed from the cell it was read from.
///
/// Nothing is allocated for a host that is written in lower-case ASCII.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WebsiteRef<'a> {
    entered: &'a str,
    host: Cow<'a, str>,
    /// Where the registrable domain begins in `host`.
    registrable_at: usize,
}

impl<'a> WebsiteRef<'a> {
    /// Reads the website in `cell`: a host name, with or without scheme, user, port and path.
    ///
    /// # Errors
    ///
    /// If there is no host with a registrable domain; the kind says what there is instead.
    pub fn parse(cell: &'a str) -> Result<Self, WebsiteError> {
        let entered = trim(cell);
        let host = host::find(entered)?;
        let registrable_at = host::registrable_at(&host)
            .ok_or(WebsiteError::new(WebsiteErrorKind::NoRegistrableDomain))?;
        Ok(Self { entered, host, registrable_at })
    }

    /// The cell as entered, without the space around it.
    #[must_use]
    pub const fn as_entered(&self) -> &'a str {
        self.entered
    }

    /// The host in lower-case A-labels, without a trailing dot.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The registrable domain in lower-case A-labels: `example.co.uk` for `www.example.co.uk`.
    #[must_use]
    pub fn registrable_domain(&self) -> &str {
        &self.host[self.registrable_at..]
    }

    /// Whether the site is a free-mail provider's, as when a cell holds `gmail.com`: hardly ever
    /// the website of the company that the row is about.
    #[must_use]
    pub fn is_free_mail(&self) -> bool {
        is_free_mail(self.registrable_domain())
    }

    /// Whether it is a page on a host of other people's pages, as `facebook.com/acme`: not the company's
    /// own site. The host alone is one: its own people work there.
    #[must_use]
    pub fn is_page_elsewhere(&self) -> bool {
        let rest = self.entered.split_once("://").map_or(self.entered, |(_, rest)| rest);
        let has_path = rest.split_once('/').is_some_and(|(_, path)| !path.is_empty());
        has_path && HOSTS_OF_PAGES.contains(&self.registrable_domain())
    }

    /// The registrable domain as a company's: nothing for a free-mail provider.
    #[must_use]
    pub fn company_domain(&self) -> Option<&str> {
        Some(self.registrable_domain()).filter(|domain| !is_free_mail(domain))
    }

    /// As [`Self::company_domain`], for longer than this value lives.
    #[must_use]
    pub(crate) fn into_company_domain(self) -> Option<Cow<'a, str>> {
        let is_company = !self.is_free_mail();
        let domain = match self.host {
            Cow::Borrowed(host) => Cow::Borrowed(&host[self.registrable_at..]),
            Cow::Owned(host) => Cow::Owned(host[self.registrable_at..].to_owned()),
        };
        is_company.then_some(domain)
    }
}

impl fmt::Debug for WebsiteRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebsiteRef").finish_non_exhaustive()
    }
}

/// A website that owns its text; the text as entered in serialized form, checked when read.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Website {
    entered: String,
    host: String,
    registrable_at: usize,
}

impl Website {
    /// Reads the website in `cell`; see [`WebsiteRef::parse`].
    ///
    /// # Errors
    ///
    /// If there is no host with a registrable domain; the kind says what there is instead.
    pub fn parse(cell: &str) -> Result<Self, WebsiteError> {
        WebsiteRef::parse(cell).map(Self::from)
    }

    /// The cell as entered, without the space around it.
    #[must_use]
    pub fn as_entered(&self) -> &str {
        &self.entered
    }

    /// The host in lower-case A-labels, without a trailing dot.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The registrable domain in lower-case A-labels: `example.co.uk` for `www.example.co.uk`.
    #[must_use]
    pub fn registrable_domain(&self) -> &str {
        &self.host[self.registrable_at..]
    }

    /// The registrable domain as a company's: nothing for a free-mail provider.
    #[must_use]
    pub fn company_domain(&self) -> Option<&str> {
        Some(self.registrable_domain()).filter(|domain| !is_free_mail(domain))
    }
}

impl From<WebsiteRef<'_>> for Website {
    fn from(website: WebsiteRef<'_>) -> Self {
        Self {
            entered: website.entered.to_owned(),
            host: website.host.into_owned(),
            registrable_at: website.registrable_at,
        }
    }
}

impl From<Website> for String {
    fn from(website: Website) -> Self {
        website.entered
    }
}

impl TryFrom<String> for Website {
    type Error = WebsiteError;

    fn try_from(cell: String) -> Result<Self, WebsiteError> {
        Self::parse(&cell)
    }
}

impl fmt::Debug for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Website(<redacted>)")
    }
}

/// The domain of the company that `address` belongs to, in lower-case A-labels: the registrable
/// domain of its domain. Nothing for a free-mail provider, an address literal, and a domain under
/// no public suffix. Borrowed if the address is written in lower-case ASCII.
#[must_use]
pub fn company_domain_from_address<'a>(address: &AddressRef<'a>) -> Option<Cow<'a, str>> {
    if address.domain_kind() != DomainKind::Name {
        return None;
    }
    let host = host::normalize(address.domain()).ok()?;
    // Some providers are listed below a registrable domain: `pp.inet.fi`.
    if is_free_mail(&host) {
        return None;
    }
    let at = host::registrable_at(&host)?;
    let free = at > 0 && is_free_mail(&host[at..]);
    let domain = match host {
        Cow::Borrowed(host) => Cow::Borrowed(&host[at..]),
        Cow::Owned(host) => Cow::Owned(host[at..].to_owned()),
    };
    (!free).then_some(domain)
}

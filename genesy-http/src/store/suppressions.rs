//! Who is never enriched: addresses and domains, of which hashes alone are stored.

use genesy_core::address::AddressRef;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::hash::{Hash, Hasher};
use crate::clock::Time;

/// What is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuppressionKind {
    /// One address.
    Email,
    /// All addresses of a domain and of those below it.
    Domain,
}

impl SuppressionKind {
    /// As it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Domain => "domain",
        }
    }
}

/// A suppression, without what is suppressed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Suppression {
    pub(crate) id: i64,
    /// `email` or `domain`.
    pub(crate) kind: String,
    /// Why, as it was given.
    pub(crate) reason: Option<String>,
    pub(crate) created_at: Time,
}

/// Looks leads up in the list. Made for one transaction or read.
#[derive(Debug)]
pub(crate) struct Suppressions<'c> {
    connection: &'c Connection,
    hasher: Hasher,
    has_emails: bool,
    has_domains: bool,
}

impl<'c> Suppressions<'c> {
    /// The list as it is now.
    pub(crate) fn new(connection: &'c Connection, hasher: &Hasher) -> rusqlite::Result<Self> {
        let has = |kind: SuppressionKind| {
            let mut any = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM suppressions WHERE kind = ?1)")?;
            any.query_row([kind.as_str()], |row| row.get(0))
        };
        Ok(Self {
            connection,
            hasher: hasher.clone(),
            has_emails: has(SuppressionKind::Email)?,
            has_domains: has(SuppressionKind::Domain)?,
        })
    }

    /// Whether a lead must not be enriched: by its address, or by its address's or its company's domain.
    pub(crate) fn covers(
        &self,
        email: Option<&str>,
        company_domain: Option<&str>,
    ) -> rusqlite::Result<bool> {
        let address = email.filter(|_| self.has_emails);
        let address = address.and_then(|email| AddressRef::parse(email).ok());
        let hash = address.map(|address| self.hasher.address(&address));
        self.covers_hashed(hash.as_ref(), email, company_domain)
    }

    /// The same where the hash of the address is known.
    pub(crate) fn covers_hashed(
        &self,
        hash: Option<&Hash>,
        email: Option<&str>,
        company_domain: Option<&str>,
    ) -> rusqlite::Result<bool> {
        if let Some(hash) = hash
            && self.has_emails
            && self.has(SuppressionKind::Email, hash)?
        {
            return Ok(true);
        }
        if !self.has_domains {
            return Ok(false);
        }
        if let Some(address) = email.and_then(|email| AddressRef::parse(email).ok())
            && let Some((_, domain)) = address.normal_form().rsplit_once('@')
            && self.covers_domain(domain)?
        {
            return Ok(true);
        }
        company_domain.map_or(Ok(false), |domain| self.covers_domain(domain))
    }

    /// Those of the leads that must not be enriched.
    pub(crate) fn among(&self, leads: Vec<i64>) -> rusqlite::Result<Vec<i64>> {
        let mut select = self
            .connection
            .prepare_cached("SELECT email, company_domain FROM leads WHERE id = ?1")?;
        let mut covered = Vec::new();
        for lead in leads {
            let mut rows = select.query([lead])?;
            if let Some(row) = rows.next()?
                && self
                    .covers(row.get_ref(0)?.as_str_or_null()?, row.get_ref(1)?.as_str_or_null()?)?
            {
                covered.push(lead);
            }
        }
        Ok(covered)
    }

    /// Looks for the domain and for each one above it.
    fn covers_domain(&self, domain: &str) -> rusqlite::Result<bool> {
        let mut rest = Some(domain);
        while let Some(domain) = rest {
            if self.has(SuppressionKind::Domain, &self.hasher.hash(domain.as_bytes()))? {
                return Ok(true);
            }
            rest = domain.split_once('.').map(|(_, parent)| parent).filter(|it| it.contains('.'));
        }
        Ok(false)
    }

    fn has(&self, kind: SuppressionKind, key: &Hash) -> rusqlite::Result<bool> {
        let mut find = self
            .connection
            .prepare_cached("SELECT 1 FROM suppressions WHERE kind = ?1 AND key = ?2")?;
        find.exists((kind.as_str(), key))
    }
}

/// Adds one, or gives the one that is there; the flag says whether it is new.
pub(crate) fn add(
    transaction: &Transaction<'_>,
    kind: SuppressionKind,
    key: &Hash,
    reason: Option<&str>,
    at: Time,
) -> rusqlite::Result<(Suppression, bool)> {
    let added = transaction.execute(
        "INSERT INTO suppressions (kind, key, reason, created_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO NOTHING",
        (kind.as_str(), key, reason, at),
    )?;
    let suppression = transaction.query_row(
        "SELECT id, kind, reason, created_at FROM suppressions WHERE kind = ?1 AND key = ?2",
        (kind.as_str(), key),
        read,
    )?;
    Ok((suppression, added > 0))
}

/// Those behind `after`, the oldest first.
pub(crate) fn page(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Vec<Suppression>> {
    let mut list = connection.prepare_cached(
        "SELECT id, kind, reason, created_at FROM suppressions WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    list.query_map((after, limit as i64), read)?.collect()
}

/// Removes one; false if there is none.
pub(crate) fn remove(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<bool> {
    Ok(transaction.execute("DELETE FROM suppressions WHERE id = ?1", [id])? > 0)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Suppression> {
    Ok(Suppression {
        id: row.get(0)?,
        kind: row.get(1)?,
        reason: row.get(2)?,
        created_at: row.get(3)?,
    })
}

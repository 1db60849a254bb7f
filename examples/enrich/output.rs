//! The enriched CSV, in the order of the file.

use std::collections::BTreeMap;
use std::path::Path;

use genesy_core::csv::normalize::CsvWriter;
use genesy_core::time::Timestamp;
use genesy_core::waterfall::{Outcome, PhoneLookup, PhoneQuality, Spent};
use genesy_examples::CsvFile;
use genesy_providers::driver::Finished;
use tokio::sync::OwnedSemaphorePermit;

use crate::Failure;
use crate::addresses::Verified;
use crate::input::Record;
use crate::report::money;
use crate::tally::Ending;

/// The columns behind the original ones.
const COLUMNS: [&str; 11] = [
    "email_verdict",
    "email_reason",
    "phone",
    "phone_status",
    "phone_provider",
    "phone_quality",
    "phone_confidence_percent",
    "phone_attempts",
    "phone_cost",
    "phone_maybe_charged",
    "phone_checked_at",
];
/// What stands before their names if the file has one of them already.
const PREFIX: &str = "genesy_";
/// Leads that are kept to be shown.
pub(crate) const SHOWN_MAX: usize = 20;

/// Puts results into the order of the file, and writes them.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: BTreeMap<u64, Waiting>,
    file: Option<CsvFile>,
    /// The first leads with what became of them.
    pub(crate) first: Vec<(Record, Found)>,
    /// How many addresses there are of each verdict and reason.
    pub(crate) addresses: AddressCounts,
}

/// How many addresses there are of each verdict and reason.
pub(crate) type AddressCounts = BTreeMap<(&'static str, &'static str), u64>;

/// A lead that is not written yet.
#[derive(Debug)]
struct Waiting {
    record: Record,
    address: Option<Verified>,
    found: Option<Found>,
    /// Its place in the window of rows that are read ahead.
    _place: OwnedSemaphorePermit,
}

impl Outbox {
    pub(crate) fn new(out: Option<&Path>, header: &[String]) -> Result<Self, Failure> {
        let is_there = |name: &str| header.iter().any(|of| of.trim().eq_ignore_ascii_case(name));
        let prefix = if COLUMNS.into_iter().any(is_there) { PREFIX } else { "" };
        let added = COLUMNS.map(|name| format!("{prefix}{name}"));
        let create = |path| CsvFile::create(path, CsvWriter::verbatim());
        let mut file = out.map(create).transpose()?;
        if let Some(file) = &mut file {
            file.header(|csv| csv.record(header.iter().chain(&added)));
        }
        let addresses = AddressCounts::new();
        Ok(Self { waiting: BTreeMap::new(), file, first: Vec::new(), addresses })
    }

    /// A lead was taken from the file. Leads come in its order.
    pub(crate) fn expect(&mut self, record: Record, place: OwnedSemaphorePermit) {
        let waiting = Waiting { address: None, found: None, _place: place, record };
        self.waiting.insert(waiting.record.row, waiting);
    }

    /// The address of a lead was verified.
    pub(crate) fn verified(&mut self, row: u64, verified: Verified) {
        *self.addresses.entry((verified.verdict, verified.reason)).or_default() += 1;
        if let Some(waiting) = self.waiting.get_mut(&row) {
            waiting.address = Some(verified);
        }
    }

    /// A lead is done. It is written as soon as all before it are.
    pub(crate) fn done(
        &mut self,
        row: u64,
        finished: &Finished<PhoneLookup>,
    ) -> Result<(), Failure> {
        if let Some(waiting) = self.waiting.get_mut(&row) {
            let own_phone = waiting.record.own_phone.as_deref();
            waiting.found = Some(Found::of(finished, own_phone, waiting.address));
        }
        while let Some(first) = self.waiting.first_entry() {
            if first.get().found.is_none() {
                break;
            }
            let Waiting { record, found, .. } = first.remove();
            let Some(found) = found else { break };
            if let Some(file) = &mut self.file {
                file.row(|csv| csv.record(record.cells.iter().chain(&found.cells())))?;
            }
            if self.first.len() < SHOWN_MAX {
                self.first.push((record, found));
            }
        }
        Ok(())
    }

    /// Writes what is left, and gives the file its name.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        match self.file.take() {
            Some(file) => Ok(file.finish()?),
            None => Ok(()),
        }
    }
}

/// What became of a lead, as text.
#[derive(Debug)]
pub(crate) struct Found {
    address: Option<Verified>,
    pub(crate) phone: String,
    pub(crate) ending: Ending,
    pub(crate) provider: String,
    pub(crate) quality: &'static str,
    confidence_percent: String,
    pub(crate) attempts: usize,
    spent: Spent,
    checked_at: String,
}

impl Found {
    fn of(
        finished: &Finished<PhoneLookup>,
        own_phone: Option<&str>,
        address: Option<Verified>,
    ) -> Self {
        let ledger = finished.run.ledger();
        let last = ledger.last().map(|attempt| attempt.at.plus_us(attempt.took_us));
        let mut found = Self {
            address,
            phone: own_phone.unwrap_or_default().to_owned(),
            ending: Ending::of(finished),
            provider: String::new(),
            quality: "",
            confidence_percent: String::new(),
            attempts: ledger.len(),
            spent: finished.run.spent(),
            checked_at: last.map_or(String::new(), rfc_3339),
        };
        if let Outcome::Found(of) = &finished.outcome {
            // By the rule "any" it need not be a number.
            found.phone = of.value.e164.as_ref().unwrap_or(&of.value.raw).reveal().clone();
            of.provider.as_str().clone_into(&mut found.provider);
            found.quality = quality(of.value.quality);
            found.confidence_percent = of.confidence_percent.to_string();
            found.checked_at = rfc_3339(of.at);
        }
        found
    }

    fn cells(&self) -> [String; COLUMNS.len()] {
        let address = self.address.map_or(("", ""), |of| (of.verdict, of.reason));
        [
            address.0.to_owned(),
            address.1.to_owned(),
            self.phone.clone(),
            self.ending.text().to_owned(),
            self.provider.clone(),
            self.quality.to_owned(),
            self.confidence_percent.clone(),
            self.attempts.to_string(),
            money(self.spent.charged_micros as f64),
            money(self.spent.maybe_charged_micros as f64),
            self.checked_at.clone(),
        ]
    }
}

const fn quality(quality: PhoneQuality) -> &'static str {
    match quality {
        PhoneQuality::Unreadable => "unreadable",
        PhoneQuality::Impossible => "impossible",
        PhoneQuality::Possible => "possible",
        PhoneQuality::Valid => "valid",
        PhoneQuality::Mobile => "mobile",
        _ => "",
    }
}

/// A point in time in whole seconds.
fn rfc_3339(at: Timestamp) -> String {
    Timestamp::from_micros(at.as_micros() / 1_000_000 * 1_000_000).rfc_3339().to_string()
}

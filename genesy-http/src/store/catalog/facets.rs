//! What lists are filtered by, a few bytes a lead.

use rusqlite::Row;

use crate::store::lead_filter::{LeadFilter, PhoneOutcome, PhonePresence, RunState, Verdict};

/// What a lead is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Facets {
    /// When it was changed.
    pub(super) updated: u64,
    /// Its import; 0 for none.
    pub(super) import: u32,
    /// The two letters of its country in 16 bits; 0 for none.
    pub(super) country: u16,
    /// Verdict (3 bits), states of e-mail (2) and phone (2), outcome (3), phone, issues, gone (1 each).
    pub(super) bits: u16,
    /// A hash of what orders are made by: it tells whether that has changed.
    pub(super) keys: u32,
}

const VERDICT: u32 = 0;
const EMAIL_STATE: u32 = 3;
const PHONE_STATE: u32 = 5;
const OUTCOME: u32 = 7;
const HAS_PHONE: u16 = 1 << 10;
const HAS_ISSUES: u16 = 1 << 11;
const IS_GONE: u16 = 1 << 12;

/// The columns that [`Facets::read`] takes behind the id.
pub(super) const COLUMNS: &str = "id, updated_at, import_id, country, email_verdict, email_state, \
    phone_state, phone_outcome, phone_is_valid, issues";

impl Facets {
    /// Reads a row of [`COLUMNS`], with the lead's id.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Self)> {
        let text =
            |column: usize| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        let bits = place(Verdict::ALL, Verdict::as_str, text(4)?) << VERDICT
            | place(RunState::ALL, RunState::as_str, text(5)?) << EMAIL_STATE
            | place(RunState::ALL, RunState::as_str, text(6)?) << PHONE_STATE
            | place(PhoneOutcome::ALL, PhoneOutcome::as_str, text(7)?) << OUTCOME
            | if row.get_ref(8)? == rusqlite::types::ValueRef::Null { 0 } else { HAS_PHONE }
            | if row.get::<_, i64>(9)? > 0 { HAS_ISSUES } else { 0 };
        let facets = Self {
            updated: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            import: u32::try_from(row.get::<_, Option<i64>>(2)?.unwrap_or(0)).unwrap_or(u32::MAX),
            country: code(text(3)?.unwrap_or("")),
            bits,
            keys: 0,
        };
        Ok((row.get(0)?, facets))
    }

    /// Whether the lead is deleted.
    pub(super) const fn is_gone(self) -> bool {
        self.bits & IS_GONE != 0
    }

    /// Notes that the lead is deleted.
    pub(super) const fn set_gone(&mut self) {
        self.bits |= IS_GONE;
    }
}

/// The place of a value in the list of all; that of nothing is 0.
fn place<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: Option<&str>) -> u16 {
    let Some(text) = text else { return 0 };
    let place = all.iter().position(|value| name(*value) == text);
    place.and_then(|place| u16::try_from(place).ok()).unwrap_or(0)
}

fn code(text: &str) -> u16 {
    match text.as_bytes() {
        [first, second] => u16::from_be_bytes([*first, *second]),
        _ => 0,
    }
}

/// A filter as it is compared with facets; the words are not part of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FacetFilter {
    mask: u16,
    pub(super) bits: u16,
    import: Option<u32>,
    country: Option<u16>,
}

impl From<&LeadFilter> for FacetFilter {
    fn from(filter: &LeadFilter) -> Self {
        let mut this = Self { mask: IS_GONE, ..Self::default() };
        let mut want = |mask: u16, bits: u16| {
            this.mask |= mask;
            this.bits |= bits;
        };
        if let Some(verdict) = filter.verdict {
            want(
                7 << VERDICT,
                place(Verdict::ALL, Verdict::as_str, Some(verdict.as_str())) << VERDICT,
            );
        }
        if let Some(state) = filter.email_state {
            want(
                3 << EMAIL_STATE,
                place(RunState::ALL, RunState::as_str, Some(state.as_str())) << EMAIL_STATE,
            );
        }
        if let Some(state) = filter.phone_state {
            want(
                3 << PHONE_STATE,
                place(RunState::ALL, RunState::as_str, Some(state.as_str())) << PHONE_STATE,
            );
        }
        if let Some(outcome) = filter.phone_outcome {
            let place = place(PhoneOutcome::ALL, PhoneOutcome::as_str, Some(outcome.as_str()));
            want(7 << OUTCOME, place << OUTCOME);
        }
        match filter.phone {
            Some(PhonePresence::Found) => want(HAS_PHONE, HAS_PHONE),
            Some(PhonePresence::Missing) => want(HAS_PHONE, 0),
            None => {}
        }
        match filter.has_issues {
            Some(true) => want(HAS_ISSUES, HAS_ISSUES),
            Some(false) => want(HAS_ISSUES, 0),
            None => {}
        }
        this.import = filter.import.map(|id| u32::try_from(id).unwrap_or(u32::MAX));
        this.country = filter.country.as_deref().map(|code_or_none| match code_or_none {
            "none" => 0,
            text => code(&text.to_ascii_uppercase()),
        });
        this
    }
}

impl FacetFilter {
    /// Whether a lead that is there matches.
    #[inline]
    pub(super) fn matches(&self, facets: &Facets) -> bool {
        facets.bits & self.mask == self.bits
            && self.import.is_none_or(|import| import == facets.import)
            && self.country.is_none_or(|country| country == facets.country)
    }
}

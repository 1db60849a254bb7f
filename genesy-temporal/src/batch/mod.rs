//! `enrich_batch.v1`: the waterfalls of any number of leads.
//!
//! # How it works
//!
//! The batch's workflow never holds a lead. It runs one activity after the other, a *slice*
//! (`run_leads.v1`). A slice reads leads from a [`LeadSource`], starts the run of each
//! (`phone_waterfall.v1`, by the rules of [`Client::start_phone`]), waits for their ends, and after
//! [`SLICE_TIME_DEFAULT`] gives back where it stands in the source, which runs are under way, and what has
//! ended. The next slice goes on from there.
//!
//! What is counted comes from what a slice gives back, and from nothing else: a lead leaves the list of
//! those that are under way in the same moment in which it is counted. Heartbeats hold the same state. If
//! a worker dies, another one goes on from the last heartbeat, or from what the slice was given; whatever
//! happened since is read again, started again, and joins what runs. A run that ended since the batch
//! began is taken as it ended, so that nobody is asked twice, and nothing is counted twice.
//!
//! Where the batch is cancelled before another worker has taken the slice of one that died, the server forgets
//! the heartbeat. The source is then read on from where that slice began, nobody is started, and the runs that
//! began since the batch did are followed or cancelled as the others are.
//!
//! A worker that was only cut off from the server stops its slice as soon as a heartbeat says that the
//! slice is another's. Until then both start leads, and so the rate and the number under way may be twice
//! what they should be, for some seconds. The providers' own limits hold all the same.
//!
//! # How much it holds
//!
//! A slice is 6 events of the workflow's history: three of its activity, three of the task behind it. Its
//! input and its result hold the plan, the ids of the leads under way and of at most
//! [`UNFINISHED_PER_SLICE_MAX`] that did not end well: a few KiB. A million leads, 50 a second, are
//! 1,000,000 / 50 / 10 = 2,000 slices, 12,000 events, and with [`HISTORY_EVENTS_MAX_DEFAULT`] 6 runs of
//! the workflow, each continued as the next. What goes from run to run is the input, the ids under way, and
//! at most [`NAMED_MAX`] names.
//!
//! # Limits
//!
//! | limit | default | set by |
//! |---|---|---|
//! | leads under way at a time, whose ids each slice holds | 100 ([`CONCURRENCY_MAX_DEFAULT`]), 1,000 at most ([`CONCURRENCY_MAX`]) | [`BatchRequest::concurrency_max`] |
//! | leads started a second | 50 ([`STARTS_PER_SECOND_DEFAULT`]) | [`BatchRequest::starts_per_second`] |
//! | one slice, from its first page on | 10 s ([`SLICE_TIME_DEFAULT`]), the time of two starts at the least | [`BatchRequest::slice_time`] |
//! | a slice without a heartbeat, until another worker takes it | 5 s ([`SLICE_LOST_AFTER`]) | nobody |
//! | a slice, tried again and again, with all waits for a worker | 24 h ([`SLICE_TRIED_FOR_MAX`]) | nobody |
//! | events of a run's history | 2,000 ([`HISTORY_EVENTS_MAX_DEFAULT`]) | [`BatchRequest::history_events_max`] |
//! | leads of a page | 500 ([`PAGE_LEADS_MAX`]) | nobody |
//! | one read of a source | 60 s ([`READ_TIME_MAX`]) | nobody |
//! | reads that fail, one after the other | 8 ([`READ_TRIES_MAX_DEFAULT`]), in about 2 minutes | [`BatchRequest::read_tries_max`] |
//! | a cursor | 1,024 bytes ([`CURSOR_BYTES_MAX`]) | nobody |
//! | what a source says of its failure | 500 characters ([`WHY_CHARACTERS_MAX`]); the rest is cut off | nobody |
//! | starts under way at a time | 16 ([`STARTS_UNDER_WAY_MAX`]) | nobody |
//! | leads behind the last one that a lost slice had started, where those are looked for | 500 ([`REJOIN_PAST_MAX`]), 500 a second | nobody |
//! | names in a result | 1,000 ([`NAMED_MAX`]) | nobody |
//!
//! [`Client::start_phone`]: crate::client::Client::start_phone
//! [`BatchRequest::concurrency_max`]: crate::client::BatchRequest::concurrency_max
//! [`BatchRequest::starts_per_second`]: crate::client::BatchRequest::starts_per_second
//! [`BatchRequest::slice_time`]: crate::client::BatchRequest::slice_time
//! [`BatchRequest::history_events_max`]: crate::client::BatchRequest::history_events_max
//! [`BatchRequest::read_tries_max`]: crate::client::BatchRequest::read_tries_max

mod activity;
mod counts;
mod csv_source;
mod id;
mod lead;
mod messages;
mod pace;
mod slice;
mod source;
mod state;
mod workflow;

use std::time::Duration;

pub(crate) use self::activity::Slices;
pub use self::counts::{BatchCounts, Unfinished, UnfinishedReason};
pub use self::csv_source::CsvSource;
pub use self::id::{BATCH_ID_BYTES_MAX, BatchId, BatchIdError};
pub use self::messages::{
    BatchEnd, BatchProgress, BatchResult, BatchState, BatchUnfinished, SourceFailure,
};
pub(crate) use self::messages::{BatchInput, BatchLimits, SoFar};
pub(crate) use self::slice::SliceState;
pub use self::source::{BatchLead, LeadSource, Page, SourceError, VecSource};
pub(crate) use self::workflow::EnrichBatch;

/// Leads under way at a time, where nobody says otherwise.
pub const CONCURRENCY_MAX_DEFAULT: u32 = 100;
/// Leads under way at a time in one batch at most: their ids go in and out of each slice.
pub const CONCURRENCY_MAX: u32 = 1000;
/// Leads started a second, where nobody says otherwise.
pub const STARTS_PER_SECOND_DEFAULT: u32 = 50;
/// How long a slice takes, where nobody says otherwise.
pub const SLICE_TIME_DEFAULT: Duration = Duration::from_secs(10);
/// How long a slice may take longer than that until it is tried again: a read, and starts that are slow.
pub const SLICE_GRACE: Duration = Duration::from_secs(120);
/// How long a slice may be silent until its worker is taken to be gone.
pub const SLICE_LOST_AFTER: Duration = Duration::from_secs(5);
/// How often a slice tells how far it is.
pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_millis(500);
/// How long a slice is tried, with all waits for a worker.
pub const SLICE_TRIED_FOR_MAX: Duration = Duration::from_secs(24 * 3600);
/// Events of the history of one run of the workflow, where nobody says otherwise.
pub const HISTORY_EVENTS_MAX_DEFAULT: u32 = 2000;
/// Leads that a source is asked for at a time.
pub const PAGE_LEADS_MAX: usize = 500;
/// How long a source may take for one page.
pub const READ_TIME_MAX: Duration = Duration::from_secs(60);
/// How often a source may fail, one time after the other, where nobody says otherwise.
pub const READ_TRIES_MAX_DEFAULT: u8 = 8;
/// The wait after a read that failed; it doubles each time.
const READ_RETRY_DELAY: Duration = Duration::from_secs(1);
/// A slice has the time for so many starts, whatever its length: else it would start none.
const SLICE_STARTS_MIN: u32 = 2;
/// When a batch is cancelled behind a slice that was lost with all that it knew, its leads are looked for in the
/// source, until so many in a row have no run since the batch began. Starts are in the source's order.
pub const REJOIN_PAST_MAX: usize = 500;
/// How many leads a second are looked for then.
const LOOKS_PER_SECOND: u32 = 500;
/// The longest wait after a read that failed.
const READ_RETRY_DELAY_MAX: Duration = Duration::from_secs(60);
/// Bytes of a source's cursor.
pub const CURSOR_BYTES_MAX: usize = 1024;
/// Characters of what a source says of its failure.
pub const WHY_CHARACTERS_MAX: usize = 500;
/// Leads that are being started at a time.
pub const STARTS_UNDER_WAY_MAX: usize = 16;
/// Leads that did not end well in one slice: it ends when there are as many.
pub const UNFINISHED_PER_SLICE_MAX: usize = 100;
/// Leads that did not end well and are named in the result.
pub const NAMED_MAX: usize = 1000;
/// The wait until a lead's result is asked for again, when the server could not be asked.
const FOLLOW_RETRY_DELAY: Duration = Duration::from_secs(1);

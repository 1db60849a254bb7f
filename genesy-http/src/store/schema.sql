-- A new store. Times are microseconds since the epoch, costs millionths of the plan's currency.
-- A table whose rows hold personal data says so: erasing a person goes through all of these.

-- The store's own facts: `store_id`, and `hash_key`, under which addresses are hashed.
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name TEXT NOT NULL,
    -- uploading, ready, importing, imported, failed, undoing, undone
    state TEXT NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0,
    -- What was decided about how it is read, as JSON.
    options TEXT NOT NULL DEFAULT '{}',
    -- Its columns, as a JSON array: the header and the field of each.
    columns TEXT,
    -- What the normalizer counted, as JSON.
    summary TEXT,
    -- How far it is: what stands behind this row is not in the store.
    rows_read INTEGER NOT NULL DEFAULT 0,
    -- How many rows it may have, by its sample.
    rows_estimate INTEGER,
    leads_new INTEGER NOT NULL DEFAULT 0,
    -- Leads whose address was in the store already.
    leads_known INTEGER NOT NULL DEFAULT 0,
    leads_suppressed INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    created_at INTEGER NOT NULL,
    imported_at INTEGER
) STRICT;

-- Personal data.
CREATE TABLE leads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Where it comes from; nothing if it was entered by hand.
    import_id INTEGER REFERENCES imports (id),
    row INTEGER,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    job_title TEXT,
    -- ISO 3166-1 alpha-2.
    country TEXT,
    company_name TEXT,
    company_domain TEXT,
    linkedin_url TEXT,
    years_in_role REAL,
    -- E.164 if it could be read as a number, else as entered.
    phone TEXT,
    phone_extension TEXT,
    phone_is_valid INTEGER,
    -- Further addresses and numbers, and the cells of columns that are no field, as JSON.
    extra TEXT,
    -- 64 bits of the keyed hash of the address in its normal form.
    email_key INTEGER,
    issues INTEGER NOT NULL DEFAULT 0,
    -- What the last verification said, and how far the one under way is: nothing, queued, running, ended.
    email_state TEXT,
    email_verdict TEXT,
    email_reason TEXT,
    -- What it means and what to do about it, as a sentence.
    email_words TEXT,
    email_at INTEGER,
    -- The same for the search of a phone; the outcome is that of the last run that ended, or the answer of
    -- one before it if it was cancelled or broke down.
    phone_state TEXT,
    phone_outcome TEXT,
    phone_provider TEXT,
    phone_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX leads_by_import ON leads (import_id, row);

-- Personal data: the raw cell. Of a row that became no lead, `lead_id` is nothing.
CREATE TABLE issues (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    row INTEGER NOT NULL,
    line INTEGER NOT NULL,
    -- Counted from 0; nothing for the row as a whole.
    column_index INTEGER,
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    action TEXT NOT NULL,
    raw TEXT NOT NULL,
    lead_id INTEGER REFERENCES leads (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX issues_by_import ON issues (import_id, row);
CREATE INDEX issues_by_lead ON issues (lead_id) WHERE lead_id IS NOT NULL;

-- Personal data: rows that were rejected, each as a line of CSV, to be mended and imported again.
CREATE TABLE rejected_rows (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    row INTEGER NOT NULL,
    csv BLOB NOT NULL,
    PRIMARY KEY (import_id, row)
) STRICT, WITHOUT ROWID;

-- Personal data: values that replaced others after the import, and where they come from: `user`,
-- `provider:` with its id, or `file:` with an import and a row. A value that is not here is the file's.
CREATE TABLE provenance (
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    value_before TEXT,
    PRIMARY KEY (lead_id, field, at)
) STRICT, WITHOUT ROWID;

-- What somebody asked for, for one lead or many.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- phone, email
    kind TEXT NOT NULL,
    -- running, paused, done, cancelled
    state TEXT NOT NULL,
    -- Which leads were asked for, as JSON: a filter, or a list.
    selection TEXT NOT NULL,
    -- What was decided about it, as JSON.
    options TEXT NOT NULL,
    -- Leads that are run for it, and those that were asked for and are not: under way for another job,
    -- answered before, never to be enriched, without what it takes.
    leads INTEGER NOT NULL DEFAULT 0,
    joined INTEGER NOT NULL DEFAULT 0,
    answered INTEGER NOT NULL DEFAULT 0,
    suppressed INTEGER NOT NULL DEFAULT 0,
    lacking INTEGER NOT NULL DEFAULT 0,
    -- The last lead that was looked at while its leads are collected; nothing if all are.
    filled_to INTEGER,
    charged_micros INTEGER NOT NULL DEFAULT 0,
    maybe_charged_micros INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

-- The last run of each lead and kind. Personal data: the snapshot and the result.
CREATE TABLE runs (
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    -- queued, running, ended
    state TEXT NOT NULL,
    -- Somebody wants it ended.
    is_cancelled INTEGER NOT NULL DEFAULT 0,
    -- How it ended: the name of a waterfall's outcome or of a verdict; `failed` if it broke down.
    outcome TEXT,
    -- The machine's snapshot: the journal of the embedded engine.
    snapshot BLOB,
    -- How far it is, and what was found out, as JSON.
    result TEXT,
    charged_micros INTEGER NOT NULL DEFAULT 0,
    maybe_charged_micros INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (lead_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_job ON runs (job_id, state);
CREATE INDEX runs_to_end ON runs (kind) WHERE is_cancelled AND state = 'queued';

-- How many runs a job has in each state, and with each outcome. A run that another job takes over after its
-- end stays counted here, and so does one whose lead is deleted after it.
CREATE TABLE job_counts (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    -- queued, running, or an outcome.
    name TEXT NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (job_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_counts_open ON job_counts (job_id) WHERE name IN ('queued', 'running') AND runs > 0;
CREATE TRIGGER runs_counted AFTER INSERT ON runs BEGIN
    INSERT INTO job_counts (job_id, name, runs)
        VALUES (NEW.job_id, coalesce(NEW.outcome, NEW.state), 1)
        ON CONFLICT (job_id, name) DO UPDATE SET runs = runs + 1;
END;
CREATE TRIGGER runs_counted_anew AFTER UPDATE OF job_id, state, outcome ON runs
WHEN OLD.job_id <> NEW.job_id OR coalesce(OLD.outcome, OLD.state) <> coalesce(NEW.outcome, NEW.state)
BEGIN
    UPDATE job_counts SET runs = runs - 1
        WHERE job_id = OLD.job_id AND name = coalesce(OLD.outcome, OLD.state)
        AND (OLD.job_id = NEW.job_id OR OLD.outcome IS NULL);
    INSERT INTO job_counts (job_id, name, runs)
        VALUES (NEW.job_id, coalesce(NEW.outcome, NEW.state), 1)
        ON CONFLICT (job_id, name) DO UPDATE SET runs = runs + 1;
END;
CREATE TRIGGER runs_uncounted AFTER DELETE ON runs WHEN OLD.outcome IS NULL BEGIN
    UPDATE job_counts SET runs = runs - 1 WHERE job_id = OLD.job_id AND name = OLD.state;
END;

-- The ledger: one row a call of a provider, also of earlier runs. A run whose plan has changed begins anew, so
-- that the same attempt of the same step may be there at several times.
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    step INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    provider TEXT NOT NULL,
    at INTEGER NOT NULL,
    took_us INTEGER NOT NULL,
    result TEXT NOT NULL,
    -- What happened, in words.
    why TEXT NOT NULL,
    charge TEXT NOT NULL,
    cost_micros INTEGER NOT NULL,
    UNIQUE (lead_id, at, step, attempt)
) STRICT;

-- Everything that happened, for those who watch. No personal data.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    lead_id INTEGER,
    job_id INTEGER,
    -- The event as JSON, as it is sent.
    data TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_lead ON events (lead_id) WHERE lead_id IS NOT NULL;

-- Who is never enriched: an address or a domain, hashed, since who is to be forgotten must not stand here.
CREATE TABLE suppressions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- email, domain
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (kind, key)
) STRICT;

-- Answers that were given to requests with an Idempotency-Key.
CREATE TABLE idempotency (
    key TEXT NOT NULL,
    route TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    -- Nothing while the first request is under way.
    status INTEGER,
    headers TEXT,
    body BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (key, route)
) STRICT, WITHOUT ROWID;

-- Version 3: what somebody wants ended is known behind a restart, a run that is begun anew keeps what it paid, and
-- a verdict has its words.

-- What the last verification means and what to do about it, as a sentence.
ALTER TABLE leads ADD COLUMN email_words TEXT;

-- Somebody wants the run ended.
ALTER TABLE runs ADD COLUMN is_cancelled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_to_end ON runs (kind) WHERE is_cancelled AND state = 'queued';

-- The ledger: one row a call of a provider, also of earlier runs. A run whose plan has changed begins anew, so
-- that the same attempt of the same step may be there at several times.
CREATE TABLE calls (
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
INSERT OR IGNORE INTO calls SELECT * FROM attempts ORDER BY id;
DROP TABLE attempts;
ALTER TABLE calls RENAME TO attempts;

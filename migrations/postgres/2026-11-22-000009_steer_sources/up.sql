-- Who asked for a source that an operator must approve, who decided, and who deleted it under which name. A source without a
-- row was made by an operator.
CREATE TABLE source_standings (
    source_id TEXT PRIMARY KEY NOT NULL REFERENCES harvest_sources (id),
    proposed_by TEXT,
    approved_at BIGINT,
    approved_by TEXT,
    deleted_at BIGINT,
    deleted_by TEXT,
    deleted_slug TEXT
);

-- Every version of a source's mapping rules, as it was written; the newest is in force.
CREATE TABLE source_rules (
    source_id TEXT NOT NULL REFERENCES harvest_sources (id),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (source_id, version)
);

-- Whom to tell how a source's harvests ended: a mailbox, or a web address whose secret is sealed.
CREATE TABLE source_contacts (
    id TEXT PRIMARY KEY NOT NULL,
    source_id TEXT NOT NULL REFERENCES harvest_sources (id),
    kind TEXT NOT NULL,
    shown TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    occasion TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX source_contacts_source_idx ON source_contacts (source_id);

-- One report to one contact of one thing that became of one job, written in the transaction in which it became so.
CREATE TABLE harvest_reports (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    contact_id TEXT NOT NULL REFERENCES source_contacts (id) ON DELETE CASCADE,
    told TEXT NOT NULL,
    source_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at BIGINT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (job_id, contact_id, told)
);
CREATE INDEX harvest_reports_due_idx ON harvest_reports (state, next_try_at);
CREATE INDEX harvest_reports_source_idx ON harvest_reports (source_id, created_at);

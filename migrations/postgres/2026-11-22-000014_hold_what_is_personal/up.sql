-- The personal-data gate: by which rules a description was screened, what the screen said of what is public, and what waits for
-- a reviewer. Reports hold masked examples only.

ALTER TABLE datasets ADD COLUMN screened_rules TEXT;
ALTER TABLE datasets ADD COLUMN screened_at BIGINT;

-- How the gate is set, one row for each change; the last one holds. `swept_after` is how far public content was screened again
-- since, `swept_at` when that was done.
CREATE TABLE gate_settings (
    number BIGINT PRIMARY KEY NOT NULL,
    rules TEXT NOT NULL,
    mode TEXT NOT NULL,
    declared_at BIGINT NOT NULL,
    swept_after TEXT NOT NULL,
    swept_at BIGINT
);

-- What the screen said of each subject's present content. A description that passes without a word has no row.
CREATE TABLE screen_reports (
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    rules TEXT NOT NULL,
    verdict TEXT NOT NULL,
    report TEXT NOT NULL,
    hold_id TEXT,
    screened_at BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id)
);
CREATE INDEX screen_reports_dataset_idx ON screen_reports (dataset_id);

-- What waits, and what was decided. `whole` says that nothing of the dataset is public meanwhile; `waiting` is what becomes
-- public on release, where it is no file.
CREATE TABLE holds (
    id TEXT PRIMARY KEY NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    publisher_id TEXT,
    source_id TEXT,
    authors TEXT NOT NULL,
    name TEXT NOT NULL,
    whole BOOLEAN NOT NULL,
    content_hash TEXT NOT NULL,
    rules TEXT NOT NULL,
    report TEXT NOT NULL,
    waiting TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    reason TEXT,
    because TEXT,
    repairs TEXT,
    applied_at BIGINT
);
CREATE UNIQUE INDEX holds_open_key ON holds (subject_kind, subject_id) WHERE state = 'open';
CREATE INDEX holds_subject_idx ON holds (subject_kind, subject_id, id);
CREATE INDEX holds_dataset_idx ON holds (dataset_id);
CREATE INDEX holds_state_idx ON holds (state, id);

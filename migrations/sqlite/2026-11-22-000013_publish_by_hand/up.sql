-- Publishing by hand: who may do what for a publisher, drafts and their way, the audit.

-- Who did what; the journal's entry of the same number holds the digest of the row. `before` and `after` are JSON.
CREATE TABLE audit_entries (
    number BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    publisher_id TEXT,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    action TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    comment TEXT
);
CREATE INDEX audit_entries_publisher_idx ON audit_entries (publisher_id, number);
CREATE INDEX audit_entries_subject_idx ON audit_entries (subject_kind, subject_id, number);
CREATE INDEX audit_entries_actor_idx ON audit_entries (actor, number);

-- The tree of publishers; one without a row hangs on its own.
CREATE TABLE publisher_parents (
    publisher_id TEXT PRIMARY KEY NOT NULL REFERENCES publishers (id),
    parent_id TEXT NOT NULL REFERENCES publishers (id),
    since BIGINT NOT NULL
);
CREATE INDEX publisher_parents_parent_idx ON publisher_parents (parent_id);

-- Rights beside what accounts' own roles give. A delegation names whose role it is, and ends.
CREATE TABLE publisher_grants (
    id TEXT PRIMARY KEY NOT NULL,
    publisher_id TEXT NOT NULL REFERENCES publishers (id),
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    delegated_from TEXT,
    created_at BIGINT NOT NULL,
    ends_at BIGINT
);
CREATE INDEX publisher_grants_account_idx ON publisher_grants (account_id, publisher_id);
CREATE INDEX publisher_grants_publisher_idx ON publisher_grants (publisher_id);

CREATE TABLE publisher_invitations (
    id TEXT PRIMARY KEY NOT NULL,
    publisher_id TEXT NOT NULL REFERENCES publishers (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    digest TEXT NOT NULL CONSTRAINT publisher_invitations_digest_key UNIQUE,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    grant_ends_at BIGINT
);
CREATE INDEX publisher_invitations_publisher_idx ON publisher_invitations (publisher_id);

-- How a publisher wants drafts reviewed; one without a row follows the nearest above it.
CREATE TABLE review_policies (
    publisher_id TEXT PRIMARY KEY NOT NULL REFERENCES publishers (id),
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Versions of datasets on their way. Nothing here is public. `due_at` is when the portal has to act by itself: a release, or
-- the end of an objection window. A dataset has one open draft at most.
CREATE TABLE drafts (
    id TEXT PRIMARY KEY NOT NULL,
    dataset_id TEXT NOT NULL,
    slug TEXT NOT NULL,
    publisher_id TEXT NOT NULL REFERENCES publishers (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    origin TEXT NOT NULL,
    base_version INTEGER,
    stage TEXT NOT NULL,
    stage_document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    authors TEXT NOT NULL,
    returns TEXT NOT NULL,
    wish TEXT NOT NULL,
    problem TEXT,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    closed_at BIGINT
);
CREATE UNIQUE INDEX drafts_open_key ON drafts (dataset_id) WHERE closed_at IS NULL;
CREATE INDEX drafts_publisher_idx ON drafts (publisher_id, stage, id);
CREATE INDEX drafts_due_idx ON drafts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX drafts_slug_idx ON drafts (slug);

-- What a draft was at each of its revisions, while it is open: conflicts are told by it.
CREATE TABLE draft_revisions (
    draft_id TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    PRIMARY KEY (draft_id, revision)
);

-- Files of drafts; `tables` is JSON with the snapshots, whose objects lie in the object store.
CREATE TABLE draft_files (
    draft_id TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    distribution_id TEXT NOT NULL,
    name TEXT NOT NULL,
    file_name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    source_hash TEXT NOT NULL,
    tables TEXT NOT NULL,
    uploaded BOOLEAN NOT NULL,
    restored BOOLEAN NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (draft_id, distribution_id)
);

-- Which snapshots drafts name, so that their objects stay.
CREATE TABLE draft_snapshots (
    draft_id TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    distribution_id TEXT NOT NULL,
    snapshot_key TEXT NOT NULL,
    PRIMARY KEY (draft_id, distribution_id, snapshot_key)
);
CREATE INDEX draft_snapshots_key_idx ON draft_snapshots (snapshot_key);

-- Which versions of which tables a version published by hand came with: they are kept as long as it is.
CREATE TABLE dataset_version_tables (
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    version INTEGER NOT NULL,
    table_id TEXT NOT NULL,
    table_version INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, version, table_id)
);
CREATE INDEX dataset_version_tables_table_idx ON dataset_version_tables (table_id, table_version);

-- Distributions of datasets made here whose files are fetched again on a schedule.
CREATE TABLE distribution_refreshes (
    distribution_id TEXT PRIMARY KEY NOT NULL,
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    url TEXT NOT NULL,
    schedule TEXT NOT NULL,
    next_at BIGINT,
    last_at BIGINT
);
CREATE INDEX distribution_refreshes_due_idx ON distribution_refreshes (next_at);

-- Who withdrew a dataset by hand: its source does not bring it back.
ALTER TABLE datasets ADD COLUMN withdrawn_by TEXT;

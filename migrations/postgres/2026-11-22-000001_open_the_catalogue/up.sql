-- Moments are microseconds since 1970 (UTC), ids are UUIDs as text, documents are JSON as text, digests are hexadecimal.

-- Every change of public state, numbered under a lock and chained by hash.
CREATE TABLE journal (
    seq BIGINT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    payload TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX journal_subject_idx ON journal (subject_kind, subject_id, seq);

-- The one row that numbers the journal: whoever updates it holds the pen until the transaction ends.
CREATE TABLE journal_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO journal_head (id, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE publishers (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL CONSTRAINT publishers_slug_key UNIQUE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE harvest_sources (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL CONSTRAINT harvest_sources_slug_key UNIQUE,
    url TEXT NOT NULL,
    kind TEXT,
    publisher_id TEXT REFERENCES publishers (id),
    interval_secs BIGINT,
    brake_percent INTEGER NOT NULL,
    brake_least INTEGER NOT NULL,
    state TEXT NOT NULL,
    validators TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Background work: a row is claimed by lease and taken over when its holder dies.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    progress TEXT NOT NULL,
    error TEXT,
    attempts INTEGER NOT NULL,
    run_after BIGINT NOT NULL,
    lease_holder TEXT,
    leased_until BIGINT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX jobs_state_idx ON jobs (state, run_after);
CREATE INDEX jobs_subject_idx ON jobs (subject_id, created_at);

-- One row for each record of a harvest, with the one outcome it came to.
CREATE TABLE harvest_records (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    source_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_key TEXT NOT NULL,
    title TEXT NOT NULL,
    outcome TEXT NOT NULL,
    dataset_id TEXT,
    raw_hash TEXT,
    findings TEXT NOT NULL,
    PRIMARY KEY (job_id, seq)
);

-- Records as their source gave them, compressed (zstd), by the digest of the uncompressed bytes.
CREATE TABLE raw_records (
    hash TEXT PRIMARY KEY NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE datasets (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL CONSTRAINT datasets_slug_key UNIQUE,
    kind TEXT NOT NULL,
    publisher_id TEXT REFERENCES publishers (id),
    source_id TEXT REFERENCES harvest_sources (id),
    source_key TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    raw_hash TEXT,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_reason TEXT
);
CREATE UNIQUE INDEX datasets_source_key ON datasets (source_id, source_key);
CREATE INDEX datasets_publisher_idx ON datasets (publisher_id);

-- Versions that a newer one has replaced; the current one is in `datasets`.
CREATE TABLE dataset_versions (
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    version INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    raw_hash TEXT,
    document TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (dataset_id, version)
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL CONSTRAINT accounts_email_key UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    publisher_id TEXT REFERENCES publishers (id),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    digest TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- An application's number is the party that limits and the meter see.
CREATE TABLE applications (
    number BIGINT PRIMARY KEY NOT NULL,
    id TEXT NOT NULL CONSTRAINT applications_id_key UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    plan TEXT NOT NULL,
    terms_version TEXT NOT NULL,
    verification_digest TEXT,
    verified_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY NOT NULL,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    digest TEXT NOT NULL CONSTRAINT api_keys_digest_key UNIQUE,
    hint TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_application_idx ON api_keys (application_id);

CREATE TABLE tariffs (
    version INTEGER PRIMARY KEY NOT NULL,
    document TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    valid_from BIGINT NOT NULL
);

-- How far each node's usage segments have been summed up.
CREATE TABLE usage_positions (
    node TEXT NOT NULL,
    segment BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (node, segment)
);

-- Usage sums; `period` is `minute` or `day`, `starts_at` is in seconds, `dataset_id` is empty where none is concerned.
CREATE TABLE usage_sums (
    period TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    party BIGINT NOT NULL,
    plan TEXT NOT NULL,
    class TEXT NOT NULL,
    operation TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    status_class INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    units BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    latency_micros BIGINT NOT NULL,
    PRIMARY KEY (period, starts_at, party, plan, class, operation, dataset_id, status_class)
);
CREATE INDEX usage_sums_party_idx ON usage_sums (party, period, starts_at);

-- What has been leased out of each quota window.
CREATE TABLE quota_use (
    party BIGINT NOT NULL,
    policy TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    window_secs BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (party, policy, window_start)
);
CREATE INDEX quota_use_window_idx ON quota_use (window_start);

-- Citizens who follow, ask and support. Of each nothing is kept but the confirmed address: sealed, and found by its keyed digest.

CREATE TABLE citizens (
    id TEXT PRIMARY KEY NOT NULL,
    email_digest TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    generation INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX citizens_email_digest_key ON citizens (email_digest);

-- Acts that wait until their address is confirmed: nothing of them stands anywhere else before.
CREATE TABLE confirmations (
    digest TEXT PRIMARY KEY NOT NULL,
    email_digest TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX confirmations_email_idx ON confirmations (email_digest);
CREATE INDEX confirmations_expiry_idx ON confirmations (expires_at);

-- `subject` is an id, or the digest of a search, which then stands in `search` as JSON. Changes up to `since_seq` of the journal
-- are not told.
CREATE TABLE follows (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    search TEXT,
    channel TEXT NOT NULL,
    rhythm TEXT NOT NULL,
    shown TEXT,
    sealed BYTEA,
    since_seq BIGINT NOT NULL,
    told_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX follows_citizen_idx ON follows (citizen_id);
CREATE INDEX follows_subject_idx ON follows (kind, subject);

-- `delivery_id` is null until the change is on its way, and empty where nothing is delivered.
CREATE TABLE follow_news (
    follow_id TEXT NOT NULL REFERENCES follows (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    dataset_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    delivery_id TEXT,
    PRIMARY KEY (follow_id, seq)
);
CREATE INDEX follow_news_waiting_idx ON follow_news (follow_id, at) WHERE delivery_id IS NULL;
CREATE INDEX follow_news_delivery_idx ON follow_news (delivery_id);
CREATE INDEX follow_news_at_idx ON follow_news (at);

CREATE TABLE follow_deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id) ON DELETE CASCADE,
    follow_id TEXT,
    channel TEXT NOT NULL,
    changes BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at BIGINT NOT NULL,
    error TEXT,
    letter_id TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX follow_deliveries_due_idx ON follow_deliveries (state, next_try_at);
CREATE INDEX follow_deliveries_citizen_idx ON follow_deliveries (citizen_id, created_at);
CREATE INDEX follow_deliveries_created_idx ON follow_deliveries (created_at);

-- Which series a public dataset says it belongs to: by the series' address or identifier. It can be made again.
CREATE TABLE dataset_series (
    dataset_id TEXT NOT NULL,
    series TEXT NOT NULL,
    PRIMARY KEY (dataset_id, series)
);
CREATE INDEX dataset_series_series_idx ON dataset_series (series);

CREATE TABLE questions (
    id TEXT PRIMARY KEY NOT NULL,
    dataset_id TEXT NOT NULL,
    citizen_id TEXT REFERENCES citizens (id) ON DELETE SET NULL,
    question TEXT NOT NULL,
    answer TEXT,
    answered_at BIGINT,
    hidden_at BIGINT,
    hidden_reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX questions_dataset_idx ON questions (dataset_id, id);
CREATE INDEX questions_citizen_idx ON questions (citizen_id);

CREATE TABLE data_requests (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT REFERENCES citizens (id) ON DELETE SET NULL,
    publisher_id TEXT,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    supporters BIGINT NOT NULL,
    answer TEXT,
    answered_at BIGINT,
    dataset_id TEXT,
    hidden_at BIGINT,
    hidden_reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX data_requests_state_idx ON data_requests (state, id);
CREATE INDEX data_requests_supporters_idx ON data_requests (supporters, id);
CREATE INDEX data_requests_citizen_idx ON data_requests (citizen_id);

CREATE TABLE request_supports (
    request_id TEXT NOT NULL REFERENCES data_requests (id) ON DELETE CASCADE,
    citizen_id TEXT NOT NULL REFERENCES citizens (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (request_id, citizen_id)
);
CREATE INDEX request_supports_citizen_idx ON request_supports (citizen_id);

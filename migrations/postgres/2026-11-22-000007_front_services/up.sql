-- Agency APIs that the portal stands in front of. The document holds what anybody may read; credentials are sealed with the
-- portal's secret and are in no document. A service that has been opened has an entry in the catalogue.
CREATE TABLE data_services (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL CONSTRAINT data_services_slug_key UNIQUE,
    publisher_id TEXT NOT NULL REFERENCES publishers (id),
    dataset_id TEXT REFERENCES datasets (id),
    state TEXT NOT NULL,
    reason TEXT,
    document TEXT NOT NULL,
    openapi TEXT,
    search_words TEXT NOT NULL,
    credentials_kind TEXT NOT NULL,
    credentials BYTEA,
    revision INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    approved_at BIGINT,
    opened_at BIGINT
);
CREATE INDEX data_services_publisher_idx ON data_services (publisher_id, slug);
CREATE INDEX data_services_dataset_idx ON data_services (dataset_id);

-- How each service was when somebody last looked, who looks now, and when to look again.
CREATE TABLE service_health (
    service_id TEXT PRIMARY KEY NOT NULL REFERENCES data_services (id),
    next_at BIGINT NOT NULL,
    lease_holder TEXT,
    leased_until BIGINT,
    checked_at BIGINT,
    outcome TEXT,
    since_at BIGINT,
    http_status INTEGER,
    latency_micros BIGINT,
    problem TEXT
);
CREATE INDEX service_health_due_idx ON service_health (next_at);

CREATE TABLE service_health_days (
    service_id TEXT NOT NULL REFERENCES data_services (id),
    day TEXT NOT NULL,
    checks BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    PRIMARY KEY (service_id, day)
);

-- Loads: jobs of a kind go by lanes (the host that they ask), so that a slow host keeps no other waiting, and remember
-- what they came from (the harvest source).
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN origin TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_lane_idx ON jobs (kind, state, lane, run_after);
CREATE INDEX jobs_origin_idx ON jobs (origin, kind, state);

-- What one file of a distribution holds, under one name, through all its versions.
CREATE TABLE tables (
    id TEXT PRIMARY KEY NOT NULL,
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    distribution_id TEXT NOT NULL,
    slug TEXT NOT NULL CONSTRAINT tables_slug_key UNIQUE,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    uploaded BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    snapshot_key TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    column_titles TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_reason TEXT
);
CREATE INDEX tables_dataset_idx ON tables (dataset_id, id);
CREATE INDEX tables_distribution_idx ON tables (distribution_id);

-- Every version that can still be read, the current one included; the document is the snapshot's description.
CREATE TABLE table_versions (
    table_id TEXT NOT NULL REFERENCES tables (id),
    version INTEGER NOT NULL,
    snapshot_key TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    document TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    change TEXT NOT NULL,
    loaded_at BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (table_id, version)
);
CREATE INDEX table_versions_snapshot_idx ON table_versions (snapshot_key);

-- What we know of the file behind a distribution, to ask for it only when it is new.
CREATE TABLE distribution_files (
    distribution_id TEXT PRIMARY KEY NOT NULL,
    dataset_id TEXT NOT NULL REFERENCES datasets (id),
    url TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    source_hash TEXT,
    loader TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    loaded_at BIGINT,
    check_after BIGINT
);
CREATE INDEX distribution_files_due_idx ON distribution_files (check_after);
CREATE INDEX distribution_files_dataset_idx ON distribution_files (dataset_id);

-- Snapshots that no version names any more; their objects go after a while, when no reader can be at them.
CREATE TABLE retired_snapshots (
    snapshot_key TEXT PRIMARY KEY NOT NULL,
    retired_at BIGINT NOT NULL
);

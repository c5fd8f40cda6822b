-- How good the descriptions of public datasets are, and whether their links answer. All of it can be made again from the
-- catalogue and the network; `follower_positions` says how far in the journal a follower has come.

CREATE TABLE follower_positions (
    follower TEXT PRIMARY KEY NOT NULL,
    position BIGINT NOT NULL
);

-- `missing` has a bit for each indicator that is not met.
CREATE TABLE dataset_quality (
    dataset_id TEXT PRIMARY KEY NOT NULL,
    publisher_id TEXT,
    missing INTEGER NOT NULL,
    points INTEGER NOT NULL,
    stars INTEGER NOT NULL,
    measured_at BIGINT NOT NULL
);
CREATE INDEX dataset_quality_publisher_idx ON dataset_quality (publisher_id, points);

-- `id` is the digest of the address. A link that nobody lists any longer is forgotten when its turn comes.
CREATE TABLE link_checks (
    id TEXT PRIMARY KEY NOT NULL,
    url TEXT NOT NULL,
    status INTEGER,
    problem TEXT,
    failures INTEGER NOT NULL,
    checked_at BIGINT,
    next_at BIGINT NOT NULL
);
CREATE INDEX link_checks_due_idx ON link_checks (next_at);

CREATE TABLE dataset_links (
    dataset_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    PRIMARY KEY (dataset_id, link_id)
);
CREATE INDEX dataset_links_link_idx ON dataset_links (link_id);

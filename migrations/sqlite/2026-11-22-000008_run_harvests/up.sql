-- When a source is harvested (a cron expression with its time zone, instead of `interval_secs`), and for how long a dataset
-- that it no longer lists stays public, in seconds.
ALTER TABLE harvest_sources ADD COLUMN cron TEXT;
ALTER TABLE harvest_sources ADD COLUMN grace_secs BIGINT NOT NULL DEFAULT 0;

-- Since when its source no longer lists it, while the grace period lasts; and the dataset that it is shown as, when another
-- source lists the same one.
ALTER TABLE datasets ADD COLUMN missing_since BIGINT;
ALTER TABLE datasets ADD COLUMN same_as TEXT;
CREATE INDEX datasets_same_as_idx ON datasets (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX datasets_missing_idx ON datasets (source_id) WHERE missing_since IS NOT NULL;

-- What a dry run would have done, dataset by dataset; `fields` is JSON.
CREATE TABLE harvest_changes (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    source_key TEXT NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (job_id, seq)
);

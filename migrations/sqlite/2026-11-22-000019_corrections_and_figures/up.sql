-- What an agency says of a harvested dataset in place of what its source says, field by field; values are JSON. `original` is what
-- the source said last; `source_changed_at` since when that is something else than when the field was corrected.
CREATE TABLE dataset_corrections (
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    original TEXT NOT NULL,
    corrected_at BIGINT NOT NULL,
    corrected_by TEXT NOT NULL,
    source_changed_at BIGINT,
    PRIMARY KEY (dataset_id, field)
) WITHOUT ROWID;

-- How well persons hid in the published version of a file, as digests of combinations: what its next version is compared with.
CREATE TABLE screen_figures (
    distribution_id TEXT PRIMARY KEY NOT NULL,
    content_hash TEXT NOT NULL,
    figures BLOB NOT NULL,
    noted_at BIGINT NOT NULL
);

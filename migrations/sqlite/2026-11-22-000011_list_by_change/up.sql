-- When each dataset last became or ceased to be what is public, so that whoever follows can go on from a moment at a cost that
-- does not depend on how much there is.
ALTER TABLE datasets ADD COLUMN changed_at BIGINT GENERATED ALWAYS AS (COALESCE(withdrawn_at, updated_at)) VIRTUAL;
CREATE INDEX datasets_changed_idx ON datasets (changed_at, id);
CREATE INDEX datasets_publisher_changed_idx ON datasets (publisher_id, changed_at, id);

-- What is public, by id and by name, without reading documents.
CREATE INDEX datasets_public_id_idx ON datasets (id) WHERE state = 'published';
CREATE INDEX datasets_public_slug_idx ON datasets (slug) WHERE state = 'published';

-- Themes by a name of our own, since sources name them by IRIs and by words; and what belongs to each, withdrawn datasets too.
CREATE TABLE themes (
    slug TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    iri TEXT
);
CREATE TABLE dataset_themes (
    dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    theme TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (dataset_id, theme)
) WITHOUT ROWID;
CREATE INDEX dataset_themes_changed_idx ON dataset_themes (theme, changed_at, dataset_id);

DROP TABLE dataset_themes;
DROP TABLE themes;
DROP INDEX datasets_public_slug_idx;
DROP INDEX datasets_public_id_idx;
DROP INDEX datasets_publisher_changed_idx;
DROP INDEX datasets_changed_idx;
ALTER TABLE datasets DROP COLUMN changed_at;

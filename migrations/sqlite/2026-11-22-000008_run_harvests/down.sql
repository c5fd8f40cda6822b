DROP TABLE harvest_changes;
DROP INDEX datasets_missing_idx;
DROP INDEX datasets_same_as_idx;
ALTER TABLE datasets DROP COLUMN same_as;
ALTER TABLE datasets DROP COLUMN missing_since;
ALTER TABLE harvest_sources DROP COLUMN grace_secs;
ALTER TABLE harvest_sources DROP COLUMN cron;

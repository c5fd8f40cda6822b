DROP TABLE retired_snapshots;
DROP TABLE distribution_files;
DROP TABLE table_versions;
DROP TABLE tables;
DELETE FROM jobs WHERE kind = 'load';
DROP INDEX jobs_origin_idx;
DROP INDEX jobs_lane_idx;
ALTER TABLE jobs DROP COLUMN origin;
ALTER TABLE jobs DROP COLUMN lane;

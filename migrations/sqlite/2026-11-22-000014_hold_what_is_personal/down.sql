DROP TABLE holds;
DROP TABLE screen_reports;
DROP TABLE gate_settings;
ALTER TABLE datasets DROP COLUMN screened_at;
ALTER TABLE datasets DROP COLUMN screened_rules;

DROP TABLE plan_reviews;
DROP INDEX applications_plan_idx;
DROP TABLE plan_notices;
DROP TABLE register_entries;
DROP INDEX journal_kind_idx;
DROP INDEX tariffs_valid_from_key;

DROP TABLE column_words;
DROP TABLE publishing_tokens;
DROP TABLE quiet_accounts;
DROP TABLE work_notices;

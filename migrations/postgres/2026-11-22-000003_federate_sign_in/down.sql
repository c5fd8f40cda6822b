DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP TABLE sign_in_links;
DROP TABLE sign_in_attempts;
DROP TABLE identities;
DROP TABLE sessions;
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
ALTER TABLE accounts DROP COLUMN email_verified_at;

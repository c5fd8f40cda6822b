-- Whether somebody proved that the address is theirs, and when.
ALTER TABLE accounts ADD COLUMN email_verified_at BIGINT;

-- Sessions that had begun end here: they said too little. `stage` is `open`, `second-factor` or `enrolment`.
DROP TABLE sessions;
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY NOT NULL,
    id TEXT NOT NULL CONSTRAINT sessions_id_key UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_account_idx ON sessions (account_id);

-- Who a person is to an identity provider. A person has one identity at each.
CREATE TABLE identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email TEXT,
    linked_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject),
    CONSTRAINT identities_account_provider_key UNIQUE (account_id, provider)
);

-- Sign-ins that are under way at a provider: by the digest of `state`, bound to one browser, used once.
CREATE TABLE sign_in_attempts (
    digest TEXT PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    browser_digest TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

-- What a mailed link, or a page that waits for a proof, stands for: used once. Addresses stand here as digests.
CREATE TABLE sign_in_links (
    digest TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    email_digest TEXT NOT NULL,
    browser_digest TEXT,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Second factors (RFC 6238). Unconfirmed ones do nothing yet.
CREATE TABLE second_factors (
    account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT
);

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    PRIMARY KEY (account_id, digest)
);

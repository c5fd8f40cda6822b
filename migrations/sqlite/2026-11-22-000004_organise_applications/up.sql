-- Organisations, what keys are for, how owners without an account come in, and letters that wait.

CREATE TABLE organisations (
    id TEXT PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL CONSTRAINT organisations_slug_key UNIQUE,
    name TEXT NOT NULL,
    domain TEXT,
    verified_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE organisation_members (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, account_id)
);
CREATE INDEX organisation_members_account_idx ON organisation_members (account_id);

CREATE TABLE organisation_invitations (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    digest TEXT NOT NULL CONSTRAINT organisation_invitations_digest_key UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX organisation_invitations_organisation_idx ON organisation_invitations (organisation_id);

-- Whose the application is: an organisation's, or (empty) whoever's the address is.
ALTER TABLE applications ADD COLUMN organisation_id TEXT;
-- Whether letters about quotas are wanted.
ALTER TABLE applications ADD COLUMN quota_letters BOOLEAN NOT NULL DEFAULT 1;
ALTER TABLE applications ADD COLUMN closed_at BIGINT;
CREATE INDEX applications_organisation_idx ON applications (organisation_id);
CREATE INDEX applications_email_idx ON applications (email);

-- What the key is for: bits of operation classes, and 128 for managing its application; 159 is everything.
ALTER TABLE api_keys ADD COLUMN scopes INTEGER NOT NULL DEFAULT 159;
-- From where it may come, as a document; empty: from anywhere.
ALTER TABLE api_keys ADD COLUMN restrictions TEXT;
-- The last use that was written down, to the minute.
ALTER TABLE api_keys ADD COLUMN last_used_at BIGINT;

-- Ways in for owners without an account: `link` as mailed, `session` once it was opened.
CREATE TABLE owner_sessions (
    digest TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX owner_sessions_expiry_idx ON owner_sessions (expires_at);

-- Letters on their way; a letter that was handed over is deleted. The text is sealed: it may hold links that open doors.
CREATE TABLE letters (
    id TEXT PRIMARY KEY NOT NULL,
    recipient TEXT NOT NULL,
    sealed BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    failed_at BIGINT,
    error TEXT
);
CREATE INDEX letters_due_idx ON letters (next_try_at);

-- Quota letters that were written: each once for a window.
CREATE TABLE quota_letters (
    party BIGINT NOT NULL,
    policy TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    percent INTEGER NOT NULL,
    written_at BIGINT NOT NULL,
    PRIMARY KEY (party, policy, window_start, percent)
) WITHOUT ROWID;

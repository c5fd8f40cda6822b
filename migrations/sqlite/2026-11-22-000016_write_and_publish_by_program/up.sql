-- Letters about drafts and holds, tokens of programs that publish, and what people say of columns.

-- What people of a publisher are to be told by letter; gone as soon as the letters are queued. `held` counts what the gate holds.
CREATE TABLE work_notices (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    draft_id TEXT,
    publisher_id TEXT REFERENCES publishers (id) ON DELETE CASCADE,
    actor TEXT NOT NULL,
    authors TEXT NOT NULL,
    title TEXT NOT NULL,
    held BIGINT NOT NULL,
    due_at BIGINT NOT NULL
);
CREATE INDEX work_notices_due_idx ON work_notices (due_at);
CREATE INDEX work_notices_kind_idx ON work_notices (kind, publisher_id);

-- Who wants none of these letters.
CREATE TABLE quiet_accounts (
    account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    since BIGINT NOT NULL
);

-- Tokens by which a program acts for a person, for one publisher. A revoked one has no row.
CREATE TABLE publishing_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    publisher_id TEXT NOT NULL REFERENCES publishers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    digest TEXT NOT NULL CONSTRAINT publishing_tokens_digest_key UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX publishing_tokens_account_idx ON publishing_tokens (account_id);
CREATE INDEX publishing_tokens_publisher_idx ON publishing_tokens (publisher_id);

-- What people say of columns of tables, by the column's name: later versions of the table are told so too.
CREATE TABLE column_words (
    table_id TEXT NOT NULL REFERENCES tables (id) ON DELETE CASCADE,
    column_name TEXT NOT NULL,
    title TEXT,
    description TEXT,
    PRIMARY KEY (table_id, column_name)
);

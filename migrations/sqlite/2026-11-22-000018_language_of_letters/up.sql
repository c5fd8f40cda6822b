-- The language that somebody's letters are written in: the one of the pages that they registered on or chose while signed in.
CREATE TABLE account_languages (
    account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    language TEXT NOT NULL
);

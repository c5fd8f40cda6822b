-- No two versions begin at the same instant.
CREATE UNIQUE INDEX tariffs_valid_from_key ON tariffs (valid_from);

-- Conduct is read kind by kind, newest first.
CREATE INDEX journal_kind_idx ON journal (kind, seq);

-- The public register: exceptions, suspensions (by number), exclusive arrangements, refusals, plans given by hand. What was
-- published is the document, whose digest stands in the journal; the other columns are for finding it.
CREATE TABLE register_entries (
    number BIGINT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    application BIGINT,
    document TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX register_entries_kind_idx ON register_entries (kind, number);
CREATE INDEX register_entries_application_idx ON register_entries (application, number);

-- Applications that do not meet their plan's rule any more, and when they move.
CREATE TABLE plan_notices (
    application BIGINT PRIMARY KEY NOT NULL REFERENCES applications (number) ON DELETE CASCADE,
    plan TEXT NOT NULL,
    next_plan TEXT NOT NULL,
    announced_at BIGINT NOT NULL,
    takes_effect_at BIGINT NOT NULL
);
CREATE INDEX applications_plan_idx ON applications (plan, number);

-- Each review of plans by rule: once for a UTC day and a version of the tariff.
CREATE TABLE plan_reviews (
    day BIGINT NOT NULL,
    tariff_version INTEGER NOT NULL,
    ran_at BIGINT NOT NULL,
    reviewed BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    announced BIGINT NOT NULL,
    PRIMARY KEY (day, tariff_version)
);

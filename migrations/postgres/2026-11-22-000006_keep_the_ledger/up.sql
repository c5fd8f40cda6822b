-- Usage sums by subject, with hours, percentiles and what limits and caches did; the ledger that they are held to.

CREATE TABLE usage_before AS SELECT * FROM usage_sums;
DROP TABLE usage_sums;

-- What was used: one row for each combination that was ever seen, so that a sum names it by number.
CREATE TABLE usage_subjects (
    id BIGINT PRIMARY KEY NOT NULL,
    plan TEXT NOT NULL,
    class TEXT NOT NULL,
    operation TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    status_class INTEGER NOT NULL,
    own_use BOOLEAN NOT NULL,
    CONSTRAINT usage_subjects_key UNIQUE (plan, class, operation, dataset_id, status_class, own_use)
);
CREATE INDEX usage_subjects_dataset_idx ON usage_subjects (dataset_id);

-- `period` is the length in seconds (60, 3600, 86400), `starts_at` the first second since 1970. `party` is an application's
-- number, 0 for all callers without a key, -1 for everybody, -2 for everybody by dataset. Sums of a minute, and everybody's,
-- name no dataset. `parties` and `lots` say how many callers there were at least; `latency` is a histogram.
CREATE TABLE usage_sums (
    period INTEGER NOT NULL,
    starts_at BIGINT NOT NULL,
    party BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    units BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    not_modified BIGINT NOT NULL,
    latency_micros BIGINT NOT NULL,
    parties BIGINT NOT NULL,
    lots INTEGER NOT NULL,
    latency BYTEA NOT NULL,
    PRIMARY KEY (period, starts_at, party, subject)
);
CREATE INDEX usage_sums_party_idx ON usage_sums (party, period, starts_at);

INSERT INTO usage_subjects (id, plan, class, operation, dataset_id, status_class, own_use)
SELECT ROW_NUMBER() OVER (ORDER BY plan, class, operation, dataset_id, status_class),
    plan, class, operation, dataset_id, status_class, FALSE
FROM (
    SELECT plan, class, operation, dataset_id, status_class FROM usage_before
    UNION
    SELECT plan, class, operation, '', status_class FROM usage_before
) AS seen;

-- Everybody's sums beside each party's; hours begin with this version.
INSERT INTO usage_sums (period, starts_at, party, subject, requests, units, bytes, errors, denied, cached, not_modified,
    latency_micros, parties, lots, latency)
SELECT summed.period, summed.starts_at, summed.party, usage_subjects.id,
    CAST(SUM(summed.requests) AS BIGINT), CAST(SUM(summed.units) AS BIGINT), CAST(SUM(summed.bytes) AS BIGINT),
    CAST(SUM(summed.errors) AS BIGINT), CAST(SUM(summed.denied) AS BIGINT), 0, 0,
    CAST(SUM(summed.latency_micros) AS BIGINT),
    CASE WHEN summed.party = -2 THEN COUNT(DISTINCT CASE WHEN summed.caller > 0 THEN summed.caller END)
        WHEN summed.party > 0 THEN 1 ELSE 0 END,
    0, ''::bytea
FROM (
    SELECT 60 AS period, starts_at, party, party AS caller, plan, class, operation, '' AS dataset_id, status_class,
        requests, units, bytes, errors, denied, latency_micros
    FROM usage_before WHERE period = 'minute'
    UNION ALL
    SELECT 60, starts_at, -1, party, plan, class, operation, '', status_class,
        requests, units, bytes, errors, denied, latency_micros
    FROM usage_before WHERE period = 'minute'
    UNION ALL
    SELECT 86400, starts_at, party, party, plan, class, operation, dataset_id, status_class,
        requests, units, bytes, errors, denied, latency_micros
    FROM usage_before WHERE period = 'day'
    UNION ALL
    SELECT 86400, starts_at, -1, party, plan, class, operation, '', status_class,
        requests, units, bytes, errors, denied, latency_micros
    FROM usage_before WHERE period = 'day'
    UNION ALL
    SELECT 86400, starts_at, -2, party, plan, class, operation, dataset_id, status_class,
        requests, units, bytes, errors, denied, latency_micros
    FROM usage_before WHERE period = 'day'
) AS summed
JOIN usage_subjects ON usage_subjects.plan = summed.plan AND usage_subjects.class = summed.class
    AND usage_subjects.operation = summed.operation AND usage_subjects.dataset_id = summed.dataset_id
    AND usage_subjects.status_class = summed.status_class
GROUP BY summed.period, summed.starts_at, summed.party, usage_subjects.id;

DROP TABLE usage_before;

-- Held while sums are written, so that two nodes add one after the other.
CREATE TABLE usage_pen (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    turn BIGINT NOT NULL
);
INSERT INTO usage_pen (id, turn) VALUES (1, 0);

-- Moments in microseconds: when a segment was read to its end, and when a recount proved what was summed of it. What lies
-- before `counted_from` was summed before there was a ledger.
ALTER TABLE usage_positions ADD COLUMN counted_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_positions ADD COLUMN damaged BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_positions ADD COLUMN closed_at BIGINT;
ALTER TABLE usage_positions ADD COLUMN proved_at BIGINT;
UPDATE usage_positions SET counted_from = position;

-- What was added to the sums, by segment and day (its first second), and what a recount of the segment came to.
CREATE TABLE usage_ledger (
    node TEXT NOT NULL,
    segment BIGINT NOT NULL,
    day BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    units BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    recounted_requests BIGINT,
    recounted_units BIGINT,
    recounted_bytes BIGINT,
    recounted_errors BIGINT,
    recounted_denied BIGINT,
    PRIMARY KEY (node, segment, day)
);
CREATE INDEX usage_ledger_day_idx ON usage_ledger (day);

-- What was summed before there was a ledger.
INSERT INTO usage_ledger (node, segment, day, requests, units, bytes, errors, denied)
SELECT 'opening', 0, starts_at, CAST(SUM(requests) AS BIGINT), CAST(SUM(units) AS BIGINT), CAST(SUM(bytes) AS BIGINT),
    CAST(SUM(errors) AS BIGINT), CAST(SUM(denied) AS BIGINT)
FROM usage_sums WHERE period = 86400 AND party >= 0 GROUP BY starts_at;

-- The last comparison of each day: by node, and of all nodes together with an empty node.
CREATE TABLE usage_reconciliations (
    day BIGINT NOT NULL,
    node TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    proved_segments BIGINT NOT NULL,
    damaged BIGINT NOT NULL,
    recounted_requests BIGINT NOT NULL,
    ledger_requests BIGINT NOT NULL,
    summed_requests BIGINT,
    told_requests BIGINT,
    difference BIGINT NOT NULL,
    PRIMARY KEY (day, node)
);

-- Segments that could not be read: put aside, and told.
CREATE TABLE usage_quarantine (
    node TEXT NOT NULL,
    file TEXT NOT NULL,
    reason TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (node, file)
);

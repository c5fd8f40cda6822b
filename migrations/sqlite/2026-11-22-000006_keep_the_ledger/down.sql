DROP TABLE usage_quarantine;
DROP TABLE usage_reconciliations;
DROP TABLE usage_ledger;
DROP TABLE usage_pen;
ALTER TABLE usage_positions DROP COLUMN counted_from;
ALTER TABLE usage_positions DROP COLUMN damaged;
ALTER TABLE usage_positions DROP COLUMN closed_at;
ALTER TABLE usage_positions DROP COLUMN proved_at;

CREATE TABLE usage_after AS
SELECT CASE WHEN s.period = 60 THEN 'minute' ELSE 'day' END AS period, s.starts_at, s.party, u.plan, u.class, u.operation,
    u.dataset_id, u.status_class,
    CAST(SUM(s.requests) AS BIGINT) AS requests, CAST(SUM(s.units) AS BIGINT) AS units,
    CAST(SUM(s.bytes) AS BIGINT) AS bytes, CAST(SUM(s.errors) AS BIGINT) AS errors,
    CAST(SUM(s.denied) AS BIGINT) AS denied, CAST(SUM(s.latency_micros) AS BIGINT) AS latency_micros
FROM usage_sums AS s JOIN usage_subjects AS u ON u.id = s.subject
WHERE s.party >= 0 AND s.period <> 3600
GROUP BY s.period, s.starts_at, s.party, u.plan, u.class, u.operation, u.dataset_id, u.status_class;
DROP TABLE usage_sums;
DROP TABLE usage_subjects;

CREATE TABLE usage_sums (
    period TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    party BIGINT NOT NULL,
    plan TEXT NOT NULL,
    class TEXT NOT NULL,
    operation TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    status_class INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    units BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    denied BIGINT NOT NULL,
    latency_micros BIGINT NOT NULL,
    PRIMARY KEY (period, starts_at, party, plan, class, operation, dataset_id, status_class)
) WITHOUT ROWID;
CREATE INDEX usage_sums_party_idx ON usage_sums (party, period, starts_at);
INSERT INTO usage_sums SELECT * FROM usage_after;
DROP TABLE usage_after;

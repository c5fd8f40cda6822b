-- What is asked for, by day: words, how often, by how many at least, and what was found. Nothing says who asked: a caller is
-- known by one of eight lots, of which an eighth of the world has each (one bit each in `lots`; `callers` counts the bits).
CREATE TABLE query_demand (
    day TEXT NOT NULL,
    words TEXT NOT NULL,
    asked BIGINT NOT NULL,
    lots INTEGER NOT NULL,
    callers BIGINT NOT NULL,
    found BIGINT NOT NULL,
    wished BIGINT NOT NULL,
    PRIMARY KEY (day, words)
);

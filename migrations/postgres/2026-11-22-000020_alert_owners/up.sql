-- Of what an application's owner is told by letter. Shares of a quota that were chosen stand in alert_marks, one a row; where
-- none does, they are 80 and 100 percent.
CREATE TABLE alert_marks (
    party BIGINT NOT NULL REFERENCES applications (number) ON DELETE CASCADE,
    percent INTEGER NOT NULL,
    PRIMARY KEY (party, percent)
);

-- `silent_from` is since when silence counts at the earliest, in seconds since 1970.
CREATE TABLE application_alerts (
    party BIGINT PRIMARY KEY NOT NULL REFERENCES applications (number) ON DELETE CASCADE,
    error_percent INTEGER,
    silent_days INTEGER,
    silent_from BIGINT NOT NULL
);

-- Which letters were written, so that each goes once for its window.
CREATE TABLE alert_letters (
    party BIGINT NOT NULL REFERENCES applications (number) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    PRIMARY KEY (party, kind, window_start)
);

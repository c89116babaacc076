-- Hours that depend on the date: seasons of every year, special periods, and who is on duty in them.

CREATE TABLE calendar_season (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    name TEXT NOT NULL,
    -- Days of every year, such as 06-01; both belong to it.
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    hours TEXT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE calendar_period (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    name TEXT NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    -- None: those of the season, or the ordinary ones.
    hours TEXT,
    every_day BOOL NOT NULL,
    -- The share of a limit that begins in it; none: the whole.
    limit_permille INT,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE calendar_duty (
    tenant_id INT NOT NULL,
    period_id ID NOT NULL,
    day DATE NOT NULL,
    leader_id ID,
    person_id ID,
    PRIMARY KEY (tenant_id, period_id, day)
);

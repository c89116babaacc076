-- The summary's counts by every part of the whole: what happened and is not added up yet, and the sums.

DROP TABLE case_day;

-- The local hour of the week in which it was found: 24 × weekday (Monday is 0) + hour. Until now tenants lay eight hours
-- before UTC, and 1970 began on a Thursday.
ALTER TABLE cases ADD COLUMN found_slot INT;
UPDATE cases SET found_slot = (((reported_at + 28800000000) / 86400000000 + 3) % 7) * 24 + ((reported_at + 28800000000) / 3600000000) % 24
WHERE tenant_id >= 0;
-- How the reporter's dispute ended; NULL while it waits, and where there was none.
ALTER TABLE cases ADD COLUMN dispute_end TEXT;

-- What each command adds to the counts, in its own transaction: appended, so that nobody waits for anybody.
CREATE TABLE case_delta (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    day DATE NOT NULL,
    slot INT NOT NULL,
    community_id ID NOT NULL,
    compound_id ID NOT NULL,
    unit_id ID NOT NULL,
    category_id ID NOT NULL,
    source TEXT NOT NULL,
    found INT NOT NULL,
    transferred INT NOT NULL,
    recurring INT NOT NULL,
    in_circulars INT NOT NULL,
    rectified INT NOT NULL,
    with_deadline INT NOT NULL,
    on_time INT NOT NULL,
    rework INT NOT NULL,
    extended INT NOT NULL,
    held INT NOT NULL,
    disputed INT NOT NULL,
    upheld INT NOT NULL,
    on_spot INT NOT NULL,
    self_checks INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- The same added up: by day and by month, of the whole tenant (the scope is nil) and of each community, by each part.
CREATE TABLE case_sum (
    tenant_id INT NOT NULL,
    grain TEXT NOT NULL,
    scope_id ID NOT NULL,
    part TEXT NOT NULL,
    span TEXT NOT NULL,
    part_key TEXT NOT NULL,
    found INT NOT NULL,
    transferred INT NOT NULL,
    recurring INT NOT NULL,
    in_circulars INT NOT NULL,
    rectified INT NOT NULL,
    with_deadline INT NOT NULL,
    on_time INT NOT NULL,
    rework INT NOT NULL,
    extended INT NOT NULL,
    held INT NOT NULL,
    disputed INT NOT NULL,
    upheld INT NOT NULL,
    on_spot INT NOT NULL,
    self_checks INT NOT NULL,
    PRIMARY KEY (tenant_id, grain, scope_id, part, span, part_key)
);

-- How often a tenant's counts were added up: who reads both tables learns from it whether they belong together.
CREATE TABLE case_fold (
    tenant_id INT NOT NULL,
    folds INT NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- What a figure of the summary counted, by every part: an index alone says which cases are meant.
DROP INDEX cases_reported;
CREATE INDEX cases_reported ON cases (tenant_id, reported_at, id, source, compound_id, found_slot, receiver) WHERE apart IS NULL;
DROP INDEX cases_dispatched;
CREATE INDEX cases_dispatched ON cases (tenant_id, dispatched_at, id, stage, first_due, late, rework, rework_appeal, source, compound_id, found_slot, extensions, holds, disputed, dispute_end) WHERE dispatched_at IS NOT NULL AND apart IS NULL;

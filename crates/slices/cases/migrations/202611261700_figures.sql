-- What the summary also counts: how those who called find it, kept with the case too, and difficult matters by when they began.

ALTER TABLE cases ADD COLUMN solved TEXT;
ALTER TABLE cases ADD COLUMN satisfied TEXT;
UPDATE cases SET solved = o.solved, satisfied = o.satisfied
FROM outside_order o
WHERE o.tenant_id = cases.tenant_id AND o.case_id = cases.id AND o.called_back_at IS NOT NULL;

ALTER TABLE case_delta ADD COLUMN called_back INT NOT NULL DEFAULT 0;
ALTER TABLE case_delta ADD COLUMN solved INT NOT NULL DEFAULT 0;
ALTER TABLE case_delta ADD COLUMN satisfied INT NOT NULL DEFAULT 0;
ALTER TABLE case_sum ADD COLUMN called_back INT NOT NULL DEFAULT 0;
ALTER TABLE case_sum ADD COLUMN solved INT NOT NULL DEFAULT 0;
ALTER TABLE case_sum ADD COLUMN satisfied INT NOT NULL DEFAULT 0;

-- What was heard before this is appended like what is heard from now on; a case's own id is no other row's. Days of China's one clock.
-- engine: sqlite
INSERT INTO case_delta (tenant_id, id, day, slot, community_id, compound_id, unit_id, category_id, source, found, transferred, recurring,
    in_circulars, rectified, with_deadline, on_time, rework, extended, held, disputed, upheld, on_spot, self_checks, called_back, solved, satisfied)
SELECT tenant_id, id, strftime('%Y-%m-%d', reported_at / 1000000 + 28800, 'unixepoch'),
    COALESCE(found_slot, (((reported_at + 28800000000) / 86400000000 + 3) % 7) * 24 + ((reported_at + 28800000000) / 3600000000) % 24),
    COALESCE(community_id, zeroblob(16)), COALESCE(compound_id, zeroblob(16)), COALESCE(unit_id, zeroblob(16)),
    COALESCE(category_id, zeroblob(16)), source, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    CASE WHEN solved = 'yes' THEN 1 ELSE 0 END, CASE WHEN satisfied <> 'no' THEN 1 ELSE 0 END
FROM cases
WHERE satisfied IS NOT NULL AND satisfied <> 'not_reached' AND apart IS NULL;
-- engine: postgres
INSERT INTO case_delta (tenant_id, id, day, slot, community_id, compound_id, unit_id, category_id, source, found, transferred, recurring,
    in_circulars, rectified, with_deadline, on_time, rework, extended, held, disputed, upheld, on_spot, self_checks, called_back, solved, satisfied)
SELECT tenant_id, id, to_char(to_timestamp(reported_at / 1000000 + 28800) AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
    COALESCE(found_slot, (((reported_at + 28800000000) / 86400000000 + 3) % 7) * 24 + ((reported_at + 28800000000) / 3600000000) % 24),
    COALESCE(community_id, '00000000-0000-0000-0000-000000000000'), COALESCE(compound_id, '00000000-0000-0000-0000-000000000000'),
    COALESCE(unit_id, '00000000-0000-0000-0000-000000000000'), COALESCE(category_id, '00000000-0000-0000-0000-000000000000'),
    source, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    CASE WHEN solved = 'yes' THEN 1 ELSE 0 END, CASE WHEN satisfied <> 'no' THEN 1 ELSE 0 END
FROM cases
WHERE satisfied IS NOT NULL AND satisfied <> 'not_reached' AND apart IS NULL;
-- engine: both

-- Few of a tenant's cases: whose callers were asked.
CREATE INDEX cases_called_back ON cases (tenant_id, reported_at, id, solved, satisfied) WHERE satisfied IS NOT NULL AND apart IS NULL;

-- Both what a square of the map and what a part of the summary passes over without looking the case up.
DROP INDEX cases_reported;
CREATE INDEX cases_reported ON cases (tenant_id, reported_at, id, cell, category_id, community_id, source, compound_id, found_slot, receiver) WHERE apart IS NULL;

-- Difficult matters by when they were opened, whether or not they have ended.
CREATE INDEX matter_opened ON matter (tenant_id, opened_at, id, ended_at, state);

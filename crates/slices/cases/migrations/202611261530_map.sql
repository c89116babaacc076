-- The map: found problems counted by local month, square of the map and category, and the index behind a square's list.

-- Counted as it happens, like case_day. A square is a case's cell without its last 28 binary digits (some 250 m × 150 m); -1 where
-- the finding has no position. Hotspots are read from here, however many cases there are.
CREATE TABLE case_month (
    tenant_id INT NOT NULL,
    month DATE NOT NULL,
    square INT NOT NULL,
    community_id ID NOT NULL,
    category_id ID NOT NULL,
    found INT NOT NULL,
    PRIMARY KEY (tenant_id, month, square, community_id, category_id)
);

-- Behind the order stands what the list of a square passes over without looking the case up.
DROP INDEX cases_reported;
CREATE INDEX cases_reported ON cases (tenant_id, reported_at, id, cell, category_id, community_id) WHERE apart IS NULL;

-- What was there before: months of China's one clock.
-- engine: sqlite
INSERT INTO case_month (tenant_id, month, square, community_id, category_id, found)
SELECT tenant_id, strftime('%Y-%m', reported_at / 1000000 + 28800, 'unixepoch'), COALESCE(cell / 268435456, -1),
    COALESCE(community_id, zeroblob(16)), COALESCE(category_id, zeroblob(16)), COUNT(*)
FROM cases
WHERE apart IS NULL
GROUP BY 1, 2, 3, 4, 5;
-- engine: postgres
INSERT INTO case_month (tenant_id, month, square, community_id, category_id, found)
SELECT tenant_id, to_char(to_timestamp(reported_at / 1000000 + 28800) AT TIME ZONE 'UTC', 'YYYY-MM'), COALESCE(cell / 268435456, -1),
    COALESCE(community_id, '00000000-0000-0000-0000-000000000000'), COALESCE(category_id, '00000000-0000-0000-0000-000000000000'), COUNT(*)
FROM cases
WHERE apart IS NULL
GROUP BY 1, 2, 3, 4, 5;
-- engine: both

-- What was known of a unit and its score line by line is large, and lay in the row by which tables of a month are read: SQLite reads such a
-- row whole even where one figure of it is asked for. In a table of its own, whose rows it does not keep in the order of their key.
CREATE TABLE evaluation_body (
    tenant_id INT NOT NULL,
    evaluation_id ID NOT NULL,
    member_id ID NOT NULL,
    -- Canonical JSON.
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, evaluation_id, member_id)
-- engine: sqlite
) STRICT;
-- engine: postgres
);
-- As they are, as on SQLite too: compressing them is work while a month is kept.
ALTER TABLE evaluation_body ALTER COLUMN body SET STORAGE EXTERNAL;
-- engine: all
INSERT INTO evaluation_body (tenant_id, evaluation_id, member_id, body)
SELECT tenant_id, evaluation_id, member_id, body FROM evaluation_score;
ALTER TABLE evaluation_score DROP COLUMN body;

-- What an import of any kind did, how far it is, and who took it back.

ALTER TABLE sheet ADD COLUMN total INT NOT NULL DEFAULT 0;
ALTER TABLE sheet ADD COLUMN done INT NOT NULL DEFAULT 0;
ALTER TABLE sheet ADD COLUMN applied_by ID;
-- The last fact that was sealed before it was applied, and the command that applied it: what came since may depend on it.
ALTER TABLE sheet ADD COLUMN applied_behind INT;
ALTER TABLE sheet ADD COLUMN applied_command ID;
ALTER TABLE sheet ADD COLUMN undone_at INSTANT;
ALTER TABLE sheet ADD COLUMN undone_by ID;
-- How many lines were added, changed, found unchanged, and left out, as JSON.
ALTER TABLE sheet ADD COLUMN counts JSON;
CREATE INDEX sheet_received ON sheet (tenant_id, received_at, id);

-- Each thing that an import made or changed, with what it was before.
CREATE TABLE sheet_change (
    tenant_id INT NOT NULL,
    sheet_id ID NOT NULL,
    ordinal INT NOT NULL,
    subject_id ID NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    was JSON,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, sheet_id, ordinal)
);

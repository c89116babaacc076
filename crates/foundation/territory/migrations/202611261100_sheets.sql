-- Tables that were uploaded to be looked at before they are applied: what was read of them, and what they changed.

CREATE TABLE sheet (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Its lines as they were read, as JSON.
    lines JSON NOT NULL,
    -- What it changed, as it was shown before it was applied.
    plan JSON,
    received_at INSTANT NOT NULL,
    received_by ID,
    applied_at INSTANT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sheet_kind ON sheet (tenant_id, kind, id);

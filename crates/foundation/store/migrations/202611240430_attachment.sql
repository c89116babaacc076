-- Photos: one row an upload; the bytes lie in the object store under the tenant and the hash of their content.

CREATE TABLE attachment (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    hash BYTES NOT NULL,
    kind TEXT NOT NULL,
    width INT NOT NULL,
    height INT NOT NULL,
    bytes INT NOT NULL,
    taken_at INSTANT,
    time_verified BOOL NOT NULL,
    lng_e7 INT,
    lat_e7 INT,
    uploaded_by ID,
    uploaded_at INSTANT NOT NULL,
    bound_subject TEXT,
    bound_id ID,
    role TEXT,
    ordinal INT,
    swept_at INSTANT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX attachment_hash ON attachment (tenant_id, hash, swept_at);
CREATE INDEX attachment_bound ON attachment (tenant_id, bound_subject, bound_id, role, ordinal, id);
CREATE INDEX attachment_draft ON attachment (tenant_id, uploaded_at) WHERE bound_id IS NULL;

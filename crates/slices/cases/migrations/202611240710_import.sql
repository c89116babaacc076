-- Files of cases from other systems: what went in, and what was kept aside with line and reason.

CREATE TABLE case_import (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    file_hash BYTES NOT NULL,
    imported_at INSTANT NOT NULL,
    imported_by ID,
    lines INT NOT NULL,
    taken INT NOT NULL,
    known INT NOT NULL,
    aside INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX case_import_at ON case_import (tenant_id, imported_at, id);

CREATE TABLE case_import_aside (
    tenant_id INT NOT NULL,
    file_hash BYTES NOT NULL,
    line INT NOT NULL,
    outside_number TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant_id, file_hash, line)
);

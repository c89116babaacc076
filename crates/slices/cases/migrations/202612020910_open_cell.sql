-- What is open near a point, whatever place it belongs to.
CREATE INDEX cases_open_cell ON cases (tenant_id, cell, id) WHERE open = TRUE AND cell IS NOT NULL;

-- When an organisation was closed: its contact's data is kept for a while longer, and then erased.

ALTER TABLE organisation ADD COLUMN closed_at INSTANT;
-- Those closed before are kept from the last that was recorded of them.
UPDATE organisation
SET closed_at = COALESCE((
    SELECT MAX(f.recorded_at)
    FROM fact f
    WHERE f.tenant_id = organisation.tenant_id AND f.subject = 'organisation' AND f.subject_id = organisation.id), 0)
WHERE state = 'closed';
CREATE INDEX organisation_closed ON organisation (tenant_id, closed_at, id) WHERE closed_at IS NOT NULL;

-- An invitation by its id, to withdraw it; and the roles held on a unit.

CREATE UNIQUE INDEX invitation_id ON invitation (tenant_id, id);
CREATE INDEX role_organisation ON role_assignment (tenant_id, organisation_id) WHERE organisation_id IS NOT NULL AND revoked_at IS NULL;

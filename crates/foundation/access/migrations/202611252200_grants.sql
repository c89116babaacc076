-- Grants of a district, the log of who gave what, scopes whose place moves, invitations by unit.

-- A district's children; it has some tens of them.
CREATE INDEX tenant_parent ON tenant (parent_id, id) WHERE parent_id IS NOT NULL;

-- What people of the tenant above were given here and still hold.
CREATE INDEX role_granted ON role_assignment (tenant_id, given_at, id) WHERE home_tenant <> tenant_id AND revoked_at IS NULL;
-- A subtree of places that moves takes the scopes of roles along.
CREATE INDEX role_place ON role_assignment (tenant_id, place_path) WHERE place_path IS NOT NULL AND revoked_at IS NULL;

-- The log of who gave what, in its order. Facts of other lines of work, which are nearly all, are not in it.
CREATE INDEX fact_access ON fact (tenant_id, recorded_at, ordinal, id) WHERE (kind >= 'account.' AND kind < 'account/') OR (kind >= 'grant.' AND kind < 'grant/') OR (kind >= 'role.' AND kind < 'role/') OR (kind >= 'tenant.' AND kind < 'tenant/');

DROP INDEX invitation_made;
CREATE INDEX invitation_made ON invitation (tenant_id, made_at, id);
CREATE INDEX invitation_unit ON invitation (tenant_id, organisation_id, made_at, id);

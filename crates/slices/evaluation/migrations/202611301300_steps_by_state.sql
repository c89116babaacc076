-- Steps that wait to be looked at, whoever's they are.
CREATE INDEX improvement_step_state ON improvement_step (tenant_id, state, improvement_id);

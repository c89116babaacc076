-- What somebody reported and has ended, the latest first: written once, when it ends.
CREATE INDEX cases_mine_ended ON cases (tenant_id, reported_by, stage, ended_at, id) WHERE open = FALSE;

-- Tokens by which a program acts for a person: what they may do, until when, and on which day they were last used.

-- The secret itself is shown once and kept by its owner alone. A token that ended, by its day or because it was revoked, ends
-- at `ends_at`.
CREATE TABLE api_token (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    token_hash BYTES NOT NULL,
    account_id ID NOT NULL,
    name PERSONAL NOT NULL,
    scopes TEXT NOT NULL,
    made_at INSTANT NOT NULL,
    ends_at INSTANT NOT NULL,
    revoked_at INSTANT,
    used_on DATE,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_token_hash ON api_token (tenant_id, token_hash);
CREATE INDEX api_token_account ON api_token (tenant_id, account_id, made_at);
CREATE INDEX api_token_made ON api_token (tenant_id, made_at, id);
CREATE INDEX api_token_ends ON api_token (tenant_id, ends_at);

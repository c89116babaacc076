-- Accounts, sessions, roles with a scope, invitations, grants of a district in its children.

-- Log-in names are unique in the installation: the tenant is not known before.
CREATE TABLE login (
    name TEXT NOT NULL,
    tenant_id INT NOT NULL,
    account_id ID NOT NULL,
    PRIMARY KEY (name)
);

-- Secrets and settings of the installation itself.
CREATE TABLE installation (
    name TEXT NOT NULL,
    bytes BYTES NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE account (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    login TEXT NOT NULL,
    name PERSONAL NOT NULL,
    phone PERSONAL,
    password TEXT NOT NULL,
    must_change BOOL NOT NULL,
    totp PERSONAL,
    totp_confirmed BOOL NOT NULL,
    totp_step INT NOT NULL,
    active BOOL NOT NULL,
    failures INT NOT NULL,
    locked_until INSTANT NOT NULL,
    created_at INSTANT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX account_login ON account (tenant_id, login);

-- The token itself is only in the person's cookie.
CREATE TABLE session (
    tenant_id INT NOT NULL,
    token_hash BYTES NOT NULL,
    account_id ID NOT NULL,
    created_at INSTANT NOT NULL,
    seen_at INSTANT NOT NULL,
    expires_at INSTANT NOT NULL,
    device TEXT NOT NULL,
    stage TEXT NOT NULL,
    PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX session_account ON session (tenant_id, account_id, created_at);
CREATE INDEX session_expires ON session (tenant_id, expires_at);

CREATE TABLE role_assignment (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    account_id ID NOT NULL,
    home_tenant INT NOT NULL,
    role TEXT NOT NULL,
    place_id ID,
    place_path TEXT,
    organisation_id ID,
    given_by ID,
    given_at INSTANT NOT NULL,
    revoked_at INSTANT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX role_account ON role_assignment (tenant_id, account_id, given_at);
CREATE INDEX role_of ON role_assignment (tenant_id, role, account_id) WHERE revoked_at IS NULL;

CREATE TABLE invitation (
    tenant_id INT NOT NULL,
    token_hash BYTES NOT NULL,
    id ID NOT NULL,
    organisation_id ID NOT NULL,
    role TEXT NOT NULL,
    phone_hash BYTES NOT NULL,
    salt BYTES NOT NULL,
    made_by ID,
    made_at INSTANT NOT NULL,
    expires_at INSTANT NOT NULL,
    used_at INSTANT,
    PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX invitation_made ON invitation (tenant_id, made_at);

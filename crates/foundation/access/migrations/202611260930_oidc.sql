-- Signing in by OpenID Connect: which identity of a provider is linked to which account, and log-ins that are under way.

-- Installation-wide, as log-in names are: an account is found by its identity before the tenant is known. The identity itself is
-- not kept, only what recognises it.
CREATE TABLE oidc_link (
    provider TEXT NOT NULL,
    subject_hash BYTES NOT NULL,
    tenant_id INT NOT NULL,
    account_id ID NOT NULL,
    linked_at INSTANT NOT NULL,
    PRIMARY KEY (provider, subject_hash)
);
CREATE UNIQUE INDEX oidc_link_account ON oidc_link (tenant_id, account_id, provider);

-- Somebody is at the provider just now; whoever comes back with both secrets, once and soon, is who left.
CREATE TABLE oidc_attempt (
    state_hash BYTES NOT NULL,
    browser_hash BYTES NOT NULL,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    carried TEXT NOT NULL,
    link_tenant INT,
    link_account ID,
    expires_at INSTANT NOT NULL,
    PRIMARY KEY (state_hash)
);
CREATE INDEX oidc_attempt_expires ON oidc_attempt (expires_at);

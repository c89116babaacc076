-- The end of personal data: when an account was closed and how far it is erased; why somebody saw a value in full.

ALTER TABLE account ADD COLUMN closed_at INSTANT;
-- 0 nothing, 1 all but the name, 2 the name too.
ALTER TABLE account ADD COLUMN erased INT NOT NULL DEFAULT 0;
UPDATE account
SET closed_at = (
    SELECT MAX(f.recorded_at)
    FROM fact f
    WHERE f.tenant_id = account.tenant_id AND f.subject = 'account' AND f.subject_id = account.id AND f.kind = 'account.closed')
WHERE active = FALSE;
CREATE INDEX account_closed ON account (tenant_id, erased, closed_at, id) WHERE closed_at IS NOT NULL;

CREATE TABLE unmasking_words (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    words PERSONAL NOT NULL,
    salt BYTES NOT NULL,
    written_at INSTANT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX unmasking_words_written ON unmasking_words (tenant_id, written_at);

-- Few of many facts: what an auditor reads, the latest first.
CREATE INDEX fact_unmasked ON fact (tenant_id, recorded_at, id) WHERE kind = 'personal.unmasked';

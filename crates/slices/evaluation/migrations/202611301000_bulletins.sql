-- The bulletin of a month (月度考评通报): the words that are written for it, and what it said each time that something of it was
-- published (bulletin_issue), which never changes.

CREATE TABLE bulletin (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    month TEXT NOT NULL,
    -- Canonical JSON: what is written for what is not published yet. The fact keeps SM3(salt ‖ words).
    words TEXT NOT NULL,
    salt BYTES NOT NULL,
    -- How often something of it was published.
    issues INT NOT NULL,
    -- Whoever has this reads what was published without an account; none where nobody may.
    link TEXT,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX bulletin_month ON bulletin (tenant_id, month);
CREATE UNIQUE INDEX bulletin_link ON bulletin (tenant_id, link);

CREATE TABLE bulletin_issue (
    tenant_id INT NOT NULL,
    bulletin_id ID NOT NULL,
    nth INT NOT NULL,
    -- What was published with it.
    evaluation_id ID NOT NULL,
    -- Canonical JSON: of which evaluations it is, and all that does not follow from them.
    body TEXT NOT NULL,
    salt BYTES NOT NULL,
    issued_at INSTANT NOT NULL,
    PRIMARY KEY (tenant_id, bulletin_id, nth)
);

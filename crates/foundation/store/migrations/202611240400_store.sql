-- What every installation stands on: tenants, facts, remembered results, number series, named locks.

-- Installation-wide, as are the old slugs: an address is resolved before the tenant is known.
CREATE TABLE tenant (
    id INT NOT NULL,
    slug TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_id INT,
    code TEXT,
    name TEXT NOT NULL,
    name_en TEXT,
    zone TEXT NOT NULL,
    settings JSON NOT NULL,
    revision INT NOT NULL,
    created_at INSTANT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX tenant_slug_now ON tenant (slug);

CREATE TABLE tenant_slug (
    slug TEXT NOT NULL,
    tenant_id INT NOT NULL,
    PRIMARY KEY (slug)
);

CREATE TABLE fact (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    command_id ID NOT NULL,
    ordinal INT NOT NULL,
    kind TEXT NOT NULL,
    kind_version INT NOT NULL,
    subject TEXT NOT NULL,
    subject_id ID NOT NULL,
    actor_id ID,
    on_behalf_of ID,
    place_id ID,
    organisation_id ID,
    happened_at INSTANT,
    recorded_at INSTANT NOT NULL,
    data JSON NOT NULL,
    position INT,
    PRIMARY KEY (tenant_id, id)
);
-- A fact is in one of the two: found by its age until it is sealed, by its position from then on.
CREATE INDEX fact_unsealed ON fact (tenant_id, recorded_at, id) WHERE position IS NULL;
CREATE UNIQUE INDEX fact_position ON fact (tenant_id, position) WHERE position IS NOT NULL;
CREATE INDEX fact_subject ON fact (tenant_id, subject, subject_id, recorded_at, ordinal);

CREATE TABLE command_result (
    tenant_id INT NOT NULL,
    actor_id ID NOT NULL,
    command_id ID NOT NULL,
    kind TEXT NOT NULL,
    body BYTES NOT NULL,
    result JSON NOT NULL,
    done_at INSTANT NOT NULL,
    -- Asked for by both; the one that tells them apart stands first, whatever else a query knows.
    PRIMARY KEY (tenant_id, command_id, actor_id)
);
CREATE INDEX command_result_done ON command_result (tenant_id, done_at);

CREATE TABLE series (
    tenant_id INT NOT NULL,
    name TEXT NOT NULL,
    next INT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE TABLE named_lock (
    tenant_id INT NOT NULL,
    name TEXT NOT NULL,
    held INT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

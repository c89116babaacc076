-- Leagues (评价分组): who is compared with whom; and what a month's evaluation (月度综合评价) found of each.

CREATE TABLE league (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    ranked TEXT NOT NULL,
    name TEXT NOT NULL,
    shows TEXT NOT NULL,
    open BOOL NOT NULL,
    -- The fact keeps SM3(salt ‖ name).
    salt BYTES NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX league_name ON league (tenant_id, name);

-- Months are YYYY-MM; until_month is the first in which somebody is not in it any more.
CREATE TABLE league_member (
    tenant_id INT NOT NULL,
    member_id ID NOT NULL,
    from_month TEXT NOT NULL,
    league_id ID NOT NULL,
    until_month TEXT,
    PRIMARY KEY (tenant_id, member_id, from_month)
);
CREATE INDEX league_members ON league_member (tenant_id, league_id, member_id, from_month);

CREATE TABLE evaluation (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    league_id ID NOT NULL,
    month TEXT NOT NULL,
    -- The first is published once; a correction is the next.
    edition INT NOT NULL,
    state TEXT NOT NULL,
    -- How often it was drafted.
    draft INT NOT NULL,
    scheme_id ID NOT NULL,
    -- The journal's position up to which facts were heard.
    cut INT NOT NULL,
    units INT NOT NULL,
    -- The hash of all that was found, which the facts have.
    digest TEXT NOT NULL,
    drafted_at INSTANT NOT NULL,
    drafted_by ID,
    checked_at INSTANT,
    checked_by ID,
    published_at INSTANT,
    published_by ID,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX evaluation_edition ON evaluation (tenant_id, league_id, month, edition);
CREATE INDEX evaluation_latest ON evaluation (tenant_id, state, month, id);

-- One unit of one evaluation. `body` is canonical JSON: all that was known of it, and its score line by line; `hash` is that of it.
CREATE TABLE evaluation_score (
    tenant_id INT NOT NULL,
    evaluation_id ID NOT NULL,
    member_id ID NOT NULL,
    -- Those of its evaluation, by which the latest is found.
    month TEXT NOT NULL,
    edition INT NOT NULL,
    name TEXT NOT NULL,
    -- The company beside a compound.
    unit_id ID,
    unit_name TEXT NOT NULL,
    -- In thousandths of a point.
    total INT NOT NULL,
    grade TEXT NOT NULL,
    -- None: scored, and not compared.
    place INT,
    -- JSON: what each dimension came to.
    dimensions TEXT NOT NULL,
    -- Of the draft before this one.
    was_total INT,
    was_place INT,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant_id, evaluation_id, member_id)
);
CREATE INDEX evaluation_score_member ON evaluation_score (tenant_id, member_id, month, edition);
CREATE INDEX evaluation_score_unit ON evaluation_score (tenant_id, unit_id, month, edition);

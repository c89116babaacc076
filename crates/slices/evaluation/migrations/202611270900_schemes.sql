-- Schemes (评价体系): the tables by which the compounds, cooperatives, communities and departments of a month are scored, by version.

CREATE TABLE scheme (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    ranked TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Of what was adopted: the first, second … of those for the same; a draft has none yet.
    number INT,
    name TEXT NOT NULL,
    -- The table as canonical JSON, and its hash, which the facts have.
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    drafted_at INSTANT NOT NULL,
    drafted_by ID,
    -- YYYY-MM: it holds from here on, until the next one does.
    from_month TEXT,
    adopted_at INSTANT,
    adopted_by ID,
    -- In which meeting, with the day that it was held on. The fact keeps SM3(salt ‖ day, line feed, words).
    meeting TEXT NOT NULL,
    met_on DATE,
    salt BYTES NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- No month has two.
CREATE UNIQUE INDEX scheme_in_force ON scheme (tenant_id, ranked, from_month) WHERE from_month IS NOT NULL;
CREATE INDEX scheme_drafted ON scheme (tenant_id, state, drafted_at, id);

-- The latest run of each league: a month being scored, checked or published. What comes of it stands elsewhere; this is for those who wait.

CREATE TABLE evaluation_run (
    tenant_id INT NOT NULL,
    league_id ID NOT NULL,
    id ID NOT NULL,
    month TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    -- How far it has come: units done of all.
    step TEXT NOT NULL,
    done INT NOT NULL,
    units INT NOT NULL,
    begun_at INSTANT NOT NULL,
    -- None: the command line.
    begun_by ID,
    -- A run that goes on says so every second or oftener.
    beat_at INSTANT NOT NULL,
    -- What came of it.
    evaluation_id ID,
    -- JSON: why it failed, as a code and what its words need.
    problem TEXT NOT NULL,
    PRIMARY KEY (tenant_id, league_id)
);

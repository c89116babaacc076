-- Difficult matters (疑难问题): what cannot be mended by handing it to one unit.

CREATE TABLE matter (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    number INT NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    title TEXT NOT NULL,
    what TEXT NOT NULL,
    salt BYTES NOT NULL,
    place_id ID,
    place_path TEXT NOT NULL,
    opened_at INSTANT NOT NULL,
    opened_by ID,
    ended_at INSTANT,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX matter_number ON matter (tenant_id, number);
-- The open ones, the oldest first; the ended ones, the latest first.
CREATE INDEX matter_open ON matter (tenant_id, opened_at, id, state) WHERE ended_at IS NULL;
CREATE INDEX matter_ended ON matter (tenant_id, ended_at, id, state) WHERE ended_at IS NOT NULL;

-- What was said on a matter's way. Erasable: the fact keeps SM3(salt ‖ words).
CREATE TABLE matter_words (
    tenant_id INT NOT NULL,
    matter_id ID NOT NULL,
    id ID NOT NULL,
    words TEXT NOT NULL,
    salt BYTES NOT NULL,
    written_at INSTANT NOT NULL,
    written_by ID,
    PRIMARY KEY (tenant_id, matter_id, id)
);

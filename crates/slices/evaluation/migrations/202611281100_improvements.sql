-- The improvement list (提升名单): who is to be lifted, why, by which steps until when; and appeals (申诉) against lines of a published score.

CREATE TABLE improvement (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    ranked TEXT NOT NULL,
    member_id ID NOT NULL,
    -- The fact keeps SM3(salt ‖ why).
    why TEXT NOT NULL,
    salt BYTES NOT NULL,
    state TEXT NOT NULL,
    listed_at INSTANT NOT NULL,
    listed_by ID,
    left_at INSTANT,
    -- How it left, in words.
    end_words TEXT NOT NULL,
    steps INT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- Nobody is on it twice.
CREATE UNIQUE INDEX improvement_member ON improvement (tenant_id, member_id) WHERE state = 'listed';
CREATE INDEX improvement_state ON improvement (tenant_id, state, id);

CREATE TABLE improvement_step (
    tenant_id INT NOT NULL,
    improvement_id ID NOT NULL,
    nth INT NOT NULL,
    what TEXT NOT NULL,
    salt BYTES NOT NULL,
    due DATE NOT NULL,
    state TEXT NOT NULL,
    -- The day on which it was reported done, by whom, and what was said of it last.
    done_on DATE,
    reported_by ID,
    words TEXT NOT NULL,
    PRIMARY KEY (tenant_id, improvement_id, nth)
);

CREATE TABLE score_appeal (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    evaluation_id ID NOT NULL,
    league_id ID NOT NULL,
    month TEXT NOT NULL,
    member_id ID NOT NULL,
    -- The code of the scheme's row, and the facts of the line that are appealed against (JSON: their keys); none where the row has none.
    line TEXT NOT NULL,
    facts TEXT NOT NULL,
    state TEXT NOT NULL,
    -- What each has said; the facts keep SM3(salt ‖ words).
    words TEXT NOT NULL,
    advice_words TEXT NOT NULL,
    decision_words TEXT NOT NULL,
    salt BYTES NOT NULL,
    advice TEXT,
    asked_at INSTANT NOT NULL,
    asked_by ID,
    advised_by ID,
    decided_at INSTANT,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- A line is appealed against once, whatever its edition.
CREATE UNIQUE INDEX score_appeal_line ON score_appeal (tenant_id, league_id, month, member_id, line);
CREATE INDEX score_appeal_state ON score_appeal (tenant_id, state, id);

-- What follows from a result (结果运用): the rules that a leader has set, and what each published month made of them.

CREATE TABLE consequence_rule (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    ranked TEXT NOT NULL,
    -- When it is met; `grade` and `points` (thousandths) where the ground is about one.
    ground TEXT NOT NULL,
    grade TEXT NOT NULL,
    points INT NOT NULL,
    -- Months in a row.
    months INT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Days until it must be done, from its confirmation.
    days INT NOT NULL,
    -- YYYY-MM: months before this one count for nothing.
    from_month TEXT NOT NULL,
    open BOOL NOT NULL,
    -- The fact keeps SM3(salt ‖ name).
    salt BYTES NOT NULL,
    set_at INSTANT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE consequence (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    rule_id ID NOT NULL,
    -- The edition whose publication proposed it.
    evaluation_id ID NOT NULL,
    league_id ID NOT NULL,
    month TEXT NOT NULL,
    member_id ID NOT NULL,
    -- Who answered for it then.
    unit_id ID,
    state TEXT NOT NULL,
    -- What each has said; the facts keep SM3(salt ‖ words).
    words TEXT NOT NULL,
    done_words TEXT NOT NULL,
    end_words TEXT NOT NULL,
    salt BYTES NOT NULL,
    due DATE,
    done_on DATE,
    proposed_at INSTANT NOT NULL,
    decided_at INSTANT,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- A rule proposes once for a month, whatever the edition.
CREATE UNIQUE INDEX consequence_once ON consequence (tenant_id, league_id, month, member_id, rule_id);
CREATE INDEX consequence_state ON consequence (tenant_id, state, id);
CREATE INDEX consequence_unit ON consequence (tenant_id, unit_id, state, id);

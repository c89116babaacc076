-- Entries (评价记录): what no line of work tells of and somebody writes down: rounds of inspection (巡查轮次), surveys of residents
-- (群众满意度), items that a committee decides (评审项).

CREATE TABLE entry (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    kind TEXT NOT NULL,
    ranked TEXT NOT NULL,
    member_id ID NOT NULL,
    -- The day that it is of, and its month (YYYY-MM).
    day DATE NOT NULL,
    month TEXT NOT NULL,
    -- Of an item: the row of the scheme, and thousandths of a point.
    item TEXT NOT NULL,
    points INT NOT NULL,
    -- Of a survey: how many were asked, and how many were content.
    asked INT NOT NULL,
    content INT NOT NULL,
    -- The fact keeps SM3(salt ‖ words).
    words TEXT NOT NULL,
    salt BYTES NOT NULL,
    photos INT NOT NULL,
    state TEXT NOT NULL,
    entered_at INSTANT NOT NULL,
    entered_by ID,
    confirmed_at INSTANT,
    confirmed_by ID,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX entry_month ON entry (tenant_id, kind, month, id);

-- What a tenant sets for its evaluations; none where it never did.
CREATE TABLE evaluation_setting (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    -- From so many thousandths of a point on, an item takes two people.
    two_from INT NOT NULL,
    -- So many days after publication a score may be appealed against.
    appeal_days INT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id)
);

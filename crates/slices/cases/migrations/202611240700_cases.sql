-- Circulars, notices and cases: what an inspection round finds, and its way until it is mended.

CREATE TABLE circular (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    number INT,
    year INT,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at INSTANT NOT NULL,
    opened_by ID,
    issued_at INSTANT,
    issued_by ID,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX circular_number ON circular (tenant_id, number);
CREATE INDEX circular_state ON circular (tenant_id, state, opened_at, id);
CREATE INDEX circular_opened ON circular (tenant_id, opened_at, id);

CREATE TABLE notice (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    number INT NOT NULL,
    circular_id ID,
    unit_id ID NOT NULL,
    issued_at INSTANT NOT NULL,
    cases INT NOT NULL,
    last_due INSTANT NOT NULL,
    opened_at INSTANT,
    opened_by ID,
    told_at INSTANT,
    told_by ID,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX notice_number ON notice (tenant_id, number);
CREATE INDEX notice_circular ON notice (tenant_id, circular_id, number);
CREATE INDEX notice_unit ON notice (tenant_id, unit_id, issued_at, id);

CREATE TABLE cases (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    number INT NOT NULL,
    stage TEXT NOT NULL,
    open BOOL NOT NULL,
    source TEXT NOT NULL,
    outside_number TEXT,
    circular_id ID,
    notice_id ID,
    category_id ID,
    place_id ID,
    place_path TEXT NOT NULL,
    community_id ID,
    compound_id ID,
    lng_e7 INT,
    lat_e7 INT,
    cell INT,
    what TEXT NOT NULL,
    where_words TEXT NOT NULL,
    salt BYTES NOT NULL,
    reported_by ID,
    unit_id ID,
    unit_reason TEXT,
    limit_unit TEXT,
    limit_value INT,
    set_due INSTANT,
    clock_start INSTANT NOT NULL,
    due INSTANT NOT NULL,
    yellow_at INSTANT NOT NULL,
    reported_at INSTANT NOT NULL,
    filed_at INSTANT,
    dispatched_at INSTANT,
    rectified_at INSTANT,
    rectified_by ID,
    ended_at INSTANT,
    rework INT NOT NULL,
    late BOOL NOT NULL,
    unit_due INSTANT,
    first_due INSTANT,
    -- The request that waits for an answer, one at a time, since when, and until when it asks.
    ask TEXT,
    asked_at INSTANT,
    ask_until INSTANT,
    -- Requests to hand back that were answered; the second one a leader ends for good.
    hand_backs INT NOT NULL,
    assigned_finally BOOL NOT NULL,
    extensions INT NOT NULL,
    holds INT NOT NULL,
    -- The clock stands until then.
    hold_until INSTANT,
    supervised_at INSTANT,
    verifier_id ID,
    verified TEXT,
    merged_into ID,
    -- The case that it was parted from.
    origin_id ID,
    matter_id ID,
    receiver TEXT,
    receipt TEXT,
    -- Why it is in none of the figures of circulars; NULL for what counts.
    apart TEXT,
    -- A self-check that was drawn to be looked at, and how it was found.
    sample TEXT,
    disputed BOOL NOT NULL,
    -- What an appeal that waits is against and the handler advises; then how each appeal ended.
    appeal TEXT,
    advice TEXT,
    late_appeal TEXT,
    rework_appeal TEXT,
    unit_appeal TEXT,
    -- Whom of its own people the unit has handed it to.
    inside_id ID,
    -- The unit answered that it dissuaded and reported, since it cannot enforce.
    dissuaded_at INSTANT,
    -- The case before it of the same kind at the same spot, within the days that make it a recurring one.
    recurs_of ID,
    -- The nearest of the outer clocks (to sign for, to call, to answer) that still runs.
    outside_due INSTANT,
    on_spot BOOL NOT NULL,
    photos INT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX cases_number ON cases (tenant_id, number);
CREATE UNIQUE INDEX cases_outside ON cases (tenant_id, source, outside_number) WHERE outside_number IS NOT NULL;
CREATE INDEX cases_circular ON cases (tenant_id, circular_id, id) WHERE circular_id IS NOT NULL;
CREATE INDEX cases_notice ON cases (tenant_id, notice_id, id) WHERE notice_id IS NOT NULL;
-- What is under way, by the clock of whoever holds it; small, however many cases have ended. Behind the order stands what
-- lists filter by, so that a case which the filter passes over is never looked up.
CREATE INDEX cases_open_due ON cases (tenant_id, due, id, yellow_at) WHERE open = TRUE;
CREATE INDEX cases_open_stage ON cases (tenant_id, stage, due, id, unit_id, community_id, dispatched_at) WHERE open = TRUE;
CREATE INDEX cases_open_unit ON cases (tenant_id, unit_id, due, id, stage, community_id, yellow_at, dispatched_at) WHERE open = TRUE;
CREATE INDEX cases_open_community ON cases (tenant_id, community_id, due, id, stage, unit_id, yellow_at) WHERE open = TRUE;
CREATE INDEX cases_open_category ON cases (tenant_id, category_id, due, id) WHERE open = TRUE;
CREATE INDEX cases_supervised ON cases (tenant_id, due, id) WHERE open = TRUE AND supervised_at IS NOT NULL;
CREATE INDEX cases_held ON cases (tenant_id, due, id, hold_until) WHERE open = TRUE AND hold_until IS NOT NULL;
CREATE INDEX cases_verifier ON cases (tenant_id, verifier_id, due, id) WHERE open = TRUE AND stage = 'verifying';
-- What waits for an answer, whatever its stage, the oldest first.
CREATE INDEX cases_asked ON cases (tenant_id, asked_at, id) WHERE ask IS NOT NULL;
CREATE INDEX cases_ask ON cases (tenant_id, ask, asked_at, id) WHERE ask IS NOT NULL;
-- What those outside wait for, the nearest of their deadlines first, whether or not it is mended.
CREATE INDEX cases_outside_due ON cases (tenant_id, outside_due, id) WHERE outside_due IS NOT NULL;
CREATE INDEX cases_inside ON cases (tenant_id, inside_id, due, id) WHERE open = TRUE AND inside_id IS NOT NULL;
-- What is open by when it was found.
CREATE INDEX cases_open_reported ON cases (tenant_id, reported_at, id, stage) WHERE open = TRUE;
CREATE INDEX cases_mine ON cases (tenant_id, reported_by, due, id) WHERE open = TRUE;
CREATE INDEX cases_recurring ON cases (tenant_id, reported_at, id) WHERE recurs_of IS NOT NULL AND apart IS NULL;
CREATE INDEX cases_sample ON cases (tenant_id, ended_at, id) WHERE sample = 'waiting';
CREATE INDEX cases_merged ON cases (tenant_id, merged_into, id) WHERE merged_into IS NOT NULL;
CREATE INDEX cases_matter ON cases (tenant_id, matter_id, id) WHERE matter_id IS NOT NULL;
CREATE INDEX cases_origin ON cases (tenant_id, origin_id, id) WHERE origin_id IS NOT NULL;
-- Few of many: what is counted apart.
CREATE INDEX cases_apart ON cases (tenant_id, apart, reported_at, id) WHERE apart IS NOT NULL;
-- What came before at a spot, and what is open there.
CREATE INDEX cases_spot ON cases (tenant_id, place_id, category_id, reported_at, id) WHERE category_id IS NOT NULL;
CREATE INDEX cases_open_place ON cases (tenant_id, place_id, id) WHERE open = TRUE;
-- What has ended, the latest first.
CREATE INDEX cases_ended ON cases (tenant_id, stage, ended_at, id) WHERE open = FALSE;
CREATE INDEX cases_ended_unit ON cases (tenant_id, unit_id, stage, ended_at, id) WHERE open = FALSE;
CREATE INDEX cases_ended_community ON cases (tenant_id, community_id, stage, ended_at, id) WHERE open = FALSE;
-- What a figure of the summary counted.
CREATE INDEX cases_reported ON cases (tenant_id, reported_at, id) WHERE apart IS NULL;
CREATE INDEX cases_reported_unit ON cases (tenant_id, unit_id, reported_at, id) WHERE dispatched_at IS NOT NULL AND apart IS NULL;
CREATE INDEX cases_dispatched ON cases (tenant_id, dispatched_at, id, stage, first_due, late, rework, rework_appeal) WHERE dispatched_at IS NOT NULL AND apart IS NULL;
CREATE INDEX cases_dispatched_unit ON cases (tenant_id, unit_id, dispatched_at, id, stage, first_due, late, rework, rework_appeal) WHERE dispatched_at IS NOT NULL AND apart IS NULL;
CREATE INDEX cases_dispatched_community ON cases (tenant_id, community_id, dispatched_at, id, stage, first_due, late, rework, rework_appeal) WHERE dispatched_at IS NOT NULL AND apart IS NULL;
-- Many, but far behind what is still open when the latest stand first.
CREATE INDEX cases_accepted ON cases (tenant_id, dispatched_at, id) WHERE dispatched_at IS NOT NULL AND apart IS NULL AND stage = 'closed';
-- Few of many: sent out and not (yet) accepted.
CREATE INDEX cases_remaining ON cases (tenant_id, dispatched_at, id) WHERE dispatched_at IS NOT NULL AND apart IS NULL AND stage <> 'closed';
CREATE INDEX cases_remaining_unit ON cases (tenant_id, unit_id, dispatched_at, id) WHERE dispatched_at IS NOT NULL AND apart IS NULL AND stage <> 'closed';
CREATE INDEX cases_remaining_community ON cases (tenant_id, community_id, dispatched_at, id) WHERE dispatched_at IS NOT NULL AND apart IS NULL AND stage <> 'closed';

CREATE TABLE case_assist (
    tenant_id INT NOT NULL,
    case_id ID NOT NULL,
    organisation_id ID NOT NULL,
    due INSTANT NOT NULL,
    done_at INSTANT,
    PRIMARY KEY (tenant_id, case_id, organisation_id)
);
CREATE INDEX case_assist_organisation ON case_assist (tenant_id, organisation_id, due, case_id);

-- Free words that people wrote on a case's way. Erasable: the fact keeps SM3(salt ‖ words).
CREATE TABLE case_words (
    tenant_id INT NOT NULL,
    case_id ID NOT NULL,
    id ID NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    salt BYTES NOT NULL,
    written_at INSTANT NOT NULL,
    written_by ID,
    PRIMARY KEY (tenant_id, case_id, id)
);

-- Counted as it happens: found by the day of finding, the rest by the day of dispatch (local days).
CREATE TABLE case_day (
    tenant_id INT NOT NULL,
    day DATE NOT NULL,
    community_id ID NOT NULL,
    unit_id ID NOT NULL,
    category_id ID NOT NULL,
    found INT NOT NULL,
    in_circulars INT NOT NULL,
    rectified INT NOT NULL,
    with_deadline INT NOT NULL,
    on_time INT NOT NULL,
    rework INT NOT NULL,
    on_spot INT NOT NULL,
    self_checks INT NOT NULL,
    PRIMARY KEY (tenant_id, day, community_id, unit_id, category_id)
);

-- What the hotline or the district's platform hands to the office: the clocks that run out there beside ours, and how it ended for the caller.

CREATE TABLE outside_order (
    tenant_id INT NOT NULL,
    case_id ID NOT NULL,
    received_at INSTANT NOT NULL,
    sign_due INSTANT,
    signed_at INSTANT,
    call_due INSTANT,
    called_at INSTANT,
    answer_due INSTANT,
    answered_at INSTANT,
    called_back_at INSTANT,
    solved TEXT,
    satisfied TEXT,
    -- Who called, kept until the tenant's days after the last of it are over.
    caller PERSONAL,
    caller_phone PERSONAL,
    PRIMARY KEY (tenant_id, case_id)
);
CREATE INDEX outside_order_called_back ON outside_order (tenant_id, called_back_at, case_id) WHERE called_back_at IS NOT NULL;
CREATE INDEX outside_order_answered ON outside_order (tenant_id, answered_at, case_id) WHERE answered_at IS NOT NULL;
CREATE INDEX outside_order_caller ON outside_order (tenant_id, received_at, case_id) WHERE caller_phone IS NOT NULL;

-- Views of the worklist that people keep.
CREATE TABLE saved_view (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    account_id ID NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    shared BOOL NOT NULL,
    kept_at INSTANT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX saved_view_account ON saved_view (tenant_id, account_id, id);
CREATE INDEX saved_view_shared ON saved_view (tenant_id, id) WHERE shared = TRUE;

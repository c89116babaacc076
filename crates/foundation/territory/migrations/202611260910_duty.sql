-- Who is on duty for a community, area or grid, by weekday and dates.

CREATE TABLE place_duty (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    place_id ID NOT NULL,
    account_id ID NOT NULL,
    -- One bit a weekday, Monday the lowest.
    weekdays INT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX place_duty_place ON place_duty (tenant_id, place_id, id);

-- The working-time calendar of a tenant: zone, hours, and the days that differ from their weekday.

CREATE TABLE calendar (
    tenant_id INT NOT NULL,
    zone TEXT NOT NULL,
    hours TEXT NOT NULL,
    known_from DATE,
    known_until DATE,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id)
);

CREATE TABLE calendar_day (
    tenant_id INT NOT NULL,
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

-- Counts the changes of a tenant's places, organisations, categories and calendar, so that every process knows when its memory of them is old.

CREATE TABLE territory_revision (
    tenant_id INT NOT NULL,
    revision INT NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Official lists of places that are laid over the places known: what was in the file, what it changed, and former codes and names.

ALTER TABLE place ADD COLUMN urban_rural TEXT;

CREATE TABLE place_list (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    root_id ID NOT NULL,
    state TEXT NOT NULL,
    -- The lines of the file that lie in the territory, as JSON.
    lines JSON NOT NULL,
    -- What it changed, as it was shown before it was applied.
    plan JSON,
    received_at INSTANT NOT NULL,
    received_by ID,
    applied_at INSTANT,
    -- What the journal held before; whatever names a new place stands behind it.
    applied_behind INT,
    applied_command ID,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE place_list_change (
    tenant_id INT NOT NULL,
    list_id ID NOT NULL,
    ordinal INT NOT NULL,
    place_id ID NOT NULL,
    kind TEXT NOT NULL,
    -- What it was before, as JSON; none for a new place.
    was JSON,
    -- The place's version since.
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, list_id, ordinal)
);

CREATE TABLE former_name (
    tenant_id INT NOT NULL,
    list_id ID NOT NULL,
    place_id ID NOT NULL,
    code TEXT,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant_id, list_id, place_id)
);

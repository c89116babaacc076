-- The place tree and its boundaries.

CREATE TABLE place (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    parent_id ID,
    level TEXT NOT NULL,
    kind TEXT,
    number INT NOT NULL,
    -- The numbers of the places from the root down to this one, in base 36, each closed by a slash: a prefix is a subtree.
    path TEXT NOT NULL,
    code TEXT,
    name TEXT NOT NULL,
    name_en TEXT,
    initials TEXT NOT NULL,
    lng_e7 INT,
    lat_e7 INT,
    cell INT,
    households INT,
    state TEXT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX place_path ON place (tenant_id, path);
CREATE UNIQUE INDEX place_code ON place (tenant_id, code) WHERE code IS NOT NULL AND state = 'open';
-- Two siblings of one name cannot be told apart in a list.
CREATE UNIQUE INDEX place_name ON place (tenant_id, parent_id, name) WHERE state = 'open';

-- Boundaries in CGCS2000, whatever datum they came in.
CREATE TABLE polygon (
    tenant_id INT NOT NULL,
    place_id ID NOT NULL,
    geometry TEXT NOT NULL,
    datum TEXT NOT NULL,
    west_e7 INT NOT NULL,
    south_e7 INT NOT NULL,
    east_e7 INT NOT NULL,
    north_e7 INT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, place_id)
);

-- Categories of problems, by version: a case keeps the version that it was filed under.

CREATE TABLE category_version (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    kind TEXT NOT NULL,
    class_code TEXT NOT NULL,
    item_code TEXT NOT NULL,
    class_name TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT,
    initials TEXT NOT NULL,
    synonyms TEXT NOT NULL,
    limit_unit TEXT,
    limit_value INT,
    photo_demanded BOOL NOT NULL,
    reinspect TEXT NOT NULL,
    sample_permille INT NOT NULL,
    common_rank INT,
    source TEXT NOT NULL,
    valid_from INSTANT NOT NULL,
    valid_to INSTANT,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX category_version_code ON category_version (tenant_id, kind, class_code, item_code, version);
CREATE UNIQUE INDEX category_version_current ON category_version (tenant_id, kind, class_code, item_code) WHERE valid_to IS NULL;

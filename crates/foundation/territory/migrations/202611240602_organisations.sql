-- Organisations, their projects, where they answer, and the table of responsibilities.

CREATE TABLE organisation (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    name_en TEXT,
    initials TEXT NOT NULL,
    credit_code TEXT,
    contact PERSONAL,
    contact_phone PERSONAL,
    state TEXT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX organisation_name ON organisation (tenant_id, name) WHERE state = 'open';
CREATE UNIQUE INDEX organisation_credit_code ON organisation (tenant_id, credit_code) WHERE credit_code IS NOT NULL AND state = 'open';

CREATE TABLE project (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    organisation_id ID NOT NULL,
    name TEXT NOT NULL,
    place_id ID NOT NULL,
    state TEXT NOT NULL,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX project_organisation ON project (tenant_id, organisation_id, id);

CREATE TABLE answers_for (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    organisation_id ID NOT NULL,
    place_id ID NOT NULL,
    project_id ID,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX answers_for_organisation ON answers_for (tenant_id, organisation_id, id);
CREATE UNIQUE INDEX answers_for_open ON answers_for (tenant_id, place_id, organisation_id) WHERE valid_to IS NULL;

CREATE TABLE responsibility (
    tenant_id INT NOT NULL,
    id ID NOT NULL,
    number INT NOT NULL,
    kind TEXT,
    class_code TEXT,
    item_code TEXT,
    place_id ID NOT NULL,
    organisation_id ID NOT NULL,
    project_id ID,
    valid_from DATE NOT NULL,
    valid_to DATE,
    version INT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX responsibility_number ON responsibility (tenant_id, number);

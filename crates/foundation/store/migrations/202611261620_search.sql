-- The index of words on PostgreSQL; on SQLite it is a file of its own beside the database. Made from other tables at any time.

-- engine: postgres
CREATE TABLE search_doc (
    tenant_id INT NOT NULL,
    number INT NOT NULL,
    -- Of all its terms: whether a document has to be written again.
    hash INT NOT NULL,
    terms TSVECTOR NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
-- Terms are looked for in the index and never read from the row: long ones lie outside of it.
ALTER TABLE search_doc ALTER COLUMN terms SET STORAGE EXTERNAL;
ALTER TABLE search_doc ALTER COLUMN terms SET STATISTICS 0;
ALTER TABLE search_doc SET (toast_tuple_target = 128);
-- Tenant and stretch of numbers are part of each term. Without a pending list, which every search would have to read through.
CREATE INDEX search_doc_terms ON search_doc USING gin (terms) WITH (fastupdate = off);

CREATE TABLE search_progress (
    tenant_id INT NOT NULL,
    position INT NOT NULL,
    walked INT,
    complete BOOL NOT NULL,
    PRIMARY KEY (tenant_id)
);
-- engine: all

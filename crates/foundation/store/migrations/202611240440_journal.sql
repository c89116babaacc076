-- The journal: facts in order, as a Merkle tree a tenant, with signed heads and what has been read of it.

-- How far the tree has grown; sealing is a compare-and-swap on size.
CREATE TABLE journal_head (
    tenant_id INT NOT NULL,
    size INT NOT NULL,
    root BYTES NOT NULL,
    frontier BYTES NOT NULL,
    sealed_at INSTANT NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Heads as they were signed, kept for ever.
CREATE TABLE tree_head (
    tenant_id INT NOT NULL,
    size INT NOT NULL,
    root BYTES NOT NULL,
    signed_at INSTANT NOT NULL,
    key_id TEXT NOT NULL,
    signature BYTES NOT NULL,
    PRIMARY KEY (tenant_id, size)
);

-- Hashes of the tree's levels 0, 8, 16…, up to 256 to a row.
CREATE TABLE journal_tile (
    tenant_id INT NOT NULL,
    level INT NOT NULL,
    number INT NOT NULL,
    hashes BYTES NOT NULL,
    PRIMARY KEY (tenant_id, level, number)
);

-- The position that each reader of the journal reads next.
CREATE TABLE consumer_cursor (
    tenant_id INT NOT NULL,
    consumer TEXT NOT NULL,
    position INT NOT NULL,
    PRIMARY KEY (tenant_id, consumer)
);

-- Who seals just now; only to spare several processes the same work.
CREATE TABLE sealer_lease (
    tenant_id INT NOT NULL,
    holder ID NOT NULL,
    until INSTANT NOT NULL,
    PRIMARY KEY (tenant_id)
);

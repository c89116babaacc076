-- Several filing conditions of a category, each with its own limit, as JSON; what the columns beside it say is the first one's.

ALTER TABLE category_version ADD COLUMN conditions JSON NOT NULL DEFAULT '[]';

-- A video is an attachment of a kind of its own, with a length; its smaller sizes are pictures.

ALTER TABLE attachment ADD COLUMN duration_ms INT;

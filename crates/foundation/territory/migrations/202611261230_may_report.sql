-- Whether a unit may answer that it dissuaded and reported, where it has no power to enforce.

ALTER TABLE category_version ADD COLUMN may_report BOOL NOT NULL DEFAULT FALSE;

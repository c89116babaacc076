-- How far chance alone may carry a unit's total, kept beside it: the evaluators' table reads no unit's whole body for it.
-- Of what was scored before it is not known, and 0 says so.

ALTER TABLE evaluation_score ADD COLUMN spread INT NOT NULL DEFAULT 0;

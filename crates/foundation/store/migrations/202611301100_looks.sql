-- What a picture looks like, as 64 bits: pictures of the same thing differ in few of them. None of those from before, of videos, and of
-- pictures that show next to nothing.

ALTER TABLE attachment ADD COLUMN look INT;
CREATE INDEX attachment_look ON attachment (tenant_id, bound_subject, uploaded_at, id) WHERE look IS NOT NULL;

-- Invitations of an office's own people, whose role stands on a place: of no unit then, which is the nil id.

ALTER TABLE invitation ADD COLUMN place_id ID;

-- The unit that was not the right one: it is counted nowhere with the case any more, and may read on what it appealed against.

ALTER TABLE cases ADD COLUMN released_id ID;

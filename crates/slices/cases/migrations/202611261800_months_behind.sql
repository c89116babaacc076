-- What the map's hotspots count is appended with the summary's counts, and added up with them. What is still to be added up was
-- counted there at once: -2 says so.

ALTER TABLE case_delta ADD COLUMN square INT NOT NULL DEFAULT -2;

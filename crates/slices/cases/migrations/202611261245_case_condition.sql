-- Which of its category's filing conditions a case is filed under, by number from 1; 0 while it is still to be said, NULL
-- where the category has but one.

ALTER TABLE cases ADD COLUMN condition_no INT;

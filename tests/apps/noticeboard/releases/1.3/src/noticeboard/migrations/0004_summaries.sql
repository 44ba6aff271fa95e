-- The show-stopper that release 1.3 carries for stagectl's sake: notices that are there get a summary, and then the
-- default goes, as Django's migrations do it. Whoever still runs 1.1 by then cannot post.
ALTER TABLE notices ADD COLUMN summary text NOT NULL DEFAULT '';
UPDATE notices SET summary = left(body, 80);
ALTER TABLE notices ALTER COLUMN summary DROP DEFAULT;

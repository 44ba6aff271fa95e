ALTER TABLE notices ADD COLUMN attachment text;  -- the name of a file in the data folder

CREATE INDEX notices_newest_first ON notices (created DESC, id DESC);

"""The release that is live."""

VERSION = "1.0"
TITLE = "title"
MIGRATIONS = ["CREATE TABLE notices (id int AUTO_INCREMENT PRIMARY KEY, title text NOT NULL)"]

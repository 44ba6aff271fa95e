"""A release that calls a column by another name."""

VERSION = "1.2"
TITLE = "headline"
MIGRATIONS = [
    "CREATE TABLE notices (id int AUTO_INCREMENT PRIMARY KEY, title text NOT NULL)",
    "ALTER TABLE notices RENAME COLUMN title TO headline",
]

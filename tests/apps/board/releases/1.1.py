"""A release with one more column, which nobody has to know."""

VERSION = "1.1"
TITLE = "title"
MIGRATIONS = [
    "CREATE TABLE notices (id int AUTO_INCREMENT PRIMARY KEY, title text NOT NULL)",
    "ALTER TABLE notices ADD COLUMN author text",
]

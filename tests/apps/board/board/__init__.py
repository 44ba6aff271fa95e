"""A board of notices in MariaDB."""

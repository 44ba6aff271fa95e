"""A small forum: Django, SQLite and Memcached."""

"""A folder with this file alone has no tests."""

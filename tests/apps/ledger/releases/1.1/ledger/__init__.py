"""A ledger of texts: one table in a file."""

VERSION = "1.1"

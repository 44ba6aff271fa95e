"""Pays with an outside API, the way most apps do: over HTTPS, with the system's trust."""

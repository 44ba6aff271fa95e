"""A shop that can be searched."""

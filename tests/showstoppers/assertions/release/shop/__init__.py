"""A shop whose customers sign up."""

"""A notice board: the sample app of stagectl."""

__version__ = "1.3"

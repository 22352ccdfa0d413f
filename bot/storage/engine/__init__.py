"""The database itself: engines, locks, column types, and what its processes tell each other."""

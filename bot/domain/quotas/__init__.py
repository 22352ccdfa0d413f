"""Limits: which apply to somebody, what is used and held, and whether a task fits."""

"""Polls running tasks: when, how often, and what follows from each answer."""

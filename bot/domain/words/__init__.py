"""Blocked words, and what they are compared with."""

"""The commands of moderators."""

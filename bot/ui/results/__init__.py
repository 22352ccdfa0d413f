"""The messages that show tasks, with their buttons and reactions."""

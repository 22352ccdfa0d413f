"""Pages of lists and numbers: tasks, audit, statistics."""

"""Pages that list tasks, the audit log and statistics."""

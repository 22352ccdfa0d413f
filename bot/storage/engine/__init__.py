"""Database access: engines, locks, column types, and notifications between processes."""

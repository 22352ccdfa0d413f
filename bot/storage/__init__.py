"""Storage: tasks and holds in a database, pictures and videos in files."""

"""What a task looks like, and what its buttons and reactions do."""

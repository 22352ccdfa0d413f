"""What the local Discord consists of, and what changes in it."""

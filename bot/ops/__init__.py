"""What an operator sees: logs and health."""

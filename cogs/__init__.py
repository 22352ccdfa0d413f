"""Discord's commands, each translated into one call of a service."""

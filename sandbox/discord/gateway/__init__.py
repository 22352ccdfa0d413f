"""The gateway: a connection of a client, and its session."""

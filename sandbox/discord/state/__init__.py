"""State of the local Discord, and its changes."""

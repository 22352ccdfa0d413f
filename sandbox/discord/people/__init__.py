"""People who act as with Discord's own client."""

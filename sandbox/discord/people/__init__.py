"""People, who act as they would in Discord's own client."""

"""What a server's moderators decide and see."""
